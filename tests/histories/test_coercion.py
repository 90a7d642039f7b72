import datetime
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.histories.coercion import MIXED_RULE, coerce

UTC = datetime.UTC


def coerced(values, kind, **series_options):
    return coerce(pd.Series(values, **series_options), kind)


@pytest.mark.parametrize(
    ("values", "expected", "bad"),
    [
        ([1, 2], ["1", "2"], []),
        ([12.0, np.nan], ["12", None], []),
        ([1.5, np.inf, 2.0**60], [None] * 3, [0, 1, 2]),
        (["a", "", "  ", None], ["a", None, None, None], []),
        ([True, False], [None, None], [0, 1]),
        ([7, "7", 7.0, Decimal(7), np.int64(7)], ["7"] * 5, []),
        ([b"x", 1, [1], float("nan"), True], [None, "1", None, None, None], [0, 2, 4]),
        ([Decimal("1.5"), Decimal("NaN"), "x"], [None, None, "x"], [0]),
        (["a\x00b", "c"], [None, "c"], [0]),
        ([datetime.date(2010, 1, 1)], [None], [0]),
        ([None, None], [None, None], []),
        ([], [], []),
    ],
)
def test_ids_become_text_where_nothing_is_lost(values, expected, bad):
    result = coerced(values, "text")
    assert result.values.astype(object).where(result.values.notna(), None).tolist() == expected
    assert np.flatnonzero(result.bad).tolist() == bad


@pytest.mark.parametrize(
    "dtype", ["str", "category", "object", pd.ArrowDtype(pa.string()), pd.StringDtype("python")]
)
def test_text_of_every_dtype_is_read_alike(dtype):
    result = coerced(["x", None, "y"], "text", dtype=dtype)
    assert result.values.tolist()[::2] == ["x", "y"]
    assert result.values.isna().tolist() == [False, True, False]
    assert not result.bad.any()


@pytest.mark.parametrize("dtype", ["Int64", "int32", "float64", pd.ArrowDtype(pa.int64())])
def test_whole_numbers_of_every_dtype_become_their_digits(dtype):
    assert coerced([4, 10], "text", dtype=dtype).values.tolist() == ["4", "10"]


def test_a_uuid_is_an_id():
    number = uuid.uuid4()
    assert coerced([number], "text").values.tolist() == [str(number)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2012-01-31", "2012-01-31"),
        (" 2012-01-31 ", "2012-01-31"),
        ("2012-01-31T14:30", "2012-01-31 14:30"),
        ("2012-01-31 14:30:05", "2012-01-31 14:30:05"),
        ("2012-01-31T14:30:05.123456", "2012-01-31 14:30:05.123456"),
        ("2012-01-31T14:30:05.123456000", "2012-01-31 14:30:05.123456"),
        ("2012-07-01T01:00:00+01:00", "2012-07-01 00:00"),
        ("2012-07-01T01:00:00 -0130", "2012-07-01 02:30"),
        ("2012-07-01T01:00Z", "2012-07-01 01:00"),
    ],
)
def test_iso_text_is_a_time(text, expected):
    result = coerced([text], "time")
    assert result.values.tolist() == [pd.Timestamp(expected)]
    assert result.values.dtype == "datetime64[us]"
    assert result.aware is ("Z" in text or "+" in text or " -" in text)


@pytest.mark.parametrize(
    "value",
    [
        "31/01/2012",
        "01-02-2012",
        "2012",
        "20120131",
        "2012-02-30",
        "2012-01-31T25:00",
        "2012-01-31T14:30:05.1234567",
        "yesterday",
        20120131,
        3.5,
        True,
        datetime.time(1, 2),
    ],
)
def test_what_is_no_iso_time_is_never_guessed(value):
    result = coerced([value], "time")
    assert result.bad.tolist() == [True]
    assert result.values.isna().all()


def test_dates_datetimes_and_timestamps_may_stand_in_one_column():
    values = [
        datetime.date(2012, 1, 1),
        datetime.datetime(2012, 1, 1, 5),
        pd.Timestamp("2012-01-02"),
        np.datetime64("2012-01-03"),
        "2012-01-04",
        None,
        pd.NaT,
    ]
    result = coerced(values, "time", dtype=object)
    days = ["2012-01-01", "2012-01-01 05:00", "2012-01-02", "2012-01-03", "2012-01-04"]
    assert result.values.tolist()[:5] == [pd.Timestamp(day) for day in days]
    assert result.values.isna().sum() == 2
    assert not result.bad.any()
    assert result.aware is False


def test_times_with_an_offset_become_utc():
    london = pd.Series(pd.to_datetime(["2012-07-01 01:00", None])).dt.tz_localize("Europe/London")
    result = coerce(london, "time")
    assert result.values[0] == pd.Timestamp("2012-07-01 00:00")
    assert result.aware is True
    assert coerce(london[1:], "time").aware is None


@pytest.mark.parametrize(
    "values",
    [
        ["2012-01-01T10:00Z", "2012-01-01T10:00"],
        [datetime.datetime(2012, 1, 1, tzinfo=UTC), datetime.datetime(2012, 1, 1)],
        ["2012-01-01T10:00+01:00", datetime.date(2012, 1, 1)],
    ],
)
def test_a_column_with_and_without_offsets_is_a_fault(values):
    assert coerced(values, "time").fault == MIXED_RULE


def test_different_offsets_are_no_fault():
    result = coerced(["2012-01-01T10:00+01:00", "2012-01-01T09:00Z"], "time")
    assert result.fault == ""
    assert result.values.nunique() == 1


@pytest.mark.parametrize(
    "dtype", ["datetime64[s]", "datetime64[ns]", pd.ArrowDtype(pa.timestamp("ms"))]
)
def test_times_of_every_unit_are_held_in_microseconds(dtype):
    result = coerced(pd.to_datetime(["2012-01-01", None]), "time", dtype=dtype)
    assert result.values.dtype == "datetime64[us]"
    assert result.values[0] == pd.Timestamp("2012-01-01")


def test_arrow_dates_are_midnights():
    result = coerced([datetime.date(2012, 1, 1)], "time", dtype=pd.ArrowDtype(pa.date32()))
    assert result.values[0] == pd.Timestamp("2012-01-01")


def test_nanoseconds_that_would_be_lost_are_refused():
    times = pd.Series(np.array([1_000, 1_001], dtype="datetime64[ns]"))
    assert coerce(times, "time").bad.tolist() == [False, True]


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 12, 31)))
def test_text_and_datetime_of_one_moment_agree(moment):
    as_text = coerced([moment.isoformat()], "time").values
    as_object = coerced([moment], "time", dtype=object).values
    assert as_text[0] == as_object[0] == pd.Timestamp(moment)


@pytest.mark.parametrize(
    ("values", "expected", "bad"),
    [
        (["1980", " 7.5 ", "", None], [1980.0, 7.5, np.nan, np.nan], []),
        (["x", "1,000", "1980s"], [np.nan] * 3, [0, 1, 2]),
        ([True, False], [np.nan] * 2, [0, 1]),
        ([1, True, None, Decimal("2.5")], [1.0, np.nan, np.nan, 2.5], [1]),
        ([1, 2**60], [1.0, np.nan], [1]),
        ([1 + 2j], [np.nan], [0]),
        (["inf", np.inf], [np.inf, np.inf], []),
        ([pd.Timestamp("2010")], [np.nan], [0]),
    ],
)
def test_numbers_are_read_where_nothing_is_lost(values, expected, bad):
    result = coerced(values, "number")
    np.testing.assert_array_equal(result.values.to_numpy(), expected)
    assert np.flatnonzero(result.bad).tolist() == bad


@pytest.mark.parametrize(
    ("values", "expected", "bad"),
    [
        ([True, False], [True, False], []),
        (["True", "no", "FALSE", "yes"], [True, False, False, True], []),
        ([1, 0, 2], [True, False, None], [2]),
        ([1.0, None], [True, None], []),
        (["", None, "maybe"], [None, None, None], [2]),
    ],
)
def test_flags_are_read(values, expected, bad):
    result = coerced(values, "flag")
    assert result.values.astype(object).where(result.values.notna(), None).tolist() == expected
    assert np.flatnonzero(result.bad).tolist() == bad


@pytest.mark.parametrize("kind", ["text", "time", "number", "flag"])
def test_any_index_is_left_behind(kind):
    series = pd.Series([None, None], index=[5, 5])
    assert coerce(series, kind).values.index.tolist() == [0, 1]
