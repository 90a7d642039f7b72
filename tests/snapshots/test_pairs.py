import json

import pytest
from hypothesis import given

from riskmodel.errors import SchemaError
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.pairs import Difference, Ratio, feature_from_dict
from tests.snapshots.grammar import anything, pairs

COUNT, RATE = Feature("count", 365), Feature("count", 365, per_year_at_risk=True)


@given(anything)
def test_every_kind_survives_json(feature):
    assert feature_from_dict(json.loads(json.dumps(feature.to_dict()))) == feature


@given(pairs)
def test_a_pair_is_made_of_its_two_parts(pair):
    assert pair.leaves == (pair.first, pair.second)
    assert pair.expand(["a", "b"]) == (pair,)
    for part in pair.leaves:
        assert part.name in pair.name
        assert part.sentence in pair.sentence


def test_kind_order_and_parts_tell_pairs_apart():
    family = [
        kind(one, two)
        for kind in (Ratio, Difference)
        for one in (COUNT, RATE, Feature("count", 365, serious=False), Feature("decayed"))
        for two in (COUNT, RATE, Feature("count", 365, serious=False), Feature("decayed"))
    ]
    assert len({pair.name for pair in family}) == len(family)
    assert len({pair.sentence for pair in family}) == len(family)
    assert len({json.dumps(pair.to_dict()) for pair in family}) == len(family)


@pytest.mark.parametrize("kind", [Ratio, Difference])
@pytest.mark.parametrize(
    "part",
    [
        Feature("age", justification="x"),
        Feature("covariate", column="rank"),
        Feature("days_since_date", column="joined_on"),
        Feature("count", 365, group="each"),
        Ratio(COUNT, RATE),
        "count_1y",
        None,
    ],
)
def test_parts_are_two_features_over_records(kind, part):
    for parts in ((part, COUNT), (COUNT, part)):
        with pytest.raises(SchemaError, match="two features over records"):
            kind(*parts)


@pytest.mark.parametrize(
    "content",
    [
        {"ratio": [COUNT.to_dict()]},
        {"ratio": COUNT.to_dict()},
        {"difference": [COUNT.to_dict()] * 3},
        {"difference": [COUNT.to_dict()] * 2, "window_days": 90},
        {"ratio": [{"measure": "guess"}, COUNT.to_dict()]},
        {"product": [COUNT.to_dict()] * 2},
        {},
    ],
)
def test_json_of_something_else_is_refused(content):
    with pytest.raises(SchemaError):
        feature_from_dict(content)
