from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from riskmodel.snapshots.default_features import RULES, default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.pairs import Difference, Ratio
from riskmodel.snapshots.plan import make_plan
from riskmodel.snapshots.windows import window_us
from tests.snapshots.grammar import leaves, pairs


@given(st.lists(leaves() | pairs, min_size=1, max_size=8))
def test_only_a_feature_and_its_own_rate_share_a_place(features):
    plan = make_plan(features, RULES.values())
    size = plan.layout.first_derived + len(plan.layout.derived)
    at = {}
    for leaf, slot in zip(plan.leaves, plan.slots, strict=True):
        assert 0 <= slot < size
        at.setdefault(slot, set()).add(replace(leaf, per_year_at_risk=False))
    assert all(len(sharing) == 1 for sharing in at.values())


def test_what_is_asked_twice_is_added_up_once():
    parts = (Feature("count", 365), Feature("count", 730))
    plan = make_plan([*parts, Ratio(*parts), Difference(*parts)])
    assert len(plan.layout.asked) == 1
    assert plan.leaves == parts


def test_a_trend_needs_the_edges_of_its_spans():
    plan = make_plan([Feature("trend_count", 100)])
    assert {window_us(100), window_us(500)} <= set(plan.layout.windows)


def test_the_blocks_of_the_row_follow_each_other():
    layout = make_plan(default_features(), RULES.values()).layout
    n_windows = len(layout.windows)
    assert layout.greatest == layout.n_summed * n_windows
    assert layout.alone == layout.greatest + layout.n_greatest * n_windows
    assert layout.first_derived == layout.alone + layout.n_alone
