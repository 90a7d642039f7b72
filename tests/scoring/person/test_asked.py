"""Of whom, from when, of which cohort."""

from dataclasses import replace

import pytest

from riskmodel.errors import ModelMismatchError, NotScorableError, SchemaError
from riskmodel.histories.moments import to_microseconds
from riskmodel.scoring.person.asked import asked_for, data_start_of, has_what_is_asked

EVENTS = [{"person_id": "a"}, {"person_id": None}, {"person_id": "b"}]


def test_one_person_needs_no_name_and_several_do():
    assert asked_for(EVENTS[:2], None) == "a"
    assert asked_for(EVENTS, "b") == "b"
    with pytest.raises(SchemaError, match="2 people"):
        asked_for(EVENTS, None)
    for events, name in ((EVENTS, "c"), (EVENTS[1:2], None)):
        with pytest.raises(NotScorableError, match="none of the records names"):
            asked_for(events, name)


def test_records_are_complete_from_when_it_is_said_or_from_when_training_was(trained):
    start = trained.model.provenance["data_start"]
    assert data_start_of(trained.model, None) == to_microseconds(start)
    assert data_start_of(trained.model, "2020-01-01") == to_microseconds("2020-01-01")
    unsaid = replace(trained.model, provenance=trained.model.provenance | {"data_start": None})
    with pytest.raises(ModelMismatchError, match="give data_start="):
        data_start_of(unsaid, None)


def test_only_a_cohort_that_a_rule_restricts_asks_for_a_characteristic(trained):
    restricted = replace(trained.task, cohort=replace(trained.task.cohort, only=("sex", "Male")))
    assert has_what_is_asked(trained.task, {"sex": "male"}) is None
    assert has_what_is_asked(restricted, None) is None
    assert has_what_is_asked(restricted, {"sex": "MALE"}) is True
    assert has_what_is_asked(restricted, {"sex": None}) is False
