"""How offences came to be records: counted by hand, and silent where the records are."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.victims.reporting import (
    LAG_QUANTILES,
    REPORTING_RATES,
    reported_offences,
    reporting_table,
    unsaid,
)
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.build import build_snapshots

SOME = Settings(n_replicates=40)


def record(source, person, day, recorded, victim, incident, evidence="allegation"):
    return {
        "source_id": source, "person_id": person, "event_time": day, "recorded_time": recorded,
        "offence": "grave", "victim_id": victim, "incident_id": incident, "evidence": evidence,
    }  # fmt: skip


@pytest.fixture(scope="module")
def small(task):
    """Five offences after 2015-01-01, of which one has two records and one is cancelled."""
    events = [
        record("b1", "p1", "2014-06-01", "2014-06-01", "v9", "i0"),
        record("a1", "p1", "2015-02-01", "2015-04-02", "v1", "i1"),  # after 60 days
        record("a2", "p2", "2015-02-01", "2015-02-11", "v1", "i1", "charge"),  # and after 10
        record("a3", None, "2015-03-01", "2015-05-30", "v2", "i2"),  # after 90, nobody named
        record("a4", "p3", "2015-04-01", "2015-04-01", "v3", "i3"),  # withdrawn later
        record("a5", "p3", "2015-05-01", "2015-05-03", None, "i4"),
        record("a6", "p3", "2015-05-01", "2015-05-03", "v3", "i5"),
    ]
    updates = pd.DataFrame(
        {
            "source_id": ["a4", "a6"],
            "recorded_time": ["2015-09-01", "2015-09-01"],
            "evidence": ["support_withdrawn", "cancelled"],
        }
    )
    histories = EventHistories(
        pd.DataFrame(events), updates=updates, dates_only=True,
        data_start="2010-01-01", data_end="2018-01-01",
    )  # fmt: skip
    dates = ["2015-01-01", "2015-02-01"]
    return histories, build_snapshots(histories, task, as_of=dates, late_allowance_days=0)


def test_each_offence_is_read_once_with_its_first_record(small, task):
    histories, rows = small
    found = reported_offences(rows, histories, task).set_index("incident_id")
    assert found.index.tolist() == ["i1", "i2", "i3", "i4"]  # in two windows, but once
    assert found["lag_days"].tolist() == [10, 90, 0, 2]
    assert found["late"].tolist() == [0, 1, 0, 0]
    assert found["unnamed"].tolist() == [0, 1, 0, 0]
    assert found["withdrawn"].tolist() == [0, 0, 1, 0]
    assert found["charged"].tolist() == [1, 0, 0, 0]
    assert found["cluster"].tolist() == ["person p1", "victim v2", "person p3", "person p3"]


def test_an_outcome_of_charges_alone_still_shows_what_was_withdrawn(small, task):
    histories, rows = small
    strict = replace(task, outcome=replace(task.outcome, evidence=("charge",)))
    assert reported_offences(rows, histories, strict)["withdrawn"].sum() == 1


def test_what_the_records_never_say_is_not_measured(small, task, tiny, tiny_rows):
    histories, rows = small
    assert unsaid(reported_offences(rows, histories, task), histories) == {}
    reported = reported_offences(tiny_rows, tiny, task)
    silent = unsaid(reported, tiny)  # every record of the day; nothing withdrawn; one conviction
    assert set(silent) == {"recorded_late", *LAG_QUANTILES, "support_withdrawn"}
    sex = pd.DataFrame({"sex": ["female"] * len(reported)})
    table = reporting_table(reported, sex, SOME, without=frozenset(silent))
    assert set(table["metric"]) == {"share_of_offences", "no_suspect_named", "charged_or_later"}


@st.composite
def reports(draw):
    n = draw(st.integers(1, 60))
    some = st.lists(st.integers(0, 5), min_size=n, max_size=n)
    group = np.array(["a", "b", "Not recorded"])[np.array(draw(some)) % 3]
    lag = np.array(draw(st.lists(st.integers(0, 200), min_size=n, max_size=n)), dtype=float)
    flags = {name: np.array(draw(some)) % 2.0 for name in ("withdrawn", "unnamed", "charged")}
    cluster = [f"person {i}" for i in draw(st.lists(st.integers(0, 60), min_size=n, max_size=n))]
    late = (lag > 30).astype(float)
    table = pd.DataFrame({"lag_days": lag, "late": late, "cluster": cluster, **flags})
    return table, pd.DataFrame({"sex": group})


@settings(max_examples=30)
@given(reports())
def test_the_table_equals_plain_pandas_and_withholds_few(world):
    reported, groups = world
    table = reporting_table(reported, groups, SOME).set_index(["metric", "group"])
    share = table.loc["share_of_offences", "numerator"]
    assert share.sum() == len(reported)
    for group, mine in reported.groupby(groups["sex"]):
        few = mine["cluster"].nunique() < SOME.minimum_cell
        expected = {
            "recorded_late": mine["late"].mean(),
            "support_withdrawn": mine["withdrawn"].mean(),
            "no_suspect_named": mine["unnamed"].mean(),
            "charged_or_later": mine["charged"].mean(),
        }
        for metric, value in expected.items():
            row = table.loc[(metric, group)]
            assert bool(row["withheld"]) == few
            if few:
                assert np.isnan(row["value"])
            else:
                assert row["value"] == pytest.approx(value)
                assert row["low"] <= row["value"] <= row["high"]
    assert set(table.index.get_level_values(0)) == {
        *(rate.name for rate in REPORTING_RATES), *LAG_QUANTILES,
    }  # fmt: skip


@settings(max_examples=30)
@given(st.lists(st.integers(0, 300), min_size=8, max_size=60))
def test_half_and_nine_tenths_took_at_most_the_quantiles(lags):
    n = len(lags)
    reported = pd.DataFrame(
        {
            "lag_days": np.array(lags, dtype=float), "late": 0.0, "withdrawn": 0.0,
            "unnamed": 0.0, "charged": 0.0, "cluster": [f"person {i}" for i in range(n)],
        }
    )  # fmt: skip
    table = reporting_table(reported, pd.DataFrame({"sex": ["a"] * n}), SOME)
    value = table.set_index("metric")["value"]
    for name, share in LAG_QUANTILES.items():
        at_most = np.mean(np.array(lags) <= value[name])
        below = np.mean(np.array(lags) < value[name])
        assert below < share <= at_most + 1e-12


def test_a_planted_delay_of_one_group_comes_back():
    rng = np.random.default_rng(0)
    n = 3000
    group = rng.choice(["a", "b"], n)
    lag = rng.exponential(np.where(group == "a", 10.0, 60.0))
    reported = pd.DataFrame(
        {
            "lag_days": lag, "late": (lag > 30).astype(float), "withdrawn": 0.0, "unnamed": 0.0,
            "charged": 0.0, "cluster": [f"person {i}" for i in range(n)],
        }
    )  # fmt: skip
    table = reporting_table(reported, pd.DataFrame({"sex": group}), Settings(n_replicates=200))
    rows = table.set_index(["metric", "group"])
    for metric, truth in {
        ("lag_median_days", "a"): 10 * np.log(2), ("lag_median_days", "b"): 60 * np.log(2),
        ("lag_90_days", "a"): 10 * np.log(10), ("lag_90_days", "b"): 60 * np.log(10),
        ("recorded_late", "a"): np.exp(-3), ("recorded_late", "b"): np.exp(-0.5),
    }.items():  # fmt: skip
        row = rows.loc[metric]
        margin = (row["high"] - row["low"]) / 2
        assert abs(row["value"] - truth) < 2 * margin
