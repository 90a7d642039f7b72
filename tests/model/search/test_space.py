"""A search space checks itself, knows the estimator's names, and goes through JSON and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.space import NOT_SEARCHED, Choice, Range, SearchSpace

BLENDS = Choice(({"any": 1.0}, {"any": 1.0, "count": 0.5}))


def test_the_default_space_holds_the_default_settings():
    space, settings = SearchSpace.default(), RepeatHarmEstimator().get_params()
    space.check_names(settings)
    assert space.holds(settings)
    assert not space.holds({**settings, "learning_rate": 0.9})


ranges = st.builds(
    lambda low, wide, log: Range(low, low + wide, log=log),
    st.integers(1, 100) | st.floats(0.001, 100),
    st.integers(1, 100),
    st.booleans(),
)
choices = st.lists(
    st.integers(2, 9) | st.text(max_size=3) | st.none(), min_size=2, unique=True
).map(tuple).map(Choice)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), ranges | choices, min_size=1))
def test_there_and_back_through_json(settings):
    space = SearchSpace(settings)
    assert SearchSpace.from_dict(json.loads(json.dumps(space.to_dict()))) == space


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Range(2, 1), "low must be below high"),
        (lambda: Range(1, 1), "low must be below high"),
        (lambda: Range(0.0, 1.0, log=True), "above 0 where log"),
        (lambda: Range(float("nan"), 1.0), "finite"),
        (lambda: Range("1", 2), "numbers"),
        (lambda: Range(False, True), "numbers"),
        (lambda: Choice((1,)), "two or more"),
        (lambda: Choice((1, 1.0)), "different"),
        (lambda: Choice((1, object())), "JSON"),
        (lambda: SearchSpace({}), "no setting"),
        (lambda: SearchSpace({"max_bin": (63, 255)}), "a Range or a Choice"),
        *((lambda name=name: SearchSpace({name: Range(1, 2)}), why) for name, why in
          NOT_SEARCHED.items()),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_when_it_is_made(make, message):
    with pytest.raises(SchemaError, match=message):
        make()


def test_unknown_names_are_refused_all_at_once_with_what_there_is():
    space = SearchSpace({"leaves": Range(2, 8), "rate": Range(0.1, 0.2)})
    with pytest.raises(SchemaError, match=r"(?s)'leaves'.*'rate'.*num_leaves") as error:
        space.check_names(RepeatHarmEstimator().get_params())
    assert len(error.value.problems) == 2
    assert "n_jobs" not in str(error.value)


def test_whole_ranges_hold_whole_numbers_only():
    assert Range(2, 8).holds(8)
    assert not Range(2, 8).holds(8.0)
    assert Range(2.0, 8).holds(8)
    assert not Range(0, 8).holds(True)


def test_a_choice_tells_one_from_true_and_dicts_by_their_text():
    assert not Choice((1, 2)).holds(True)
    for value, label in zip(BLENDS.values, BLENDS.labels, strict=True):
        assert BLENDS.label_of(value) == label
        assert BLENDS.value_of(label) == value
        assert isinstance(label, str)


def test_a_space_does_not_change_with_the_dict_it_was_made_of():
    given = {"num_leaves": Range(2, 8)}
    space = SearchSpace(given)
    given["max_bin"] = Choice((63, 255))
    assert list(space.settings) == ["num_leaves"]
    with pytest.raises(TypeError):
        space.settings["max_bin"] = Choice((63, 255))
