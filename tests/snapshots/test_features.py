import json
import re
from itertools import product

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.snapshots.features import COLUMNS, MEASURES, SCALARS, WINDOWED, Feature
from tests.snapshots.grammar import AWKWARD, anything, bare, features, meaning

PLACES = (
    None,
    True,
    False,
    "a",
    "b",
    "a_b",
    ("a", "b"),
    "a or b",
    'a" or "b',
    "reported",
    "a_charge",
)
GROUPS = (
    None,
    "a",
    "violence",
    "serious",
    "violence_charge",
    "violence charge",
    "charge",
    "at",
    "a_at_b",
)


@given(features)
def test_a_feature_survives_json(feature):
    content = json.loads(json.dumps(feature.to_dict()))
    assert Feature.from_dict(content) == feature
    assert set(content) <= set(Feature.__dataclass_fields__)


@given(anything)
def test_a_name_is_letters_digits_and_underscores(feature):
    assert re.fullmatch("[A-Za-z0-9]+(_[A-Za-z0-9]+)*", feature.name)


def test_lightgbm_takes_the_names():
    names = [Feature("count", place=word, group=word).name for word in AWKWARD]
    names += [Feature("covariate", column=word).name for word in AWKWARD]
    table = lightgbm.Dataset(np.eye(len(names)), feature_name=names, params={"verbose": -1})
    assert table.construct().get_feature_name() == names


@given(anything)
def test_a_sentence_is_plain_english_around_what_is_quoted(feature):
    text = bare(feature.sentence)
    assert "_" not in text
    assert "  " not in text
    assert text == text.strip()
    assert text.isprintable()


@given(st.lists(anything, max_size=20))
def test_names_and_sentences_tell_features_apart(drawn):
    distinct = {meaning(feature) for feature in drawn}
    assert len({feature.name for feature in drawn}) == len(distinct)
    assert len({feature.sentence for feature in drawn}) == len(distinct)


@pytest.mark.parametrize("measure", ["count", "incidents", "trend_harm", "days_since_last"])
def test_close_features_have_names_and_sentences_of_their_own(measure):
    """Whatever a user calls groups and places, no two combinations of filters look the same."""
    windows = (365, 366) if measure in WINDOWED else (None,)
    flags, levels = (None, True, False), (None, "charge", ("arrest", "charge"), "no_action")
    family = [
        Feature(measure, window, group, level, serious, victim, place, origin)
        for window, group, level, serious, victim, place, origin in product(
            windows, GROUPS, levels, flags, flags[:2], PLACES, (None, "reported")
        )
    ]
    assert len({feature.name for feature in family}) == len(family)
    assert len({feature.sentence for feature in family}) == len(family)


def test_columns_of_people_are_never_taken_for_counts():
    over_records = [Feature("count", 365), Feature("count", 365, per_year_at_risk=True)]
    over_records += [Feature(measure) for measure in SCALARS]
    over_records += [Feature(measure, serious=True) for measure in SCALARS]
    looks = [feature.name for feature in over_records] + [f.sentence for f in over_records]
    looks += [name.removeprefix("days_since_") for name in looks] + ["first_contact", "contact"]
    people = [
        Feature(measure, column=look) for measure in COLUMNS[1:] for look in dict.fromkeys(looks)
    ]
    both = [*over_records, *people, Feature("days_since_first", group="contact")]
    assert len({feature.name for feature in both}) == len(both)
    assert len({feature.sentence for feature in both}) == len(both)


def test_plain_words_stand_in_the_name_as_they_are():
    assert Feature("count", 365, group="stalking_harassment").name == "count_stalking_harassment_1y"
    assert (
        Feature("count", place="market", origin="reported").name == "count_at_market_reported_ever"
    )
    assert Feature("covariate", column="prior_contacts").name == "prior_contacts"
    assert Feature("days_since_date", column="joined_on").name == "days_since_joined_on"


def test_the_order_and_number_of_several_values_do_not_matter():
    one = Feature("count", evidence=["charge", "arrest", "charge"], place=["b", "a"])
    two = Feature("count", evidence=("arrest", "charge"), place=("a", "b", "b"))
    assert one == two
    assert one.name == two.name
    assert Feature("count", evidence=["charge"]) == Feature("count", evidence="charge")


def test_each_is_one_column_for_each_group():
    parts = Feature("harm_sum", 365, group="each", serious=True).expand(["a", "b"])
    assert [part.name for part in parts] == ["harm_sum_a_serious_1y", "harm_sum_b_serious_1y"]
    assert Feature("age", justification="x").expand(["a", "b"]) == (
        Feature("age", justification="x"),
    )


@pytest.mark.parametrize(
    "parts",
    [
        {"measure": "guess"},
        {"measure": 5},
        {"measure": "age"},
        {"measure": "age", "justification": " "},
        {"measure": "days_since_last", "window_days": 90},
        {"measure": "decayed", "window_days": 90},
        {"measure": "trend_count"},
        {"measure": "count", "window_days": 1.5},
        {"measure": "count", "window_days": True},
        {"measure": "count", "window_days": 36_526},
        {"measure": "count", "evidence": "cancelled"},
        {"measure": "count", "evidence": ("charge", "rumour")},
        {"measure": "count", "evidence": ()},
        {"measure": "count", "evidence": [["charge"]]},
        {"measure": "count", "group": 5},
        {"measure": "count", "group": ""},
        {"measure": "count", "serious": "yes"},
        {"measure": "count", "victim": "v1"},
        {"measure": "count", "place": ()},
        {"measure": "count", "place": ("a", "")},
        {"measure": "count", "place": 3},
        {"measure": "count", "origin": "rumour"},
        {"measure": "count", "column": "rank"},
        {"measure": "covariate"},
        {"measure": "covariate", "column": ""},
        {"measure": "covariate", "column": "rank", "serious": True},
        {"measure": "covariate", "column": "rank", "window_days": 365},
        {"measure": "age", "justification": "x", "group": "violence"},
        {"measure": "harm_max", "per_year_at_risk": True},
        {"measure": "gap", "per_year_at_risk": True},
        {"measure": "days_since_last", "per_year_at_risk": True},
    ],
)
def test_parts_that_do_not_fit_are_refused(parts):
    with pytest.raises(SchemaError):
        Feature(**parts)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(SchemaError) as caught:
        Feature("decayed", 90, origin="rumour", place=3, per_year_at_risk=True)
    for part in ("window_days", "origin", "place", "per_year_at_risk"):
        assert f"Feature.{part}:" in str(caught.value)


@pytest.mark.parametrize("days", [0, -1, -365])
def test_a_window_that_touches_the_outcome_is_a_leak(days):
    with pytest.raises(LeakageError, match="touch the outcome"):
        Feature("count", days)


@pytest.mark.parametrize("content", [{"measure": "count", "colour": "red"}, {"window_days": 90}])
def test_json_of_something_else_is_refused(content):
    with pytest.raises(SchemaError, match="feature: "):
        Feature.from_dict(content)


@pytest.mark.parametrize("column", ["sex", "Ethnicity", "self_defined_ethnicity", "religion"])
def test_a_protected_column_is_refused(column):
    for measure in ("covariate", "days_since_date"):
        with pytest.raises(LeakageError, match="protected"):
            Feature(measure, column=column)


def test_the_measures_are_those_of_the_three_kinds():
    assert [*WINDOWED, *SCALARS, *COLUMNS] == list(MEASURES)
    assert len(set(MEASURES)) == len(MEASURES)
