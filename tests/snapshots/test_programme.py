from itertools import product

import numpy as np
import pytest

from riskmodel.histories.synthetic import make_histories
from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots import operations as ops
from riskmodel.snapshots.aggregate import price_events
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.plan import make_plan
from riskmodel.snapshots.programme import class_of, classes, columns, declared_places, programme
from riskmodel.snapshots.task import Task

GROUPS = ("theft", "violence")


def operations_of(made, record_class):
    """Return the number of operations of each kind on a class of records."""
    start = made.start[record_class * ops.N_KINDS : (record_class + 1) * ops.N_KINDS + 1]
    return np.diff(start)


@pytest.mark.parametrize(
    ("parts", "passes"),
    [
        ({"group": "violence"}, lambda g, *_: g == "violence"),
        ({"serious": True}, lambda _, serious, *__: serious),
        ({"place": True}, lambda _g, _s, place, *_: place != "none"),
        ({"place": False}, lambda _g, _s, place, *_: place == "none"),
        ({"place": "bar"}, lambda _g, _s, place, *_: place == "bar"),
        ({"victim": False}, lambda _g, _s, _p, victim, *_: not victim),
        ({"origin": "reported"}, lambda _g, _s, _p, _v, origin, _e: origin == "reported"),
        ({"evidence": ("charge", "caution")}, lambda *of: of[-1] in ("charge", "caution")),
    ],
)
def test_a_filter_lets_its_classes_pass_and_no_others(parts, passes):
    plan = make_plan([Feature("count", **parts), Feature("victims", place="bar")])
    made = programme(plan, GROUPS)
    places = ["none", "other", *declared_places(plan)]
    everything = product(GROUPS, (False, True), places, (False, True), ORIGINS, EVIDENCE)
    for group, serious, place, victim, origin, level in everything:
        code = class_of(
            GROUPS.index(group), serious, places.index(place), victim, ORIGINS.index(origin),
            len(places),
        )  # fmt: skip
        found = operations_of(made, code * len(EVIDENCE) + EVIDENCE.index(level))
        assert found[ops.COUNT] == passes(group, serious, place, victim, origin, level)
        assert found[ops.VICTIMS] == (place == "bar")


def test_events_of_one_class_are_alike_in_all_that_filters_ask():
    world = make_histories(150, seed=1)
    task = Task(offences=world.offences)
    place = world.histories.arrays.places[0]
    plan = make_plan([Feature("count", place=place)])
    arrays, priced = world.histories.arrays, price_events(world.histories, task)
    code = classes(plan, arrays, priced.group, priced.serious)
    events = world.histories.events
    alike = events.assign(
        group=priced.group,
        serious=priced.serious,
        here=events["place"].eq(place).fillna(False),
        somewhere=events["place"].notna(),
        named=events["victim_id"].notna(),
    )
    names = ["group", "serious", "here", "somewhere", "named", "origin"]
    assert (alike.groupby(code)[names].nunique() == 1).all(axis=None)
    assert len(np.unique(code)) == len(alike[names].drop_duplicates())


def test_columns_that_are_never_masked_say_so():
    feature = Feature("count", 365)
    plan = make_plan([feature])
    assert columns(plan, [feature], masked=True).window.tolist() == [0]
    assert columns(plan, [feature], masked=False).window.tolist() == [-1]
