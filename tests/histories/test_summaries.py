import numpy as np
import pandas as pd
import pytest

from riskmodel.histories.events import EventHistories

EVENTS = """
source_id person_id event_time       recorded_time    offence victim_id incident_id
e1        p1        2010-01-01T10:00 2010-01-01T22:00 A       v1        i1
e2        p1        2010-01-01T12:00 2010-01-03T12:00 A       v1        i1
e3        p1        2010-01-01T13:00 2010-01-02T13:00 A       v2        .
e4        .         2010-01-05T10:00 2010-01-15T10:00 B       .         .
"""


def test_the_summary_counts_rows_and_what_is_missing(table):
    people = table("person_id birth_year\np1 1980\np2 .")
    summary = EventHistories(table(EVENTS), people).summary()
    assert summary.loc["events", "rows"] == 4
    assert summary.loc["people", ["rows", "share_missing"]].tolist() == [2, 7 / 8]
    assert np.isnan(summary.loc["spells", "share_missing"])
    assert (summary["set_aside"] == 0).all()
    missing_cells = 1 + 1 + 2 + 4  # person, victim, incident, place
    named_columns = 11  # the ten declared, and person_code
    assert summary.loc["events", "share_missing"] == missing_cells / (4 * named_columns)


def test_likely_duplicates_are_counted_and_not_named(table):
    no_victim = """
e5        p1        2010-01-01T14:00 2010-01-02T13:00 A       .         .
e6        p1        2010-01-01T15:00 2010-01-02T13:00 A       .         .
e7        p1        2010-01-01T15:00 2010-01-02T13:00 A       .         .
e8        p2        2010-01-01T15:00 2010-01-02T13:00 A       .         .
e9        p1        2010-01-02T15:00 2010-01-02T16:00 A       .         .
"""
    updates = table("source_id recorded_time evidence\n" + "e1 2010-06-01 charge\n" * 3)
    counts = EventHistories(table(EVENTS + no_victim.lstrip()), updates=updates).duplicates()
    rows = counts["rows_beyond_first"]
    assert rows["events: same person, day, offence and victim"] == 1
    assert rows["events: same person, day and offence, no victim named"] == 2
    assert counts["groups"]["events: same person, day and offence, no victim named"] == 1
    assert rows["events: same person, offence and incident"] == 1
    assert rows["updates: same record, time and evidence"] == 2
    assert rows["spells: same person, start and kind"] == 0
    assert counts.loc["updates: same record, time and evidence", "groups"] == 1
    assert not counts.to_string().count("p1")


def test_reporting_lag_is_in_days_over_named_and_unnamed_events(table):
    lag = EventHistories(table(EVENTS)).reporting_lag(["A", "Z"])
    assert lag.loc["all", "n"] == 4
    assert lag.loc["all", "longest"] == 10
    assert lag.loc["all", "median"] == pytest.approx(1.5)
    assert lag.loc["A", "mean"] == pytest.approx((0.5 + 2 + 1) / 3)
    assert lag.loc["Z", "n"] == 0
    assert np.isnan(lag.loc["Z", "median"])


def test_quantiles_rise(small_world):
    lag = small_world.histories.reporting_lag()
    assert lag.loc["all"].drop(["n", "mean"]).is_monotonic_increasing


@pytest.mark.parametrize(
    "values", [["x", None], [1.5, np.nan], [1, 2], [True, None], [pd.Timestamp("2010"), pd.NaT]]
)
def test_the_digest_reads_covariates_of_any_type(values, table):
    people = pd.DataFrame({"person_id": ["p1", "p2"], "more": pd.Series(values)})
    digest = EventHistories(table(EVENTS), people).digest()
    assert digest == EventHistories(table(EVENTS), people[::-1]).digest()
    changed = people.assign(more=people["more"].iloc[::-1].to_numpy())
    assert digest != EventHistories(table(EVENTS), changed).digest()


def test_the_digest_tells_a_missing_value_from_its_name(table):
    people = pd.DataFrame({"person_id": ["p1"], "more": ["nan"]})
    missing = people.assign(more=pd.Series([None], dtype="str"))
    digests = {EventHistories(table(EVENTS), frame).digest() for frame in (people, missing)}
    assert len(digests) == 2
