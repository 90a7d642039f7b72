"""The published formula gives the published values, and the rules' columns lead to it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.ogrs3 import (
    AGE_AND_SEX,
    BANDS,
    OFFENCE,
    STAND_IN_AGE,
    STATUS,
    ogrs3,
    ogrs3_score,
)

AT_TWENTY = {"age": 20, "age_at_sanction": 20, "age_at_first": 20}
DATE = pd.Series(["2010-01-01"])


def log_odds(p):
    return np.log(p) - np.log1p(-p)


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        (1, [0.12161553504714574, 0.3158120100020924, 0.43393890261473633]),
        (2, [0.2213052114051131, 0.48651769565917, 0.6114342480551298]),
    ],
)
def test_check_values(years, expected):
    found = ogrs3([1, 2, 3], years=years, **AT_TWENTY)
    assert np.abs(found - expected).max() < 1e-12


@given(st.integers(1, 60), st.sampled_from(BANDS), st.sampled_from(list(OFFENCE)))
def test_a_second_year_adds_the_same_to_everyones_log_odds(count, age, offence):
    ages = {"age": age, "age_at_sanction": age, "age_at_first": 10}
    one, two = (ogrs3([count], years=years, offence=offence, **ages) for years in (1, 2))
    assert np.isclose(log_odds(two) - log_odds(one), 2.121705678 - 1.402562384, rtol=1e-9)


@pytest.mark.parametrize("sex", AGE_AND_SEX)
@pytest.mark.parametrize(
    ("youngest", "eldest", "band"),
    [(10, 11, 0), (12, 13, 1), (14, 15, 2), (16, 17, 3), (18, 20, 4), (21, 24, 5), (25, 29, 6),
     (30, 34, 7), (35, 39, 8), (40, 49, 9), (50, 90, 10)],
)  # fmt: skip
def test_each_age_has_the_term_of_its_band(sex, youngest, eldest, band):
    ages = np.array([youngest, eldest, eldest + 0.99])
    found = ogrs3([1, 1, 1], age=ages, age_at_sanction=10, age_at_first=10, sex=sex)
    at_ten = ogrs3([1], age=10, age_at_sanction=10, age_at_first=10, sex="male")
    assert np.allclose(log_odds(found) - log_odds(at_ten), AGE_AND_SEX[sex][band])


@pytest.mark.parametrize("status", STATUS)
@pytest.mark.parametrize("offence", OFFENCE)
def test_each_status_and_offence_moves_the_log_odds_by_its_term(status, offence):
    found = ogrs3([2], status=status, offence=offence, **AT_TWENTY)
    least = ogrs3([2], status="first_caution", offence="violence", **AT_TWENTY)
    assert np.isclose(log_odds(found) - log_odds(least), STATUS[status] + OFFENCE[offence])


def test_each_row_has_its_own_status_and_offence():
    one_by_one = [
        ogrs3([n], status=status, offence=offence, **AT_TWENTY).item()
        for n, status, offence in ((1, "first_caution", "fraud"), (4, "later_caution", "other"))
    ]
    both = ogrs3([1, 4], status=["first_caution", "later_caution"], offence=["fraud", "other"],
                 **AT_TWENTY)  # fmt: skip
    assert both.tolist() == one_by_one


def test_twenty_kinds_of_offence_and_eleven_bands():
    assert len(OFFENCE) == 20
    assert {len(terms) for terms in AGE_AND_SEX.values()} == {len(BANDS)} == {11}


def test_what_the_formula_has_no_term_for_is_refused():
    with pytest.raises(SchemaError, match="6 problems") as raised:
        ogrs3([0], age=9, age_at_sanction=8, age_at_first=9, years=3, sex="other")
    assert "0 or less in 1 rows" in str(raised.value)
    with pytest.raises(SchemaError, match="status: acquitted given"):
        ogrs3([1], status="acquitted", **AT_TWENTY)
    with pytest.raises(SchemaError, match="offence: arson given"):
        ogrs3([1], offence="arson", **AT_TWENTY)
    with pytest.raises(SchemaError, match="age: missing in 1 rows"):
        ogrs3([1], age=np.nan, age_at_sanction=20, age_at_first=20)


def rules(**columns):
    table = {"prior_count": 3.0, "days_since_first": 1_000.0, "days_since_last": 10.0, "age": 33.0}
    return pd.DataFrame({**table, **columns}, index=range(len(np.atleast_1d(columns["age"]))))


@given(st.integers(1, 50), st.floats(0, 9_000), st.floats(0, 9_000), st.floats(21, 90))
def test_the_rules_columns_give_what_the_ages_would(count, one, other, age):
    first, last = max(one, other), min(one, other)
    table = rules(prior_count=float(count), days_since_first=first, days_since_last=last, age=[age])
    age_at_first = 18 + (9_000 - first) / 365.25
    expected = ogrs3(
        [count], age=age, age_at_first=age_at_first,
        age_at_sanction=age_at_first + (first - last) / 365.25,
    )  # fmt: skip
    assert np.allclose(ogrs3_score(table, DATE), expected, rtol=1e-12)


def test_who_has_no_date_of_birth_gets_the_stand_ins_band():
    both = pd.concat([DATE] * 2)
    known, unknown = ogrs3_score(rules(age=[STAND_IN_AGE, np.nan]), both)
    assert known == unknown
    nobody = ogrs3_score(rules(age=[np.nan, np.nan], prior_count=[1.0, 2.0]), both)
    assert nobody[0] < nobody[1]


def test_who_has_no_record_comes_after_who_has_one():
    table = rules(
        age=[40.0, 40.0], prior_count=[0.0, 1.0], days_since_first=[np.nan, 5.0],
        days_since_last=[np.nan, 5.0],
    )  # fmt: skip
    nothing, one = ogrs3_score(table, pd.concat([DATE] * 2))
    assert nothing < one


def test_ages_under_ten_have_the_youngest_band():
    found = ogrs3_score(rules(age=[3.0, 10.0]), pd.concat([DATE] * 2))
    assert found[0] == found[1]


def test_a_column_that_is_absent_is_named():
    with pytest.raises(SchemaError, match=r"rules\.age: absent"):
        ogrs3_score(rules(age=[1.0]).drop(columns="age"), DATE)


def test_real_snapshots_have_all_that_it_reads(world_snapshots):
    found = ogrs3_score(world_snapshots.rules, world_snapshots.as_of)
    assert ((found > 0) & (found < 1)).all()
    by_count = pd.Series(found).groupby(world_snapshots.rules["prior_count"].clip(upper=5)).mean()
    assert by_count.is_monotonic_increasing
