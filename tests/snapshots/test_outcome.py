import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.snapshots import task
from riskmodel.snapshots.outcome import CENSORED, KINDS, STANDING, Outcome

WORDS = {
    "any": "at least one serious offence in 365 days",
    "harm": "summed harm of all offences in 365 days",
    "count": "number of incidents with a serious offence in 365 days",
    "rate": "number of incidents with a serious offence, per year at risk, in 365 days",
    "time_to_first": "days to the first serious offence, death, leaving or custody for something "
    "else in 365 days",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_in_plain_words(kind):
    assert Outcome(horizon_days=365, kind=kind).describe() == WORDS[kind]


def test_what_differs_from_the_default_is_told():
    text = Outcome(min_harm=10, evidence=STANDING[1:], censored="weighted").describe()
    assert text == (
        "at least one offence of 10 days in 730 days, leaving out allegation; windows cut by the "
        "end of the data are weighted"
    )


@given(
    kind=st.sampled_from(sorted(KINDS)),
    censored=st.sampled_from(CENSORED),
    horizon=st.integers(30, 2000),
    harm=st.none() | st.floats(0.1, 5000),
    evidence=st.lists(st.sampled_from(STANDING), min_size=1, unique=True),
    generated=st.booleans(),
)
def test_json_brings_back_the_same_outcome(kind, censored, horizon, harm, evidence, generated):
    if kind == "time_to_first":
        censored = "left_out"
    outcome = Outcome(horizon, kind, censored, tuple(evidence), generated, harm)
    assert Outcome.from_dict(json.loads(json.dumps(outcome.to_dict()))) == outcome


def test_an_older_outcome_without_the_later_keys_reads_as_it_was_meant():
    older = Outcome(horizon_days=365).to_dict()
    del older["kind"], older["censored"]
    assert Outcome.from_dict(older) == Outcome(horizon_days=365, kind="any", censored="left_out")


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SchemaError) as error:
        Outcome(horizon_days=0, kind="some", censored="maybe", evidence=("cancelled",), min_harm=0)
    for name in ("horizon_days", "kind", "censored", "evidence", "min_harm"):
        assert f"Outcome.{name}: " in str(error.value)


def test_a_duration_takes_no_weights():
    with pytest.raises(SchemaError, match="needs no weights"):
        Outcome(kind="time_to_first", censored="weighted")


def test_a_rate_needs_a_window_as_long_as_its_least_time_at_risk():
    assert Outcome(horizon_days=30, kind="rate")
    with pytest.raises(SchemaError, match="days from 30"):
        Outcome(horizon_days=29, kind="rate")


@pytest.mark.parametrize("kind", KINDS)
def test_only_weights_and_durations_use_windows_that_are_still_open(kind):
    assert Outcome(kind=kind).uses_open_windows == (kind == "time_to_first")
    if kind != "time_to_first":
        assert Outcome(kind=kind, censored="weighted").uses_open_windows


def test_the_task_knows_the_outcome_by_the_same_name():
    assert task.Outcome is Outcome
