"""Costs check themselves, and imply the probability from which listing pays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.costs import Costs

AMOUNTS = st.floats(0.01, 1_000)


@given(AMOUNTS, AMOUNTS)
def test_at_the_threshold_listing_and_leaving_out_cost_the_same(miss, false_listing):
    costs = Costs(miss=miss, false_listing=false_listing)
    chance = costs.threshold
    assert chance * miss == pytest.approx((1 - chance) * false_listing)


@given(AMOUNTS, AMOUNTS, st.sampled_from([0.5, 2.0, 64.0]))
def test_the_unit_of_the_costs_does_not_move_the_threshold(miss, false_listing, unit):
    small = Costs(miss=miss, false_listing=false_listing)
    large = Costs(miss=miss * unit, false_listing=false_listing * unit)
    assert small.threshold == pytest.approx(large.threshold)


@given(AMOUNTS, AMOUNTS)
def test_costs_go_to_json_and_back(miss, false_listing):
    costs = Costs(miss=miss, false_listing=false_listing)
    assert Costs.from_dict(costs.to_dict()) == costs


def test_all_mistakes_come_at_once():
    with pytest.raises(SchemaError) as found:
        Costs(miss=0, false_listing=float("inf"))
    assert len(found.value.problems) == 2
    with pytest.raises(SchemaError, match=r"Costs\.miss: nan"):
        Costs(miss=float("nan"))


def test_the_two_cannot_be_swapped_by_place():
    with pytest.raises(TypeError):
        Costs(1, 10)
