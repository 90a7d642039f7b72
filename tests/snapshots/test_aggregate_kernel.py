"""The compiled pass against two readings of the same definitions: plain pandas, and SQL."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from riskmodel.errors import SchemaError
from riskmodel.snapshots.default_features import RULES, default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.pairs import Difference, Ratio
from tests.snapshots.agreement import (
    SCALE,
    Expected,
    assert_proved,
    bits,
    built,
    snapshots_of,
    task_of,
)
from tests.snapshots.drawn import (
    DAY,
    END,
    LAST,
    NAMES,
    ORIGIN,
    TICK,
    WITHOUT_EVENTS,
    Tables,
    crowded_tables,
    drawn,
    make_dates,
    make_tables,
    table,
)
from tests.snapshots.drawn_features import STANDINGS, every_measure_with_every_filter, make_features

EXAMPLES = int(30 * SCALE)
DEFAULTS = default_features()
HEAVY_USERS_FEATURES = (
    Feature("harm_sum", 400, serious=False, victim=True),
    Feature("harm_max", 90, place=("home", "park")),
    Feature("places", 730, origin="reported"),
    Feature("neighbours", 365),
    Feature("neighbours", None, group="theft", per_year_at_risk=True),
    Feature("co_accused", 90, evidence=("charge", "conviction")),
    Feature("repeat_victims", 365, serious=True),
    Feature("repeat_places", 1825, per_year_at_risk=True),
    Feature("gap", 730, group="violence"),
    Feature("trend_count", 90, victim=False),
    Feature("decayed", place=True),
    Ratio(Feature("incidents", 365), Feature("victims", 365)),
    Difference(Feature("harm_sum", 90), Feature("harm_sum", 730)),
)
"""A dozen for those with one record and with thousands."""


def declared(choose):
    """Return tables, dates, features that a user might declare, and levels that count."""
    tables = make_tables(choose)
    dates = make_dates(choose, tables)
    return tables, dates, make_features(choose), choose(STANDINGS)


@settings(max_examples=EXAMPLES // 4)
@given(drawn(declared))
def test_the_two_oracles_agree_with_each_other(world):
    tables, dates, features, standing = world
    Expected(tables, features, dates, standing=standing)
    Expected(tables, RULES.values(), dates, standing=standing, masked=False)


@settings(max_examples=EXAMPLES)
@given(drawn(declared))
def test_every_declared_feature_equals_pandas_and_sql(world):
    tables, dates, features, standing = world
    assert_proved(tables, task_of(features, feature_evidence=standing), dates)


@settings(max_examples=EXAMPLES // 3)
@given(drawn(declared))
def test_every_default_feature_equals_pandas_and_sql(world):
    tables, dates, _, standing = world
    assert_proved(tables, task_of(DEFAULTS, feature_evidence=standing), dates)


def test_every_measure_with_every_filter_equals_pandas_and_sql():
    rng = np.random.default_rng(3)
    tables = crowded_tables(rng, {"p1": 300, "p2": 1, "p3": 150})
    task = task_of(every_measure_with_every_filter())
    snapshots = assert_proved(tables, task, [ORIGIN + days * DAY for days in (1000, LAST)])
    says_something = snapshots.X.fillna(0).ne(0).any()
    assert says_something.mean() > 0.9  # an offence that weighs nothing has no harm to sum


def test_one_event_and_five_thousand_are_counted_alike():
    rng = np.random.default_rng(0)
    tables = crowded_tables(rng, {"p1": 5_000, "p2": 1, "p3": 40})
    dates = [ORIGIN + days * DAY for days in (30, 1000, 2000, LAST)]
    task = task_of((*DEFAULTS, *HEAVY_USERS_FEATURES))
    snapshots = assert_proved(tables, task, dates)
    assert snapshots.X["count_ever"].agg(["min", "max"]).between(1, 5_000).all()
    assert snapshots.X["count_ever"].max() > 4_000


def test_thirty_days_at_risk_are_thirty_whatever_custody_came_before():
    now = ORIGIN + LAST * DAY
    seconds = np.random.default_rng(0).integers(1, 1400 * 86_400, 60)
    names = [f"p{number}" for number in range(seconds.size)]
    early = ORIGIN + pd.to_timedelta(seconds, unit="s")
    free = now - 20 * DAY + pd.to_timedelta(np.arange(seconds.size) % 3 - 1, unit="us")
    custody = {
        "person_id": names * 2,
        "start": [ORIGIN] * len(names) + [now - 80 * DAY] * len(names),
    }
    event = {"event_time": now - DAY, "recorded_time": now - DAY, "offence": "wound"}
    tables = Tables(
        table("events", [{**event, "source_id": name, "person_id": name} for name in names]),
        spells=table("spells", {**custody, "recorded_time": ORIGIN, "end": [*early, *free]}),
    )
    snapshots = assert_proved(tables, task_of([Feature("count", 90, per_year_at_risk=True)]), [now])
    assert snapshots.X.isna().sum().item() == seconds.size // 3


def many_dates(choose):
    """Return tables, dates just before, at and after what changes them, features, some dates."""
    tables = make_tables(choose)
    around = ((-TICK, 0 * DAY, TICK),)
    dates = make_dates(choose, tables, sizes=(2, 8, 8), around=around)
    some = sorted({choose(dates) for _ in range(choose((1, 2, 6)))})
    always = [Feature(measure) for measure in ("count", "harm_sum", "co_accused", "neighbours")]
    always.append(Feature("count", evidence=("charge", "conviction")))
    features = {f.name: f for f in (*always, *make_features(choose, sizes=(16,)))}
    return tables, dates, features.values(), some


@settings(max_examples=EXAMPLES + EXAMPLES // 3)
@given(drawn(many_dates))
def test_one_date_or_many_make_the_same_bits(world):
    tables, dates, features, some = world
    task = task_of(features)
    everything = assert_proved(tables, task, dates, by_pandas=False)
    if everything is None:
        return
    for chosen in (some, some[:1]):
        part = everything.subset(everything.as_of.isin(chosen))
        if len(part):
            assert bits(built(tables, task, chosen)) == bits(part)


def shuffled(choose):
    """Return tables, dates, features, and how to shuffle rows and people."""
    tables = make_tables(choose)
    names = list(NAMES)
    renamed = [names.pop(names.index(choose(tuple(names)))) for _ in NAMES]
    order = np.random.default_rng(choose(range(1000)))
    return tables, make_dates(choose, tables), make_features(choose), renamed, order


@settings(max_examples=EXAMPLES // 3)
@given(drawn(shuffled))
def test_the_order_of_rows_and_people_changes_no_bit(world):
    tables, dates, features, renamed, order = world
    task = task_of(features)
    if not Expected(tables, [], dates).rows:
        return
    one = built(tables, task, dates)
    reordered = tables.map(lambda rows: rows.sample(frac=1, random_state=order))
    assert bits(built(reordered, task, dates)) == bits(one)
    names = dict(zip(NAMES, renamed, strict=True))
    other = built(tables.map(lambda rows: with_names(rows, names)), task, dates)
    rows = pd.MultiIndex.from_arrays([other.as_of, other.person_id])
    same = rows.get_indexer_for(list(zip(one.as_of, one.person_id.replace(names), strict=True)))
    for part in ("X", "rules"):
        permuted = getattr(other, part).to_numpy()[same]
        assert permuted.tobytes() == getattr(one, part).to_numpy().tobytes()


def with_names(rows, names):
    return rows.assign(person_id=rows["person_id"].replace(names)) if "person_id" in rows else rows


def with_impossible_rows(choose):
    """Return tables, rows that cannot be, dates and features."""
    tables = make_tables(choose)
    return (
        tables,
        make_impossible(choose, tables),
        make_dates(choose, tables),
        make_features(choose),
    )


def make_impossible(choose, tables):
    """Return rows that cannot be: before birth, after death, known before they happened ..."""
    born = tables.people.dropna(subset="birth_date").iloc[-1]
    early = born["birth_date"] - TICK
    now = tables.events["recorded_time"].iloc[0]
    sound = {"person_id": "p1", "event_time": now, "recorded_time": now, "offence": "wound"}
    events = [
        {**sound, "person_id": born["person_id"], "event_time": early, "recorded_time": early},
        {**sound, "event_time": now + TICK},
        {**sound, "recorded_time": END},
        {
            **sound,
            "source_id": choose(tuple(tables.events["source_id"])),
            "recorded_time": END - DAY,
        },
    ]
    for _, person in tables.people.dropna(subset="death_date").iterrows():
        late = person["death_date"].normalize() + DAY
        events.append({**sound, "person_id": person["person_id"], "event_time": late})
        events[-1]["recorded_time"] = late + DAY
    events = [{"source_id": f"impossible {n}", **event} for n, event in enumerate(events)]
    charge = {"recorded_time": END - DAY, "evidence": "charge"}
    happened = tables.events["event_time"].iloc[0]
    updates = [
        {**charge, "source_id": "impossible 0"},
        {**charge, "source_id": "in no event"},
        {
            **charge,
            "source_id": tables.events["source_id"].iloc[0],
            "recorded_time": happened - TICK,
        },
        {**charge, "source_id": tables.events["source_id"].iloc[0], "evidence": "sentenced"},
    ]
    spell = {"person_id": WITHOUT_EVENTS, "start": ORIGIN, "recorded_time": ORIGIN}
    spells = [{**spell, "end": ORIGIN - TICK}, {**spell, "person_id": "nobody"}]
    rows = {"events": events, "updates": updates, "spells": spells}
    return {name: table(name, rows[name]) for name in rows}


@settings(max_examples=EXAMPLES // 3)
@given(drawn(with_impossible_rows))
def test_impossible_rows_are_set_aside_and_change_no_bit(world):
    tables, impossible, dates, features = world
    if not Expected(tables, [], dates).rows:
        return
    planted = tables.plus(**impossible)
    with pytest.raises(SchemaError):
        planted.histories()
    histories = planted.histories(on_invalid="set_aside")
    assert {name: len(rows) for name, rows in histories.set_aside.items() if len(rows)} == {
        name: len(rows) for name, rows in impossible.items()
    }
    task = task_of(features)
    assert bits(snapshots_of(histories, task, dates)) == bits(built(tables, task, dates))
