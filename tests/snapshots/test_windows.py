import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.snapshots.windows import every, instant, instant_us, instants, window_us


def test_a_zone_aware_date_is_taken_to_utc():
    assert instant("2020-06-01T00:00+01:00") == pd.Timestamp("2020-05-31 23:00")


def test_instants_are_sorted_and_distinct():
    assert list(instants(["2020-01-02", "2020-01-01", "2020-01-02"])) == [
        pd.Timestamp("2020-01-01"),
        pd.Timestamp("2020-01-02"),
    ]


@pytest.mark.parametrize("wrong", ["not a date", None, pd.NaT, []])
def test_what_is_no_date_is_a_clear_error(wrong):
    with pytest.raises(RiskModelError, match=r"date"):
        instants(wrong) if isinstance(wrong, list) else instant(wrong)


def test_microseconds_agree_with_numpy():
    moment = "2003-04-05T06:07:08.000009"
    assert instant_us(moment) == np.datetime64(moment, "us").astype(np.int64)


def test_ever_is_longer_than_any_history():
    assert window_us(None) > window_us(365 * 10_000)


def test_an_empty_range_of_dates_is_an_error():
    with pytest.raises(RiskModelError, match="widen"):
        every("MS", "2020-01-02", "2020-01-03")
