"""What was recorded later is not seen: a past date's snapshot is the same from today's tables."""

from copy import copy
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from hypothesis import given, settings

from riskmodel.errors import SchemaError
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from tests.snapshots.agreement import SCALE, bits, built, snapshots_of, task_of
from tests.snapshots.drawn import (
    DAY,
    NAMES,
    OFFENCES,
    ORIGIN,
    TICK,
    Tables,
    drawn,
    make_dates,
    make_event,
    make_tables,
    table,
)
from tests.snapshots.drawn_features import make_features

EXAMPLES = int(14 * SCALE)
DEFAULTS = [part for f in default_features() for part in f.expand(OFFENCES.groups)]
GAPS = (TICK, pd.Timedelta(hours=5), DAY, 30 * DAY, 90 * DAY, 200 * DAY, 500 * DAY)
COHORTS = (
    Cohort(lookback_days=None),
    Cohort(lookback_days=None, exclude_in_custody=True),
    Cohort(lookback_days=730, min_incidents=2),
)


@dataclass
class Office:
    """Somebody who keeps the tables: each step adds rows at a time after all before it."""

    choose: object
    now: pd.Timestamp = ORIGIN + DAY
    events: list = field(default_factory=list)
    updates: list = field(default_factory=list)
    spells: list = field(default_factory=list)
    dead: dict = field(default_factory=dict)
    left: dict = field(default_factory=dict)
    born: dict = field(default_factory=dict)

    def open(self):
        """Enter what never changes: births, and from when on somebody could be recorded."""
        for name in NAMES:
            years = (ORIGIN - 9000 * DAY, ORIGIN - 700 * DAY, None)
            born = self.choose(years[: 2 + (name != NAMES[0])])
            since = self.choose((None, None, ORIGIN + 400 * DAY))
            self.born[name] = {"birth_date": born, "recordable_from": since, "points": 1.0}

    def step(self):
        """Let time pass and enter something; it is seldom the first to be told of its day."""
        self.now += self.choose(GAPS)
        entries = (self.report, self.report, self.report, self.update, self.imprison, self.tell)
        self.choose((*entries, *entries, self.bury, self.see_off))()

    def report(self):
        happened = self.now - self.choose((0 * DAY, 0 * DAY, TICK, DAY, 90 * DAY, 365 * DAY))
        event = make_event(self.choose, len(self.events))
        event["event_time"] = max(happened, ORIGIN + pd.Timedelta(hours=1))
        if event["event_time"] < self.dead.get(event["person_id"], self.now + DAY):
            self.events.append({**event, "recorded_time": self.now})

    def update(self):
        if self.events:
            event = self.choose(self.events)["source_id"]
            for _ in range(self.choose((1, 1, 2))):
                level = self.choose(EVIDENCE)
                row = {"source_id": event, "recorded_time": self.now, "evidence": level}
                self.updates.append(row)

    def imprison(self):
        start = self.now - self.choose((0 * DAY, DAY, 40 * DAY, -10 * DAY))
        length = self.choose((None, 20, 100, 400))
        spell = {"person_id": self.choose(NAMES), "start": start, "kind": "custody"}
        self.enter(spell, None if length is None else start + length * DAY)

    def tell(self):
        if self.spells:
            spell = self.choose(self.spells)
            told = (None, spell["start"], self.now, self.now + 60 * DAY)
            self.enter(
                spell, self.choose([end for end in told if not end or end >= spell["start"]])
            )

    def enter(self, spell, end):
        self.spells.append({**spell, "end": end, "recorded_time": self.now})

    def bury(self):
        self.dead.setdefault(self.choose(NAMES), self.now)

    def see_off(self):
        self.left.setdefault(self.choose(NAMES), self.now)

    def copy(self):
        """Return the office as it stands, whatever is entered later."""
        kept = ("events", "updates", "spells", "dead", "left")
        return replace(self, **{name: copy(getattr(self, name)) for name in kept})

    def tables(self):
        """Return the tables as they stand."""
        people = [
            {
                **self.born[name],
                "person_id": name,
                "death_date": self.dead.get(name),
                "left_date": self.left.get(name),
            }
            for name in NAMES
        ]
        return Tables(
            table("events", self.events), table("updates", self.updates), table("people", people),
            table("spells", self.spells),
        )  # fmt: skip


def kept_for_years(choose):
    """Return some versions of the tables, each with a date at which they stood so, and a task."""
    office, versions = Office(choose), []
    office.open()
    for _ in range(choose((3, 15, 40))):
        office.step()
        versions.append((office.now, office.copy()))
    ends = [began for began, _ in versions[1:]] + [office.now + 600 * DAY]
    past = {}
    for _ in range(3):
        number = choose(range(len(versions)))
        began, then = versions[number]
        past[min(began + choose((TICK, 0 * DAY, DAY, 600 * DAY)), ends[number])] = then.tables()
    features = {f.name: f for f in (*DEFAULTS, *make_features(choose, sizes=(12,)))}
    return past, office.tables(), task_of(features.values(), cohort=choose(COHORTS))


def listed_bits(make, *parts, **options):
    """Return the bits of a snapshot, or None where nobody is listed."""
    try:
        return bits(make(*parts, **options))
    except SchemaError as error:
        assert "nobody is in the cohort" in str(error)
        return None


@settings(max_examples=EXAMPLES)
@given(drawn(kept_for_years))
def test_a_past_date_is_rebuilt_bit_for_bit_from_todays_tables(world):
    past, today, task = world
    now = today.histories()
    for date, tables in past.items():
        then = tables.histories()
        for dtype in (np.float32, np.float64):
            at_the_time = listed_bits(snapshots_of, then, task, date, dtype=dtype)
            assert listed_bits(snapshots_of, now, task, date, dtype=dtype) == at_the_time


@settings(max_examples=EXAMPLES // 2)
@given(drawn(kept_for_years))
def test_what_was_known_at_a_date_is_all_that_scoring_reads(world):
    past, today, task = world
    now = today.histories()
    for date in past:
        known = now.before(date)
        seen, then = (features_at(histories, task, date) for histories in (now, known))
        assert list(seen.person_id[seen.scored]) == list(then.person_id[then.scored])
        assert seen.X.to_numpy().tobytes() == then.X.to_numpy().tobytes()
        assert seen.rules.to_numpy().tobytes() == then.rules.to_numpy().tobytes()


def with_a_future(choose):
    """Return tables, a date, all else that may be recorded from then on, and features."""
    tables, later = make_tables(choose), make_tables(choose)
    moment = make_dates(choose, tables, sizes=(1,))[0]
    return tables, moment, after(moment, tables, later), make_features(choose)


def after(moment, tables, later):
    """Return the tables with rows recorded at `moment` and after it, some of earlier times.

    New events, some of new people; updates that cancel every event; spells, new and told again;
    deaths and departures.
    """
    events = later.events.assign(source_id="later " + later.events["source_id"])
    updates = later.updates.assign(source_id="later " + later.updates["source_id"])
    cancelled = tables.events[["source_id"]].assign(evidence="cancelled")
    cancelled["recorded_time"] = tables.events["event_time"]
    told_again = tables.spells.assign(end=tables.spells["start"] + 50 * DAY)
    rows = {
        "events": events,
        "updates": pd.concat([updates, cancelled], ignore_index=True),
        "spells": pd.concat([later.spells, told_again], ignore_index=True),
    }
    for part in rows.values():
        part["recorded_time"] = part["recorded_time"].clip(lower=moment)
    last = tables.events.groupby("person_id")["event_time"].max()
    everyone = sorted({*tables.people["person_id"], *last.index})
    people = tables.people.set_index("person_id").reindex(everyone)
    for column in ("death_date", "left_date"):
        at_the_earliest = last.reindex(everyone).clip(lower=moment)
        people[column] = people[column].fillna(at_the_earliest.fillna(moment))
    return replace(tables.plus(**rows), people=people.rename_axis("person_id").reset_index())


@settings(max_examples=EXAMPLES)
@given(drawn(with_a_future))
def test_what_is_recorded_at_or_after_the_date_changes_no_bit(world):
    tables, moment, with_future, features = world
    task = task_of(features)
    histories = with_future.histories(on_invalid="set_aside")  # events of the dead
    now = listed_bits(built, tables, task, moment)
    assert listed_bits(snapshots_of, histories, task, moment) == now
