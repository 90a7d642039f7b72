"""One moment, however it is written: as a timestamp, and as microseconds without pandas."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.moments import to_microseconds, to_timestamp

ZONES = (None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)))


def test_a_moment_is_read_as_the_tables_hold_it():
    assert to_timestamp(datetime.date(2012, 1, 1)) == pd.Timestamp("2012-01-01")
    assert to_timestamp("2012-01-01T00:30+01:00") == pd.Timestamp("2011-12-31 23:30")
    assert to_timestamp("2012-01-01").unit == "us"


@pytest.mark.parametrize("value", ["soon", None, pd.NaT, [1]])
def test_what_is_no_moment_is_refused_by_name(value):
    with pytest.raises(SchemaError, match="known_at"):
        to_timestamp(value, "known_at")
    with pytest.raises(SchemaError, match="known_at"):
        to_microseconds(value, "known_at")


@given(
    st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)),
    st.sampled_from(ZONES),
)
def test_every_way_of_writing_a_moment_is_the_same_moment(moment, zone):
    aware = moment.replace(tzinfo=zone)
    expected = int(to_timestamp(aware).to_datetime64().astype(np.int64))
    for written in (aware, aware.isoformat(), aware.isoformat(" "), pd.Timestamp(aware)):
        assert to_microseconds(written) == expected
    if zone is None:
        day = moment.date()
        assert to_microseconds(np.datetime64(moment, "us")) == expected
        assert to_microseconds(day) == to_microseconds(day.isoformat())


def test_what_is_not_iso_8601_is_read_by_pandas():
    assert to_microseconds("2012") == to_microseconds("2012-01-01")
    assert to_microseconds("1 March 2012") == to_microseconds(datetime.date(2012, 3, 1))
