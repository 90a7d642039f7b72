import pytest

from riskmodel.schema import (
    EVIDENCE,
    PROTECTED_NAMES,
    SCORE_COLUMNS,
    TABLES,
    is_protected,
)

EQUALITY_ACT = [
    "age",
    "disability",
    "gender_reassignment",
    "marriage_and_civil_partnership",
    "pregnancy_and_maternity",
    "race",
    "religion_or_belief",
    "sex",
    "sexual_orientation",
]


@pytest.mark.parametrize("name", [*EQUALITY_ACT, *sorted(PROTECTED_NAMES)])
def test_every_protected_characteristic_is_known_by_its_name(name):
    assert is_protected(name)
    assert is_protected(name.upper())
    assert is_protected(name.replace("_", " "))


@pytest.mark.parametrize(
    "name",
    [
        "self_defined_ethnicity",
        "ethnicity_18_plus_1",
        "officer-perceived ethnicity",
        "AgeAtRelease",
        "Age_at_Release",
        "age_band",
        "suspectSex",
        "is_male",
        "Marital Status",
        "date_of_birth",
        "race=BLACK",
        "sex_1",
    ],
)
def test_a_protected_word_in_a_longer_name_is_found(name):
    assert is_protected(name)


@pytest.mark.parametrize(
    "name",
    [
        "average_harm",
        "count_sexual_1y",
        "sex_offences_1y",
        "message",
        "percentage",
        "days_since_last",
        "stage",
        "place",
        "count_1y",
        "trace",
        "",
    ],
)
def test_other_names_are_not_protected(name):
    assert not is_protected(name)


def test_no_table_that_features_read_declares_a_protected_column_but_birth():
    for table in TABLES.values():
        protected = {name for name in table.columns if is_protected(name)}
        assert protected <= ({"birth_date", "birth_year"} if table.name == "people" else set())


def test_the_first_evidence_is_the_weakest_and_the_last_removes_the_record():
    assert EVIDENCE[0] == "allegation"
    assert EVIDENCE[-1] == "cancelled"
    assert len(set(EVIDENCE)) == len(EVIDENCE)


def test_score_columns_are_distinct_and_begin_with_who_and_when():
    assert len(set(SCORE_COLUMNS)) == len(SCORE_COLUMNS)
    assert SCORE_COLUMNS[:3] == ["person_id", "as_of", "status"]
