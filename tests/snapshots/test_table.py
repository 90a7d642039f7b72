import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import every

X = pd.DataFrame({"priors": [0, 3, 1, 2], "gap": [1.5, np.nan, 2.0, 0.0]})
Y = [0, 1, np.nan, 1]


def test_a_ready_made_table_becomes_snapshots():
    table = Snapshots.from_table(X, Y, person_id=["a", "b", "c", "a"], harm=[0, 5, np.nan, 7])
    assert table.observed.tolist() == [True, True, False, True]
    assert len(table.labelled) == 3
    assert table.totals["harm_named"].tolist() == [12.0]
    assert table.X.dtypes.eq(np.float32).all()


@pytest.mark.parametrize("name", ["sex", "Race", "victim_ethnicity", "birth_year"])
def test_protected_columns_are_refused(name):
    with pytest.raises(LeakageError, match="groups table"):
        Snapshots.from_table(X.assign(**{name: 1}), Y)


@pytest.mark.parametrize(
    ("table", "outcome"),
    [
        (X.assign(text=["a", "b", "c", "d"]), Y),
        (X.assign(gap=np.inf), Y),
        (X, [0, 2, 1, 0]),
        (X, [0, 1]),
        (X.to_numpy(), Y),
    ],
)
def test_what_is_no_table_of_numbers_is_a_clear_error(table, outcome):
    with pytest.raises(SchemaError) as error:
        Snapshots.from_table(table, outcome)
    assert "1.5" not in str(error.value)


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_subset_keeps_all_parts_aligned(mask):
    dates = pd.to_datetime(["2020-01-01", "2020-01-01", "2021-01-01", "2021-01-01"])
    table = Snapshots.from_table(X, Y, person_id=["a", "b", "c", "d"], as_of=dates)
    part = table.subset(mask)
    assert list(part.person_id) == [p for p, keep in zip("abcd", mask, strict=True) if keep]
    assert len(part.X) == len(part.y) == len(part.rules) == sum(mask)
    assert set(part.totals.index) == set(part.as_of)


def test_labels_of_a_ready_made_table_cannot_be_remade():
    table = Snapshots.from_table(X, Y)
    with pytest.raises(SchemaError, match="not built from histories"):
        table.relabelled(pd.Timestamp("2020-01-01"))


def test_it_shows_itself_in_one_line_without_a_row():
    assert repr(Snapshots.from_table(X, Y)) == (
        "Snapshots(4 rows, 2 features, 1 date, 3 labelled, 2 with the outcome)"
    )


def test_the_flat_table_holds_every_row_once():
    frame = Snapshots.from_table(X, Y).to_frame()
    assert len(frame) == 4
    assert frame.columns.is_unique


def test_harm_of_rows_that_were_not_observed_is_in_no_denominator():
    table = Snapshots.from_table(X, Y, harm=[0, 5, 100, 7])
    assert np.isnan(table.harm[2])
    assert table.totals["harm_named"].tolist() == [12.0]


def test_totals_of_what_is_not_known_are_missing_not_zero():
    totals = Snapshots.from_table(X, Y).totals
    assert totals[["harm_capped_named", "harm_capped_all", "victims_named"]].isna().all(axis=None)
    unseen = Snapshots.from_table(X, [np.nan] * 4).totals
    assert unseen.isna().all(axis=None)


HAZARD = 1 / 700  # serious offences per day; departures are twice as rare
HORIZON = 365
OFFENCES = OffenceTable.from_frame(
    pd.DataFrame(
        {
            "offence": ["first", "grave"],
            "harm": [1.0, 900.0],
            "group": "g",
            "serious": [False, True],
        }
    ),
    edition="test",
    source="made for the test",
)


def planted(n_people=1500, seed=0, **options):
    """Histories of a constant hazard of offending and of leaving, cut where the data end."""
    rng = np.random.default_rng(seed)
    start, end = pd.Timestamp("2015-01-01"), pd.Timestamp("2018-01-01")
    people = [f"p{number:04d}" for number in range(n_people)]
    rows = [(person, start, "first") for person in people]
    left = start + pd.to_timedelta(rng.exponential(2 / HAZARD, n_people) + 1, unit="D")
    for person, gone in zip(people, left, strict=True):
        after = np.cumsum(rng.exponential(1 / HAZARD, 30))
        times = start + pd.to_timedelta(after, unit="D")
        rows += [(person, time, "grave") for time in times[(times < end) & (times < gone)]]
    events = pd.DataFrame(rows, columns=["person_id", "event_time", "offence"])
    events["source_id"] = [f"e{number}" for number in range(len(events))]
    events["recorded_time"] = events["event_time"].dt.floor("us")
    events["event_time"] = events["recorded_time"]
    return EventHistories(
        events,
        pd.DataFrame({"person_id": people, "left_date": left.floor("us")}),
        data_start=start,
        data_end=end,
        dates_only=True,
        **options,
    )


def rows_of(histories, *, allowance=0, **outcome):
    task = Task(
        offences=OFFENCES,
        cohort=Cohort(lookback_days=None),
        outcome=Outcome(horizon_days=HORIZON, **outcome),
        features=(Feature("count"),),
    )
    dates = every("2MS", "2015-02", "2017-12")
    return build_snapshots(histories, task, as_of=dates, late_allowance_days=allowance)


@pytest.fixture(scope="module")
def histories():
    return planted()


def test_durations_bring_back_the_hazards_that_made_them(histories):
    """In windows cut by the end of the data and by departures: events over time at risk."""
    snapshots = rows_of(histories, kind="time_to_first")
    table = snapshots.survival()
    assert table.columns.tolist() == ["person_id", "as_of", "duration_days", "event"]
    assert snapshots.follow_up["censored"].mean() > 0.2
    time = table["duration_days"].sum()
    assert (table["event"] == 1).sum() / time == pytest.approx(HAZARD, rel=0.06)
    assert (table["event"] == 3).sum() / time == pytest.approx(HAZARD / 2, rel=0.08)
    np.testing.assert_array_equal(snapshots.y, table["duration_days"])
    assert (snapshots.weight == 1).all()


def test_weights_bring_back_the_share_that_full_follow_up_would_have_shown(histories):
    """An offence before leaving within the horizon; in the rows whose answer is known, too many."""
    snapshots = rows_of(histories, censored="weighted")
    both = HAZARD * 1.5
    truth = HAZARD / both * (1 - np.exp(-both * HORIZON))
    rows = snapshots.learnable
    assert np.average(rows.y, weights=rows.weight) == pytest.approx(truth, abs=0.015)
    assert rows.y.mean() > truth + 0.03
    assert rows.weight.sum() == pytest.approx(len(snapshots), rel=0.03)
    assert rows.y[~rows.observed].eq(1).all()
    assert snapshots.labelled.y.mean() == pytest.approx(truth, abs=0.03)


def test_what_can_be_judged_is_what_was_followed_to_the_end(histories):
    snapshots = rows_of(histories, censored="weighted")
    assert len(snapshots.learnable) > len(snapshots.labelled)
    judged = snapshots.followed
    assert judged.y.notna().equals(snapshots.observed)
    assert judged.labelled.y.equals(snapshots.labelled.y)


@pytest.mark.parametrize(
    ("outcome", "left_out"),
    [({}, True), ({"censored": "weighted"}, True), ({"kind": "time_to_first"}, False)],
)
def test_the_follow_up_report_adds_up(histories, outcome, left_out):
    snapshots = rows_of(histories, allowance=30, **outcome)
    report = snapshots.follow_up_report()
    assert report.index.tolist() == [*snapshots.dates.strftime("%Y-%m-%d"), "all dates"]
    counts = report.drop(columns=["median_days_at_risk", "weights"])
    assert counts.iloc[:-1].sum().equals(counts.iloc[-1])
    everything = report.loc["all dates"]
    assert everything["rows"] == len(snapshots) == everything["observed"] + everything["censored"]
    assert everything["observed"] == len(snapshots.labelled)
    assert (everything["left_out"] > 0) == left_out
    if outcome.get("censored") == "weighted":
        assert everything["left_out"] + everything["weighted"] == everything["censored"]
        assert everything["weighted"] > 0
    else:
        assert everything["weighted"] == 0
    assert everything["left"] == (snapshots.follow_up["competing"] == "left").sum() > 0
    assert everything["weights"] == pytest.approx(snapshots.weight[snapshots.y.notna()].sum())
    assert list(report.columns[-3:]) == list(snapshots.between.columns)
    last = report.loc["2017-12-01"]
    assert (last["observed"], last["median_days_at_risk"]) == (0, 1.0)  # the allowance


def test_a_ready_made_table_has_a_report_but_no_durations_and_no_lag():
    table = Snapshots.from_table(X, Y)
    report = table.follow_up_report().loc["all dates"]
    expected = {"rows": 4, "observed": 3, "censored": 1, "left_out": 1, "outcome": 2, "custody": 0}
    assert report[list(expected)].to_dict() == expected
    with pytest.raises(SchemaError, match="durations"):
        table.survival()
    with pytest.raises(SchemaError, match="lag"):
        table.reporting_lag()


def test_rows_that_were_not_followed_have_no_duration(histories):
    snapshots = rows_of(histories, allowance=40)
    table = snapshots.survival()
    assert table["as_of"].max() == pd.Timestamp("2017-10-01")
    assert len(table) < len(snapshots)
    assert snapshots.as_of.loc[table.index].equals(table["as_of"])


@pytest.mark.parametrize("kind", ["harm", "count", "rate", "time_to_first"])
def test_what_needs_0_and_1_refuses_other_kinds_and_says_what_to_do(histories, kind):
    snapshots = rows_of(histories, kind=kind)
    with pytest.raises(SchemaError, match=r'kind "\w+".*\n.*snapshots.learnable'):
        snapshots.check_any("train()")
    rows_of(histories).check_any("train()")
    Snapshots.from_table(X, Y).check_any("train()")


def test_the_lag_of_serious_events_is_measured_and_the_allowance_stands_beside_it():
    days = [0, 10, 40, 100, 400, 4000]
    happened = [pd.Timestamp("2015-01-05 10:00")] * 5 + [pd.Timestamp("2017-06-01")]
    events = pd.DataFrame(
        {
            "source_id": [f"e{day}" for day in days],
            "person_id": ["p", "p", "p", "p", None, "p"],
            "event_time": happened,
            "recorded_time": [
                t + pd.Timedelta(days=d) for t, d in zip(happened, days, strict=True)
            ],
            "offence": "grave",
        }
    )
    first = {"source_id": "f", "person_id": "p", "event_time": "2015-01-01", "offence": "first"}
    events = pd.concat([events, pd.DataFrame([first | {"recorded_time": "2015-01-01"}])])
    snapshots = rows_of(
        EventHistories(
            events.astype({"event_time": "str", "recorded_time": "str"}), data_end="2030"
        ),
        allowance=60,
    )
    early = dataclasses.replace(snapshots, known_at=pd.Timestamp("2018-01-01"))
    lag = early.reporting_lag().loc["all"]
    assert lag["n"] == 5  # the report of 2028 is not known yet
    assert (lag["median"], lag["longest"]) == (40.0, 400.0)
    shares = lag[["over_0d", "over_30d", "over_90d", "over_365d", "over_allowance"]]
    assert shares.tolist() == [0.8, 0.6, 0.4, 0.2, 0.4]
    assert lag["allowance_days"] == 60
    old = snapshots.reporting_lag().loc["over a year before known_at"]
    assert (old["n"], old["longest"]) == (6, 4000.0)


def test_relabelling_keeps_given_weights_and_works_out_those_of_censoring_anew(histories):
    moment = pd.Timestamp("2017-01-01")
    plain = rows_of(histories)
    own = dataclasses.replace(plain, weight=plain.weight * 2).relabelled(moment)
    assert (own.weight == 2).all()
    weighted = rows_of(histories, censored="weighted")
    past = weighted.subset(weighted.as_of < moment).relabelled(moment)
    fresh = build_snapshots(
        histories, weighted.task, as_of=past.dates, known_at=moment, late_allowance_days=0
    )
    pd.testing.assert_series_equal(past.weight, fresh.weight)
    pd.testing.assert_series_equal(past.y, fresh.y)
