import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import LateReportsWarning, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.outcomes import outcome_events
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.totals import totals

OFFENCES = OffenceTable.from_frame(
    pd.DataFrame(
        {
            "offence": ["minor", "grave"],
            "harm": [2.0, 1000.0],
            "group": ["g", "g"],
            "serious": [False, True],
        }
    ),
    edition="test",
    source="made for the test",
)
EVENTS = pd.DataFrame(
    [
        ("e0", "ann", "2010-01-01", "2010-01-01", "minor", None, "reported"),
        ("e1", "ann", "2011-01-01", "2011-01-01", "grave", "v1", "reported"),
        ("e2", "ann", "2011-12-31", "2012-03-01", "minor", "v1", "reported"),
        ("e3", "ann", "2012-01-01", "2012-01-01", "grave", "v2", "reported"),
        ("e4", "ben", "2010-06-01", "2010-06-01", "minor", None, "reported"),
        ("e5", "ben", "2010-12-31", "2011-02-01", "grave", "v3", "reported"),
        ("e6", "ben", "2011-05-01", "2011-05-01", "grave", "v3", "police_generated"),
        ("e7", None, "2011-06-01", "2011-06-01", "grave", "v4", "reported"),
    ],
    columns=[
        "source_id",
        "person_id",
        "event_time",
        "recorded_time",
        "offence",
        "victim_id",
        "origin",
    ],
)
TABLES = {"dates_only": True, "data_start": "2009-01-01", "data_end": "2013-01-01"}


def build(*, known_at="2013-01-01", updates=None, as_of="2011-01-01", allowance=0, **outcome):
    task = Task(
        offences=OFFENCES,
        cohort=Cohort(lookback_days=None),
        outcome=Outcome(horizon_days=365, **outcome),
        features=(Feature("count"),),
    )
    tables = EventHistories(EVENTS, updates=updates, **TABLES)
    return build_snapshots(
        tables, task, as_of=as_of, known_at=known_at, late_allowance_days=allowance
    )


def row(snapshots, person):
    position = list(snapshots.person_id).index(person)
    return {
        name: getattr(snapshots, name).iloc[position]
        for name in ("y", "harm", "harm_capped", "serious_count", "observed")
    }


def test_an_event_on_the_day_is_outcome_and_the_day_the_window_ends_is_not():
    assert row(build(), "ann") == {
        "y": 1.0,
        "harm": 1002.0,
        "harm_capped": 367.0,
        "serious_count": 1.0,
        "observed": True,
    }


def test_what_happened_before_and_was_recorded_after_is_neither():
    snapshots = build()
    assert row(snapshots, "ben")["y"] == 0.0
    assert snapshots.X["count_ever"].tolist() == [1.0, 1.0]
    assert snapshots.between.iloc[0].to_dict() == {
        "happened_before_recorded_after": 1,
        "of_them_serious": 1,
        "recorded_too_late": 0,
    }


def test_police_generated_records_count_only_when_declared():
    assert row(build(include_police_generated=True), "ben")["y"] == 1.0


def test_labels_know_nothing_recorded_at_or_after_known_at():
    early = build(known_at="2012-03-01")
    assert row(early, "ann")["harm"] == 1000.0
    assert early.between["recorded_too_late"].iloc[0] == 1


def test_an_open_window_is_missing_not_zero():
    for snapshots in (build(known_at="2011-12-31"), build(allowance=400)):
        assert not snapshots.observed.any()
        assert snapshots.y.isna().all()
        assert snapshots.harm.isna().all()


def test_evidence_for_the_label_is_what_was_last_known_by_known_at():
    updates = pd.DataFrame(
        {
            "source_id": ["e1", "e1"],
            "recorded_time": ["2011-06-01", "2012-06-01"],
            "evidence": ["conviction", "cancelled"],
        }
    )
    convicted = {"updates": updates, "evidence": ("conviction",)}
    assert row(build(known_at="2012-06-01", **convicted), "ann")["y"] == 1.0
    assert row(build(known_at="2012-06-02", **convicted), "ann")["y"] == 0.0


def test_a_bound_in_days_replaces_the_flag():
    assert row(build(min_harm=2.0), "ann")["serious_count"] == 2.0
    assert row(build(min_harm=1001.0), "ann")["y"] == 0.0


def test_totals_hold_everyone_named_or_not():
    total = build().totals.iloc[0]
    assert (total["serious_named"], total["serious_all"]) == (1.0, 2.0)
    assert (total["harm_named"], total["harm_all"]) == (1002.0, 2002.0)
    assert (total["victims_named"], total["victims_all"]) == (1.0, 2.0)


def test_outcome_events_add_up_to_the_labels():
    snapshots = build()
    events = outcome_events(
        EventHistories(EVENTS, **TABLES), snapshots.task, "2011-01-01", "2013-01-01"
    )
    assert events["person_id"].isna().sum() == 1
    by_person = events.groupby("person_id")["harm"].sum().reindex(snapshots.person_id).fillna(0)
    np.testing.assert_array_equal(by_person, snapshots.harm)


def test_an_update_to_a_record_without_suspect_counts_too():
    updates = pd.DataFrame(
        {"source_id": ["e7"], "recorded_time": ["2011-07-01"], "evidence": ["cancelled"]}
    )
    assert build(updates=updates).totals.iloc[0]["serious_all"] == 1.0
    assert build(updates=updates, known_at="2011-07-02").totals.iloc[0]["serious_all"] == 1.0
    assert build(updates=updates, known_at="2011-07-01").totals.iloc[0]["serious_all"] == 2.0


def test_an_incident_without_a_suspect_is_never_taken_for_a_persons():
    histories = EventHistories(EVENTS.iloc[[1, 7]], **TABLES)
    dates = pd.DatetimeIndex(["2011-01-01"])
    found = totals(histories, build().task, dates, pd.Timestamp("2013-01-01"))
    assert found.iloc[0][["serious_all", "serious_named"]].tolist() == [2.0, 1.0]


def test_not_stating_an_allowance_warns_with_the_share():
    with pytest.warns(LateReportsWarning, match=r"25.0% of serious events"):
        build(allowance=None)


@pytest.mark.parametrize("known_at", ["2013-01-01", "2014-01-01"])
def test_the_allowance_counts_from_the_end_of_the_data_if_that_comes_first(known_at):
    snapshots = build(as_of="2012-01-01", known_at=known_at, allowance=90)
    assert not snapshots.observed.any()
    assert snapshots.y.isna().all()
    assert snapshots.known_at == pd.Timestamp("2013-01-01")


def test_an_allowance_below_zero_would_label_open_windows_and_is_refused():
    with pytest.raises(SchemaError, match="late_allowance_days"):
        build(known_at="2011-06-01", allowance=-365)


def target(kind, person="ann", **options):
    snapshots = build(kind=kind, **options)
    return row(snapshots, person)["y"]


def test_each_kind_has_its_own_target():
    assert target("any") == 1.0
    assert target("harm") == 1002.0
    assert target("count") == 1.0
    assert target("rate") == 1.0
    assert target("time_to_first") == 0.0
    assert target("time_to_first", "ben") == 365.0
    assert target("time_to_first", "ben", include_police_generated=True) == 120.0


def test_summed_harm_is_that_of_every_offence_that_counts_whatever_is_serious():
    assert target("harm", min_harm=5000.0) == target("harm") == 1002.0
    assert target("count", min_harm=2.0) == 2.0


def test_an_incident_counts_once_a_person_and_once_for_each_person():
    events = EVENTS.assign(incident_id="i")
    twice = events.iloc[[1, 1, 1, 4]].assign(
        source_id=["a", "b", "c", "d"], person_id=["ann", "ann", "ben", "ben"], offence="grave"
    )
    twice = twice.assign(event_time="2011-03-01", recorded_time="2011-03-02")
    histories = EventHistories(pd.concat([events, twice]), **TABLES)
    task = Task(
        offences=OFFENCES, cohort=Cohort(lookback_days=None), features=(Feature("count"),),
        outcome=Outcome(horizon_days=364, kind="count"),
    )  # fmt: skip
    snapshots = build_snapshots(histories, task, as_of="2011-01-02", late_allowance_days=0)
    assert snapshots.y.tolist() == [1.0, 1.0]
    assert snapshots.totals["serious_named"].tolist() == [2.0]


SPELLS = pd.DataFrame(
    {"person_id": ["ann", "ben"], "start": "2011-01-11", "recorded_time": "2011-01-11",
     "end": ["2011-07-12", "2012-01-01"], "kind": "custody"}
)  # fmt: skip


def with_spells(**outcome):
    histories = EventHistories(EVENTS, spells=SPELLS, **TABLES)
    task = Task(
        offences=OFFENCES,
        cohort=Cohort(lookback_days=None),
        outcome=Outcome(horizon_days=365, **outcome),
        features=(Feature("count"),),
    )
    return build_snapshots(histories, task, as_of="2011-01-01", late_allowance_days=0)


def test_a_rate_is_per_year_at_risk_and_missing_where_hardly_any_was():
    snapshots = with_spells(kind="rate")
    assert snapshots.follow_up["days_at_risk"].tolist() == [183.0, 10.0]
    assert snapshots.y[0] == 365 / 183
    assert np.isnan(snapshots.y[1])
    assert snapshots.observed.tolist() == [True, False]


def test_custody_for_the_new_offence_is_the_outcome_and_other_custody_competes():
    """Ann offends on 1 January and is held from the 11th; Ben is held for something else."""
    follow_up = with_spells().follow_up
    assert follow_up["competing"].tolist() == ["", "custody"]
    assert follow_up["event"].tolist() == [1, 4]
    assert follow_up["duration_days"].tolist() == [0.0, 10.0]


def test_a_weighted_row_that_is_cut_counts_where_the_offence_was_seen():
    snapshots = build(
        as_of=["2011-01-01", "2011-01-02"], known_at="2012-01-01", censored="weighted"
    )
    assert snapshots.observed.tolist() == [True, True, False, False]
    np.testing.assert_array_equal(snapshots.y, [1.0, 0.0, np.nan, np.nan])
    assert snapshots.weight.tolist() == [1.0, 2.0, 0.0, 0.0]
    later = build(as_of=["2010-12-31", "2011-01-01"], known_at="2011-12-31", censored="weighted")
    np.testing.assert_array_equal(later.y, [1.0, 1.0, 1.0, np.nan])
    assert later.weight.tolist() == [1.0, 1.0, 1.0, 0.0]
    assert later.observed.tolist() == [True, True, False, False]
    assert later.harm.isna().tolist() == [False, False, True, True]


def test_where_no_window_closed_no_row_is_weighted():
    snapshots = build(known_at="2011-12-31", censored="weighted")
    assert snapshots.y.isna().all()
    assert not snapshots.weight.any()


def test_a_weighted_rate_is_all_incidents_over_all_time_at_risk():
    snapshots = build(
        as_of=["2011-01-01", "2011-07-02"], known_at="2012-01-01", kind="rate", censored="weighted",
        include_police_generated=True,
    )  # fmt: skip
    days = np.array([365.0, 365.0, 183.0, 183.0])
    np.testing.assert_array_equal(snapshots.follow_up["days_at_risk"], days)
    np.testing.assert_allclose(snapshots.y, np.array([1, 1, 0, 0]) / (days / 365))
    np.testing.assert_allclose(snapshots.weight, days / 365)
    mean = np.average(snapshots.y, weights=snapshots.weight)
    assert mean == pytest.approx(2 / (days.sum() / 365))


def test_a_rate_counts_nothing_after_the_end_of_follow_up_though_it_is_known():
    """With 61 days allowed, follow-up ends on 1 April; Ben's record of May is there already."""
    options = {"kind": "rate", "censored": "weighted", "include_police_generated": True}
    known = build(known_at="2011-06-01", allowance=61, **options)
    assert known.follow_up["days_at_risk"].tolist() == [90.0, 90.0]
    assert known.y.tolist() == [365 / 90, 0.0]
    assert build(known_at="2011-06-01", **options).y[1] > 0
