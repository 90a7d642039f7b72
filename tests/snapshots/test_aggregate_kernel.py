"""The compiled pass against a plain pandas reading of the same definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import default_features
from riskmodel.snapshots.task import Task

EXAMPLES = 60
DAY = pd.Timedelta(days=1)
ORIGIN = pd.Timestamp("2010-01-01")
OFFENCES = OffenceTable.from_frame(
    pd.DataFrame(
        {
            "offence": ["shove", "threat", "wound", "theft"],
            "harm": [0.3, 10.0, 1460.0, 2.0],
            "group": ["violence", "threats", "violence", "theft"],
            "serious": [False, False, True, False],
        }
    ),
    edition="test",
    source="made for the test",
)
TASK = Task(
    offences=OFFENCES,
    cohort=Cohort(lookback_days=None),
    features=default_features(age=False),
)
DATES = [ORIGIN + days * DAY for days in (1000, 1365, 2200)]
EXACT = ("count", "incidents", "victims", "serious", "co_accused", "repeat", "prior")


@st.composite
def tables(draw):
    """Draw events and updates with same-day, equal-time, late and cancelled records."""
    n_events = draw(st.integers(1, 25))
    day = st.sampled_from([0, 1, 300, 635, 910, 999, 1000, 1001, 1364, 1365, 1830, 2199, 2200])
    hours = st.sampled_from([0, 0, 0, 7, 23])
    lags = st.sampled_from([0, 0, 1, 12, 24, 24 * 90, 24 * 500])
    rows = []
    for number in range(n_events):
        happened = ORIGIN + draw(day) * DAY + pd.Timedelta(hours=draw(hours), seconds=1)
        rows.append(
            {
                "source_id": f"e{number:02d}",
                "person_id": draw(st.sampled_from(["p1", "p2", "p3"])),
                "event_time": happened,
                "recorded_time": happened + pd.Timedelta(hours=draw(lags)),
                "offence": draw(st.sampled_from(["shove", "threat", "wound", "theft"])),
                "victim_id": draw(st.sampled_from([None, "v1", "v2", "v3"])),
                "incident_id": draw(st.sampled_from([None, "i1", "i2", "i3", "i4"])),
                "evidence": draw(st.sampled_from(["allegation", "arrest", "cancelled"])),
                "origin": draw(st.sampled_from(["reported", "reported", "police_generated"])),
            }
        )
    events = pd.DataFrame(rows)
    updates = []
    for number in draw(st.lists(st.integers(0, n_events - 1), max_size=12)):
        later = pd.Timedelta(days=draw(st.sampled_from([0, 1, 30, 400, 1200])))
        updates.append(
            {
                "source_id": f"e{number:02d}",
                "recorded_time": events["recorded_time"][number] + later,
                "evidence": draw(st.sampled_from(EVIDENCE)),
            }
        )
    columns = ["source_id", "recorded_time", "evidence"]
    return events, pd.DataFrame(updates, columns=columns) if updates else None


def known_before(histories, moment):
    """Return what was recorded before a moment and not cancelled by then, oldest first."""
    events = histories.events
    updates = histories.updates[histories.updates["recorded_time"] < moment]
    latest = updates.groupby("source_id")["evidence"].last()
    level = latest.reindex(events["source_id"]).set_axis(events.index).fillna(events["evidence"])
    events = events.assign(evidence=level).merge(OFFENCES.frame, on="offence")
    known = (events["event_time"] < moment) & (events["recorded_time"] < moment)
    return events[known & (events["evidence"] != "cancelled")].sort_values("event_time")


def oracle_row(known, person, moment, data_start):
    """Compute one person's features and rule columns as of a moment, in plain pandas."""
    own = known[known["person_id"] == person]
    days = (moment - own["event_time"]) / DAY
    windows = {"90d": 90, "1y": 365, "2y": 730, "5y": 1825, "ever": np.inf}
    row = {}
    for name, length in windows.items():
        part = own[days <= length]
        reached = name == "ever" or moment - length * DAY >= data_start
        mask = 1.0 if reached else np.nan
        values = {
            "count": len(part),
            "incidents": part["incident_id"].nunique(),
            "harm_sum": part["harm"].sum(),
            "harm_max": part["harm"].max() if len(part) else 0.0,
            "victims": part["victim_id"].nunique(),
            "serious": part.loc[part["serious"], "incident_id"].nunique(),
            "co_accused": partners(known, part, person),
        }
        values |= {f"count_{g}": (part["group"] == g).sum() for g in OFFENCES.groups}
        values |= {f"count_{e}": (part["evidence"] == e).sum() for e in EVIDENCE[:-1]}
        row |= {f"{measure}_{name}": value * mask for measure, value in values.items()}
    serious = days[own["serious"]]
    row["days_since_first"] = days.max()
    row["days_since_last"] = days.min()
    row["days_since_last_serious"] = serious.min() if len(serious) else np.nan
    row |= escalation(own, days, moment, data_start)
    row["repeat_victims"] = (own.groupby("victim_id")["incident_id"].nunique() >= 2).sum()
    year = own[days <= 365]
    reported = year[year["origin"] == "reported"]
    newest_serious = days[own["serious"]].groupby(own["incident_id"]).min()
    allegations = year.loc[year["evidence"] == "allegation", "harm"].sum()
    rules = {
        "harm_1y": reported["harm"].sum(),
        "incidents_1y": reported["incident_id"].nunique(),
        "victims_1y": reported["victim_id"].nunique(),
        "days_since_last": days.min(),
        "prior_count": own["incident_id"].nunique(),
        "prior_serious": own.loc[own["serious"], "incident_id"].nunique(),
        "decayed_serious": (0.5 ** (newest_serious / 730)).sum(),
        "evidence_share": allegations / year["harm"].sum() if len(year) else np.nan,
    }
    return row, rules


def partners(known, part, person):
    shared = known[known["incident_id"].isin(part["incident_id"])]
    return shared.loc[shared["person_id"] != person, "person_id"].nunique()


def escalation(own, days, moment, data_start):
    years = min(4.0, (moment - data_start) / DAY / 365 - 1)
    recent, before = own[days <= 365], own[(days > 365) & (days <= 1825)]
    if years < 1:
        return {"escalation_harm": np.nan, "escalation_count": np.nan}
    return {
        "escalation_harm": recent["harm"].sum() - before["harm"].sum() / years,
        "escalation_count": len(recent) - len(before) / years,
    }


@settings(max_examples=EXAMPLES, deadline=None)
@given(tables())
def test_every_feature_equals_plain_pandas(drawn):
    events, updates = drawn
    histories = EventHistories(events, updates=updates, data_start=ORIGIN, data_end="2030-01-01")
    expected = {}
    for moment in DATES:
        known = known_before(histories, moment)
        for person in sorted(known["person_id"].unique()):
            expected[moment, person] = oracle_row(known, person, moment, ORIGIN)
    if not expected:
        return
    snapshots = build_snapshots(
        histories, TASK, as_of=DATES, late_allowance_days=0, dtype=np.float64
    )
    got = list(zip(snapshots.as_of, snapshots.person_id, strict=True))
    assert got == sorted(expected)
    for number, key in enumerate(got):
        features, rules = expected[key]
        for table, values in ((snapshots.X, features), (snapshots.rules, rules)):
            for name in table.columns:
                tolerance = 0 if name.startswith(EXACT) else 1e-12
                assert table[name][number] == pytest.approx(
                    values[name], rel=tolerance, abs=tolerance * 1e3, nan_ok=True
                ), name


@settings(max_examples=EXAMPLES, deadline=None)
@given(tables(), tables())
def test_what_is_recorded_at_or_after_the_date_changes_no_bit(drawn, planted):
    events, updates = drawn
    later, later_updates = planted
    moment = DATES[1]
    # forward only: further back a record would be older than what it tells of
    shift = max(moment - later["recorded_time"].min(), pd.Timedelta(0))
    later = later.assign(
        source_id="x" + later["source_id"],
        recorded_time=later["recorded_time"] + shift,
    )
    more_updates = [updates] if updates is not None else []
    if later_updates is not None:
        more_updates.append(
            later_updates.assign(
                source_id="x" + later_updates["source_id"],
                recorded_time=later_updates["recorded_time"] + shift,
            )
        )
    first = events["source_id"].iloc[:1].to_numpy()
    more_updates.append(
        pd.DataFrame(
            {
                "source_id": first,
                "recorded_time": max(moment, events["recorded_time"].iloc[0]),
                "evidence": "cancelled",
            }
        )
    )
    ends = {"data_start": ORIGIN, "data_end": "2040-01-01"}
    before = EventHistories(events, updates=updates, **ends)
    after = EventHistories(pd.concat([events, later]), updates=pd.concat(more_updates), **ends)
    if known_before(before, moment).empty:
        return
    one, two = (
        build_snapshots(tables, TASK, as_of=moment, late_allowance_days=0)
        for tables in (before, after)
    )
    assert list(one.person_id) == list(two.person_id)
    assert one.X.to_numpy().tobytes() == two.X.to_numpy().tobytes()
    assert one.rules.to_numpy().tobytes() == two.rules.to_numpy().tobytes()
