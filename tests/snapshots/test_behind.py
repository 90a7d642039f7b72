"""behind_rows against the same rule said record by record, in plain Python."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots.behind import RecordColumns, behind_rows
from riskmodel.snapshots.features import WINDOWED, Feature
from riskmodel.snapshots.pairs import Difference, Ratio
from tests.snapshots.drawn_features import FROM_PEOPLE, make_leaf

DAY = 86_400_000_000
AS_OF = 4000 * DAY
GROUPS = {"violence": 0, "threats": 1, "theft": 2, "other": 3}
PLACES = {"bar": 0, "home": 1, "park": 2, "elsewhere": 3}
TIMES = [AS_OF - days * DAY for days in (1, 30, 90, 365, 366, 400, 730, 1825, 1826, 3000)]


def make_columns(seed, n_people=4, n_records=8):
    """Return the columns of some people, with many ties and many things missing."""
    draw, rows = random.Random(seed), []
    for person in range(n_people):
        reach = draw.choice((0, *TIMES))
        for _ in range(draw.randrange(n_records)):
            rows.append((person, draw.choice(TIMES) + draw.choice((0, 0, 1)), reach))
    rows.sort()
    n = len(rows)
    person, happened, reach = np.array(rows, dtype=np.int64).reshape(-1, 3).T

    def codes(low, high):
        return np.array([draw.randrange(low, high) for _ in range(n)], dtype=np.int32)

    return RecordColumns(
        person=3 * person,
        event_time=happened,
        recorded_time=happened,
        group=codes(0, 4),
        serious=codes(0, 2) == 1,
        harm=codes(0, 4) * 1.5,
        evidence=codes(0, len(EVIDENCE)).astype(np.int8),
        origin=codes(0, 2).astype(np.int8),
        victim=codes(-1, 3),
        incident=codes(0, 4),
        place=codes(-1, 4),
        with_others=codes(0, 2) == 1,
        with_neighbours=codes(0, 2) == 1,
        reach=reach,
        source_id=np.array([f"r{row}" for row in range(n)], dtype=object),
        group_codes=GROUPS,
        place_codes=PLACES,
    )


def listed(value):
    return value if isinstance(value, tuple) else (value,)


def counts(leaf, columns, row):
    """Return whether a record passes the filters and lies in the window."""
    place = [name for name, code in PLACES.items() if code == columns.place[row]]
    checks = {
        "group": lambda wanted: columns.group[row] == GROUPS[wanted],
        "evidence": lambda wanted: EVIDENCE[columns.evidence[row]] in listed(wanted),
        "serious": lambda wanted: columns.serious[row] == wanted,
        "victim": lambda wanted: (columns.victim[row] != -1) == wanted,
        "origin": lambda wanted: ORIGINS[columns.origin[row]] == wanted,
        "place": lambda wanted: (
            bool(place) == wanted if isinstance(wanted, bool) else set(place) & set(listed(wanted))
        ),
    }  # fmt: skip
    for name, check in checks.items():
        if (wanted := getattr(leaf, name)) is not None and not check(wanted):
            return False
    if leaf.measure not in WINDOWED or leaf.window_days is None:
        return True
    days, happened = leaf.window_days, columns.event_time[row]
    if leaf.measure.startswith("trend") and happened >= columns.reach[row]:
        days *= 5
    return happened >= AS_OF - days * DAY


def matters(measure, columns, row, mine):
    """Return whether one of a person's records `mine`, which pass, makes the value what it is."""
    if measure in ("victims", "places"):
        return getattr(columns, measure[:-1])[row] != -1
    if measure in ("co_accused", "neighbours"):
        return {"co_accused": columns.with_others, "neighbours": columns.with_neighbours}[measure][
            row
        ]
    if measure == "harm_max":
        return columns.harm[row] == max(columns.harm[other] for other in mine)
    if measure in ("repeat_victims", "repeat_places"):
        item = {"repeat_victims": columns.victim, "repeat_places": columns.place}[measure]
        same = {columns.incident[other] for other in mine if item[other] == item[row]}
        return item[row] != -1 and len(same) >= 2
    if measure in ("days_since_first", "days_since_last"):
        return row == mine[0 if measure == "days_since_first" else -1]
    return True


def by_definition(feature, columns):
    behind = set()
    for leaf in feature.leaves:
        for person in set(columns.person.tolist()):
            own = np.flatnonzero(columns.person == person)
            mine = [row for row in own if counts(leaf, columns, row)]
            behind |= {row for row in mine if matters(leaf.measure, columns, row, mine)}
    return sorted(behind)


SEEDS = st.integers(0, 2**48)


@given(SEEDS, SEEDS)
def test_many_people_at_once_as_by_definition(seed, other):
    columns, choose = make_columns(seed), random.Random(other).choice
    for _ in range(10):
        feature = make_leaf(choose)
        found = np.flatnonzero(behind_rows(feature, columns, AS_OF))
        assert found.tolist() == by_definition(feature, columns), feature


@given(SEEDS, SEEDS)
def test_a_pair_rests_on_the_records_of_both(seed, other):
    columns, choose = make_columns(seed), random.Random(other).choice
    one, two = make_leaf(choose), make_leaf(choose)
    either = behind_rows(one, columns, AS_OF) | behind_rows(two, columns, AS_OF)
    for kind in (Ratio, Difference):
        assert (behind_rows(kind(one, two), columns, AS_OF) == either).all()


@given(SEEDS, SEEDS)
def test_one_person_alone_as_among_others(seed, other):
    columns, feature = make_columns(seed), make_leaf(random.Random(other).choice)
    together = behind_rows(feature, columns, AS_OF)
    for person in set(columns.person.tolist()):
        mine = columns.person == person
        alone = behind_rows(feature, columns.take(mine), AS_OF)
        assert alone.tolist() == together[mine].tolist()


def test_nothing_rests_on_no_records():
    nobody = make_columns(0, n_people=0)
    for seed in range(100):
        assert behind_rows(make_leaf(random.Random(seed).choice), nobody, AS_OF).shape == (0,)


def test_what_is_read_from_the_people_table_rests_on_no_record():
    columns = make_columns(1)
    for feature in FROM_PEOPLE:
        assert not behind_rows(feature, columns, AS_OF).any()


def test_an_offence_group_that_no_record_has():
    assert not behind_rows(Feature("count", group="unheard of"), make_columns(1), AS_OF).any()
