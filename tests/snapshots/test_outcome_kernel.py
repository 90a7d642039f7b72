"""Labels, follow-up, totals and counts between against a plain reading of their definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcome import STANDING, Outcome
from riskmodel.snapshots.outcomes import all_counting_events, label
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.totals import TOTAL_COLUMNS, between, totals

EXAMPLES = 30
DAY, TICK = pd.Timedelta(days=1), pd.Timedelta(microseconds=1)
ORIGIN = pd.Timestamp("2010-01-01")
DATES = pd.DatetimeIndex([ORIGIN + days * DAY for days in (200, 240)]).as_unit("us")
HORIZON = 100
PEOPLE = ("p1", "p2", "p3")
OFFENCES = OffenceTable.from_frame(
    pd.DataFrame(
        {
            "offence": ["shove", "wound", "kill"],
            "harm": [0.3, 300.0, 5475.0],
            "group": ["violence", "violence", "homicide"],
            "serious": [False, True, True],
        }
    ),
    edition="test",
    source="made for the test",
)
ENDS = pd.DatetimeIndex([ORIGIN + days * DAY for days in (230, 299, 300, 310, 340, 341, 900)])
EDGES = [ORIGIN + days * DAY for days in (150, 199, 200, 201, 239, 240, 260, 290, 300, 310, 340)]
moments = st.builds(
    lambda edge, step: edge + step * TICK, st.sampled_from(EDGES), st.sampled_from([-1, 0, 0, 1])
)
lags = st.sampled_from([0 * DAY, 0 * DAY, TICK, DAY, 10 * DAY, 60 * DAY, 400 * DAY])


def recorded_after(moment):
    """Some time later, or on the very moment of a date or of an end of the data."""
    edges = [edge for edge in (*DATES, *ENDS[:-1]) if edge >= moment]
    later = lags.map(lambda lag: moment + lag)
    return later | st.sampled_from(edges) if edges else later


@st.composite
def events_of(draw, number):
    happened = draw(moments)
    return {
        "source_id": f"e{number:02d}",
        "person_id": draw(st.sampled_from([*PEOPLE, None])),
        "event_time": happened,
        "recorded_time": draw(recorded_after(happened)),
        "offence": draw(st.sampled_from(["shove", "wound", "wound", "kill"])),
        "victim_id": draw(st.sampled_from([None, "v1", "v2", "v3"])),
        "incident_id": draw(st.sampled_from([None, None, "i1", "i2", "i3"])),
        "evidence": draw(st.sampled_from(["allegation", "allegation", "arrest", "cancelled"])),
        "origin": draw(st.sampled_from(["reported", "reported", "reported", "police_generated"])),
    }


@st.composite
def worlds(draw):
    """Draw histories with records on every edge of the windows, and people who go."""
    end = draw(st.sampled_from([*ENDS, *[ENDS[-1]] * 7]))
    rows = [draw(events_of(number)) for number in range(draw(st.integers(1, 16)))]
    people = [
        {
            "person_id": person,
            "death_date": draw(st.sampled_from([None, None, *EDGES])),
            "left_date": draw(st.sampled_from([None, None, *EDGES])),
        }
        for person in PEOPLE
    ]
    died = {row["person_id"]: row["death_date"] for row in people}
    rows = [
        row
        for row in rows
        if row["recorded_time"] < end
        and (died.get(row["person_id"]) is None or row["event_time"] < died[row["person_id"]])
    ] or [first_event()]
    updates = [
        {
            "source_id": row["source_id"],
            "recorded_time": draw(recorded_after(row["recorded_time"])),
            "evidence": draw(st.sampled_from(EVIDENCE)),
        }
        for row in draw(st.lists(st.sampled_from(rows), max_size=10))
    ]
    times = moments | st.sampled_from([row["event_time"] for row in rows])
    spells = [draw(spells_of(times)) for _ in range(draw(st.integers(0, 5)))]
    updates, spells = (
        [row for row in table if row["recorded_time"] < end] for table in (updates, spells)
    )
    return EventHistories(
        pd.DataFrame(rows),
        pd.DataFrame(people).astype(dict.fromkeys(("death_date", "left_date"), "datetime64[us]")),
        updates=pd.DataFrame(updates) if updates else None,
        spells=pd.DataFrame(spells) if spells else None,
        data_start=ORIGIN,
        data_end=end,
        dates_only=True,
    )


def first_event():
    return {
        "source_id": "e", "person_id": "p1", "event_time": ORIGIN, "recorded_time": ORIGIN,
        "offence": "wound", "victim_id": "v1", "incident_id": None, "evidence": "allegation",
        "origin": "reported",
    }  # fmt: skip


@st.composite
def spells_of(draw, times):
    start = draw(times)
    length = draw(st.sampled_from([None, 0 * DAY, TICK, DAY, 30 * DAY, 150 * DAY]))
    return {
        "person_id": draw(st.sampled_from(PEOPLE)),
        "start": start,
        "recorded_time": start + draw(st.sampled_from([-20 * DAY, 0 * DAY, DAY, 70 * DAY])),
        "end": pd.NaT if length is None else start + length,
        "kind": draw(st.sampled_from(["custody", "custody", "custody", "abroad"])),
    }


outcomes = st.builds(
    Outcome,
    horizon_days=st.just(HORIZON),
    kind=st.sampled_from(["any", "harm", "count", "rate"]),
    censored=st.sampled_from(["left_out", "weighted"]),
    evidence=st.sampled_from([STANDING, STANDING, ("arrest", "conviction")]),
    include_police_generated=st.booleans(),
    min_harm=st.sampled_from([None, None, 0.3, 300.0, 301.0]),
)


def task_of(outcome):
    return Task(offences=OFFENCES, outcome=outcome, features=(Feature("count"),))


def assert_same_events(got, expected):
    by = ["event_time", "incident_id", "offence", "harm", "evidence", "person_id", "victim_id"]
    tables = (table[got.columns].sort_values(by, ignore_index=True) for table in (got, expected))
    pd.testing.assert_frame_equal(*tables, check_dtype=False)


# --- the definitions, in plain pandas -----------------------------------------------------------


def counting(histories, outcome, known_at):
    """Every event that counts, with its evidence as last known, its harm and seriousness."""
    events = pd.concat([histories.events, histories.unnamed], ignore_index=True)
    updates = histories.updates[histories.updates["recorded_time"] < known_at]
    latest = updates.groupby("source_id")["evidence"].last()
    level = latest.reindex(events["source_id"]).set_axis(events.index).fillna(events["evidence"])
    events = events.assign(evidence=level).merge(OFFENCES.frame, on="offence")
    counts = (events["recorded_time"] < known_at) & events["evidence"].isin(outcome.evidence)
    if not outcome.include_police_generated:
        counts &= events["origin"] == "reported"
    if outcome.min_harm is not None:
        events["serious"] = events["harm"] >= outcome.min_harm
    return events[counts]


def inside(events, start, stop):
    return events[(events["event_time"] >= start) & (events["event_time"] < stop)]


def custody_of(histories, person, known_at):
    """The union of a person's custody, as it was told before `known_at`."""
    spells = histories.spells[histories.spells["recorded_time"] < known_at]
    spells = spells[(spells["person_id"] == person) & (spells["kind"] == "custody")]
    spells = spells.assign(end=spells["end"].where(spells["end"] < known_at))
    told = spells.sort_values(["recorded_time", "end"], na_position="first")
    union = []
    for _, same in sorted(told.groupby("start")):
        start, end = same["start"].iloc[-1], same["end"].iloc[-1]
        end = min(known_at, end) if pd.notna(end) else known_at
        if start >= end:
            continue
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return union


def followed(histories, person, start, first, until, end):
    """Days at risk, what competed, days to the first event, and that event."""
    known_at = min(until, histories.data_end)
    stop = start + HORIZON * DAY
    limit = max(start, min(stop, end))
    dates = histories.people.loc[person, ["death_date", "left_date"]]
    dies, leaves = (date if pd.notna(date) and date < known_at else None for date in dates)
    there = min([limit, *(max(start, date) for date in (dies, leaves) if date is not None)])
    custody = custody_of(histories, person, known_at)
    held = sum((max(min(b, there) - max(a, start), 0 * DAY) for a, b in custody), start=0 * DAY)
    before = there if first is None else min(there, first)
    competing = "custody" if any(a < before and b > start for a, b in custody) else ""
    gone = [(date, name) for date, name in ((dies, "death"), (leaves, "left")) if date is not None]
    gone = sorted(pair for pair in gone if pair[0] < limit)
    competing = gone[0][1] if gone else competing
    things = [(first, 1), (dies, 2), (leaves, 3)]
    things += [(a, 4) for a, _ in custody if start <= a < there]
    things = sorted(thing for thing in things if thing[0] is not None and thing[0] < limit)
    when, event = things[0] if things else (limit, 0)
    if not things and stop <= end and any(a < start and b >= stop for a, b in custody):
        when, event = start, 4
    days = (there - start - held) / DAY
    return days, competing, stop > end, max(when - start, 0 * DAY) / DAY, event


def oracle(histories, outcome, known_at, allowance):
    """One row for each person and date."""
    end = min(known_at, histories.data_end) - allowance * DAY
    events, rows = counting(histories, outcome, known_at), []
    for date in DATES:
        for person in histories.persons:
            own = inside(events, date, min(date + HORIZON * DAY, end))
            own = own[own["person_id"] == person]
            serious = own[own["serious"]]
            first = serious["event_time"].min() if len(serious) else None
            days, competing, cut, duration, event = followed(
                histories, person, date, first, known_at, end
            )
            row = {
                "count": serious["incident_id"].nunique(), "harm": own["harm"].sum(),
                "harm_capped": own["harm"].clip(upper=365).sum(), "days_at_risk": days,
                "competing": competing, "censored": cut, "duration_days": duration,
                "event": event, "followed": end - date,
                "decided": HORIZON * DAY if first is None else first - date,
            }  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows)


def oracle_target(rows, outcome):
    """The target and the weight, from the definition of each kind."""
    closed, weighted = ~rows["censored"], outcome.censored == "weighted"
    if outcome.kind == "rate":
        enough = rows["days_at_risk"] >= 30
        y = rows["count"] / (rows["days_at_risk"].where(enough) / 365)
        share = (rows["days_at_risk"] / HORIZON).where(enough, 0.0)
        return (y, share) if weighted else (y.where(closed), share * 0 + 1)
    y = {"any": (rows["count"] > 0) * 1.0, "harm": rows["harm"], "count": rows["count"] * 1.0}
    y = y[outcome.kind]
    if not weighted:
        return y.where(closed), closed * 0.0 + 1
    weight = []
    for row in rows.itertuples():
        offended = outcome.kind == "any" and row.decided < HORIZON * DAY
        seen = rows["followed"] > row.decided if offended else rows["followed"] >= HORIZON * DAY
        known = row.followed > row.decided if offended else not row.censored
        weight.append(1 / seen.mean() if known and closed.any() else 0.0)
    weight = pd.Series(weight)
    return y.where(weight > 0), weight


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    worlds(),
    outcomes,
    st.sampled_from([*ENDS, ENDS[2] + TICK, ENDS[4] + TICK]),
    st.sampled_from([0, 0, 1, 40]),
)
def test_labels_and_follow_up_equal_the_plain_reading(histories, outcome, known_at, allowance):
    n = len(histories.persons)
    person = np.tile(np.arange(n), len(DATES))
    ticks = np.repeat(DATES.to_numpy("datetime64[us]").astype(np.int64), n)
    found = label(
        histories, task_of(outcome), person, ticks, known_at=known_at,
        late_allowance_days=allowance,
    )  # fmt: skip
    expected = oracle(histories, outcome, known_at, allowance)
    for name in ("days_at_risk", "duration_days"):
        np.testing.assert_allclose(found.follow_up[name], expected[name], atol=1e-9, err_msg=name)
    for name in ("competing", "censored", "event"):
        assert found.follow_up[name].tolist() == expected[name].tolist(), name
    closed = ~expected["censored"]
    for name, column in (("serious_count", "count"), ("harm", "harm"), ("harm_capped",) * 2):
        np.testing.assert_allclose(getattr(found, name), expected[column].where(closed))
    y, weight = oracle_target(expected, outcome)
    np.testing.assert_allclose(found.y, y)
    np.testing.assert_allclose(found.weight, weight)
    assert found.observed.tolist() == (closed & y.notna()).tolist()


@settings(max_examples=EXAMPLES, deadline=None)
@given(worlds(), outcomes, st.sampled_from(list(ENDS)))
def test_totals_and_counts_between_equal_the_plain_reading(histories, outcome, known_at):
    task, stop = task_of(outcome), HORIZON * DAY
    got, gap = (part(histories, task, DATES, known_at) for part in (totals, between))
    assert got.columns.tolist() == list(TOTAL_COLUMNS)
    events = counting(histories, outcome, known_at)
    assert_same_events(all_counting_events(histories, task, known_at), events)
    named = histories.events.merge(OFFENCES.frame, on="offence")
    if outcome.min_harm is not None:
        named["serious"] = named["harm"] >= outcome.min_harm
    for date in DATES:
        everyone = inside(events, date, date + stop)
        for who, part in (("all", everyone), ("named", everyone[everyone["person_id"].notna()])):
            serious = part[part["serious"]]
            incidents = serious[["person_id", "incident_id"]].drop_duplicates()
            assert got.loc[date, f"serious_{who}"] == len(incidents)
            assert got.loc[date, f"victims_{who}"] == serious["victim_id"].nunique()
            assert got.loc[date, f"harm_{who}"] == pytest.approx(part["harm"].sum())
            capped = part["harm"].clip(upper=365).sum()
            assert got.loc[date, f"harm_capped_{who}"] == pytest.approx(capped)
        fell = (named["event_time"] < date) & (named["recorded_time"] >= date)
        fell &= named["recorded_time"] < known_at
        late = inside(named[named["recorded_time"] >= known_at], date, date + stop)
        assert gap.loc[date].tolist() == [fell.sum(), (fell & named["serious"]).sum(), len(late)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(worlds(), outcomes, st.sampled_from(list(ENDS)))
def test_labels_know_nothing_that_was_recorded_at_or_after_known_at(histories, outcome, known_at):
    past, task = histories.before(known_at), task_of(outcome)
    ids = past.persons
    now = np.searchsorted(histories.persons, ids)
    ticks = DATES.to_numpy("datetime64[us]").astype(np.int64)
    for tick in ticks:
        one, two = (
            label(tables, task, person, np.full(len(ids), tick), known_at=known_at)
            for tables, person in ((histories, now), (past, np.arange(len(ids))))
        )
        for name, part in vars(one).items():
            other = getattr(two, name)
            assert part.equals(other), name
