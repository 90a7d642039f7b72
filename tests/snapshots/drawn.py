"""Drawn tables with everything awkward in them, and dates at which they are looked at.

Every choice is made by a function `choose` that takes one of several options: hypothesis makes
them one by one, and then finds the smallest world that fails; or they all follow from one seed,
and then no two worlds are alike.
"""

import random
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.schema import EVIDENCE, ORIGINS, SPELL_KINDS

DAY = pd.Timedelta(days=1)
TICK = pd.Timedelta(microseconds=1)
ORIGIN = pd.Timestamp("2010-01-01")
END = pd.Timestamp("2040-01-01")
OFFENCES = OffenceTable.from_frame(
    pd.DataFrame(
        {
            "offence": ["shove", "threat", "wound", "theft", "nuisance"],
            "harm": [0.3, 10.1, 1460.0, 2.7, 0.0],
            "group": ["violence", "threats", "violence", "theft", "other"],
            "serious": [False, False, True, True, False],
        }
    ),
    edition="test",
    source="made for the test",
)
NAMES = ("p1", "p2", "p3")
WITHOUT_EVENTS = "p4"
PLACES = ("bar", "home", "park")
WINDOWS = (30, 90, 365, 400, 730, 1825, None)
COLUMNS = {
    "events": "source_id person_id event_time recorded_time offence victim_id incident_id place "
    "evidence origin",
    "updates": "source_id recorded_time evidence",
    "people": "person_id birth_date birth_year recordable_from death_date left_date joined points",
    "spells": "person_id start recorded_time end kind",
}
TIMES = {"event_time", "recorded_time", "start", "end", "joined"} | {
    "birth_date",
    "recordable_from",
    "death_date",
    "left_date",
}


@dataclass(frozen=True)
class Tables:
    """The four tables that features read, as somebody would hand them in."""

    events: pd.DataFrame
    updates: pd.DataFrame = field(default_factory=lambda: table("updates", []))
    people: pd.DataFrame = field(default_factory=lambda: table("people", []))
    spells: pd.DataFrame = field(default_factory=lambda: table("spells", []))
    data_start: pd.Timestamp = ORIGIN

    def histories(self, **options):
        """Return the checked histories, without those optional tables that are empty."""
        others = {name: rows for name, rows in vars(self).items() if name in COLUMNS and len(rows)}
        events = others.pop("events", self.events)
        ends = {"data_start": self.data_start, "data_end": END}
        return EventHistories(events, **others, **ends, dates_only=True, **options)

    def map(self, change):
        """Return the tables with a function applied to each."""
        return replace(self, **{name: change(getattr(self, name)) for name in COLUMNS})

    def plus(self, **rows):
        """Return the tables with more rows in some of them."""
        return replace(self, **{name: joined(getattr(self, name), rows[name]) for name in rows})

    def moments(self):
        """Return the times at which something may change, by what changes then.

        None is before the first named record.
        """
        events, spells, people = self.events, self.spells, self.people
        lookbacks = sorted({times * days for days in WINDOWS[:-1] for times in (1, 5)})
        left = [events["event_time"] + days * DAY for days in lookbacks]
        since = people[["birth_date", "recordable_from"]].stack()
        menus = (
            events["event_time"],
            events["recorded_time"],
            *[self.updates["recorded_time"]] * 3,  # most easily forgotten between two dates
            pd.concat([spells["recorded_time"], spells["start"], spells["end"]]),
            pd.concat(left),
            pd.concat([since + days * DAY for days in (0, *WINDOWS[:-1])]),
        )
        first = events.loc[events["person_id"].notna(), "recorded_time"].min()
        found = [sorted(set(times[(times >= first) & (times < END - DAY)])) for times in menus]
        return [times for times in found if times] or [[END - DAY]]


def table(name, rows):
    """Return rows as a table with all its columns, in their types."""
    frame = pd.DataFrame(rows, columns=COLUMNS[name].split())
    for column in frame.columns:
        if column in TIMES:
            frame[column] = frame[column].astype("datetime64[us]")
        elif column in {"birth_year", "points"}:
            frame[column] = frame[column].astype("float64")
        else:
            frame[column] = frame[column].astype(pd.StringDtype(na_value=np.nan))
    return frame


def joined(one, two):
    """Return the rows of both tables."""
    parts = [part for part in (one, two) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else one


LAST = 2920
DAYS_OUT = (0, 1, 270, 300, 635, 910, 999, 1000, 1001, 1364, 1365, 1830, 2199, 2200)
HOURS = (0, 0, 0, 7, 23)
LAGS = (0 * DAY, 0 * DAY, TICK, *(pd.Timedelta(hours=hours) for hours in (1, 12, 24, 2160, 12000)))
DELAYS = (0 * DAY, 0 * DAY, TICK, DAY, 30 * DAY, 400 * DAY, 1200 * DAY)
LENGTHS = (None, 0, 1, 60, 335, 900)


@st.composite
def drawn(draw, make):
    """Draw what `make(choose)` returns, by single choices or, twice as often, by a seed."""
    if draw(st.integers(0, 2)):
        return make(random.Random(draw(st.integers(0, 2**48))).choice)
    return make(lambda options: draw(st.sampled_from(options)))


def make_tables(choose, sizes=(1, 2, 8, 15, 25, 25, 25)):
    """Return tables with same-day, equal-time, late, cancelled and unnamed records."""
    rows = [make_event(choose, number) for number in range(choose(sizes))]
    events = table("events", rows)
    updates = [
        update for _ in range(choose((0, 1, 5, 10, 10))) for update in make_updates(choose, rows)
    ]
    people = [{"person_id": WITHOUT_EVENTS, "birth_date": ORIGIN - 9000 * DAY, "points": 1.5}]
    people += [make_person(choose, events, name) for name in NAMES if choose((False, True))]
    known = sorted({row["person_id"] for row in people} | set(events["person_id"].dropna()))
    spells = [spell for _ in range(choose((0, 1, 4, 6))) for spell in make_spell(choose, known)]
    others = {"updates": updates, "people": people, "spells": spells}
    return Tables(events, **{name: table(name, others[name]) for name in others})


def make_time(choose):
    return ORIGIN + choose(DAYS_OUT) * DAY + pd.Timedelta(hours=choose(HOURS))


def make_event(choose, number):
    happened = make_time(choose)
    return {
        "source_id": f"e{number:02d}",
        "person_id": choose((*NAMES, "p1", *NAMES, "p1", "p1", None)),
        "event_time": happened,
        "recorded_time": happened + choose(LAGS),
        "offence": choose(tuple(OFFENCES.frame["offence"])),
        "victim_id": choose(("v1", "v2", "v3", None)),
        "incident_id": choose(("i1", "i2", "i3", "i4", "i5", None)),
        "place": choose((*PLACES, None)),
        "evidence": choose((*EVIDENCE, "charge", "conviction", "charge", None)),
        "origin": choose((*ORIGINS, "reported", None)),
    }


def make_updates(choose, rows):
    """Return updates of one event; several at one instant, before it is recorded or long after."""
    event = choose(rows)
    recorded = event[choose(("recorded_time", "event_time"))] + choose(DELAYS)
    menu = (*EVIDENCE, *["cancelled"] * 4, "charge")
    levels = [choose(menu) for _ in range(choose((1, 1, 2, 3)))]
    name = event["source_id"]
    return [{"source_id": name, "recorded_time": recorded, "evidence": level} for level in levels]


def make_spell(choose, known):
    """Return a spell as it was told once or several times, the last time not always longest."""
    start = recorded = make_time(choose)
    person, kind = choose(known), choose(("custody", "custody", None, *SPELL_KINDS))
    told = []
    for _ in range(choose((1, 2, 3))):
        recorded, length = recorded + choose(LAGS), choose(LENGTHS)
        end = None if length is None else start + length * DAY
        spell = {"person_id": person, "start": start, "recorded_time": recorded}
        told.append({**spell, "end": end, "kind": kind})
    return told


def make_person(choose, events, person):
    """Return a person who was born before the first event, and died or left after the last."""
    times = events.loc[events["person_id"] == person, "event_time"]
    first = times.min() if len(times) else ORIGIN + 500 * DAY
    last = times.max() if len(times) else ORIGIN + 500 * DAY
    row = {"person_id": person, "points": choose((None, -2.5, 0.0, 7.25))}
    known_by, born = choose(("date", "year", None)), choose((0, 1, 90, 365, 1500, 9000, 9000, 9000))
    if known_by == "date":
        row["birth_date"] = first.normalize() - born * DAY
    elif known_by == "year":
        row["birth_year"] = float((first - born * DAY).year)
    since = choose((None,) * 8 + (*DAYS_OUT, 970, 1165, 1835))
    if since is not None:  # never before birth
        row["recordable_from"] = max(ORIGIN + since * DAY, first.normalize())
    for column in ("death_date", "left_date"):
        later = choose((None, None, None, 0, 1, 400))
        row[column] = None if later is None else last.normalize() + later * DAY
    joined_after = choose((None, 0, 1000, 1364))
    row["joined"] = None if joined_after is None else ORIGIN + joined_after * DAY
    return row


def make_dates(choose, tables, sizes=(1, 3, 4, 4), around=((-TICK,), (0 * DAY,), (TICK,))):
    """Return dates at and around the times at which something may change, and later ones."""
    late = tuple(ORIGIN + days * DAY for days in (LAST, 2200, 1365, 1000))
    menus = [late, *tables.moments()]
    menus += [times for menu in menus if (times := [day for day in menu if day >= late[-1]])]
    dates = set()
    for _ in range(choose(sizes)):
        moment = choose(choose(menus))
        dates |= {max(moment + step, tables.data_start) for step in choose(around)}
    return sorted(dates)


def crowded_tables(rng, sizes):
    """Return tables with so many events a person, of eight years, a third of them updated."""
    person = np.repeat(list(sizes), list(sizes.values()))
    n = person.size
    happened = ORIGIN + pd.to_timedelta(rng.integers(0, LAST * 24 * 3600, n), unit="s")
    happened = pd.Series(happened).where(person != "p2", ORIGIN + DAY)
    late = pd.to_timedelta(rng.choice([0, 0, 1, 24, 2400], n), unit="h")
    events = pd.DataFrame(
        {
            "source_id": [f"e{number:05d}" for number in range(n)],
            "person_id": person,
            "event_time": happened,
            "recorded_time": happened + late,
            "offence": rng.choice(OFFENCES.frame["offence"], n),
            "victim_id": rng.choice([f"v{number}" for number in range(n // 8 + 2)], n),
            "incident_id": rng.choice([f"i{number}" for number in range(n // 4 + 2)], n),
            "place": rng.choice(PLACES, n),
            "evidence": rng.choice(EVIDENCE[:-1], n),
            "origin": rng.choice(ORIGINS, n),
        }
    )
    for column in ("victim_id", "incident_id", "place"):
        events[column] = events[column].where(rng.random(n) < 0.8)
    chosen = rng.integers(0, n, n // 3)
    delay = pd.to_timedelta(rng.integers(0, 400, chosen.size), unit="D")
    updates = {
        "source_id": events["source_id"].to_numpy()[chosen],
        "recorded_time": events["recorded_time"].to_numpy()[chosen] + delay,
        "evidence": rng.choice(EVIDENCE, chosen.size),
    }
    born = {"birth_date": ORIGIN - 9000 * DAY, "joined": ORIGIN, "points": 2.5}
    people = [{"person_id": name, **born} for name in (*NAMES, WITHOUT_EVENTS)]
    opens = ORIGIN + pd.to_timedelta(rng.integers(0, LAST * 24, 40), unit="h")
    spells = {
        "person_id": rng.choice(["p1", "p3"], 40),
        "start": opens,
        "recorded_time": opens + pd.to_timedelta(rng.integers(0, 9, 40), unit="D"),
        "end": opens + pd.to_timedelta(rng.integers(0, 60, 40), unit="D"),
    }
    return Tables(
        table("events", events), table("updates", updates), table("people", people),
        table("spells", spells),
    )  # fmt: skip
