"""Recalibration gives a rule probabilities and takes nothing from its order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.recalibrated import RecalibratedRule
from riskmodel.model.baselines.rules import BASELINES, prior_count, v100_sum
from riskmodel.snapshots.table import Snapshots
from tests.model.baselines.tables import table_with_rules

HARM = RecalibratedRule("v100_sum", v100_sum)


@st.composite
def scored_tables(draw):
    """Scores with ties, outcomes of both classes, some people more than once."""
    n = draw(st.integers(2, 40))
    column = st.lists(st.integers(0, 9) | st.just(1825), min_size=n, max_size=n)
    y = draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda y: 0 < sum(y) < len(y)))
    weight = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    person = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    harm = np.array(draw(column), dtype=float)
    return table_with_rules(
        {"x": np.zeros(n)}, y, {"harm_1y": harm}, person_id=person, weight=weight
    )


@given(scored_tables())
def test_the_list_is_the_rules_own(table):
    fitted = HARM.fit(table)
    assert np.array_equal(fitted.predict_margin(table), table.rules["harm_1y"])


@given(scored_tables())
def test_probabilities_never_fall_and_are_never_certain(table):
    fitted = HARM.fit(table)
    scores = np.linspace(-5, 2_000, 401)
    anyone = table_with_rules({"x": 0 * scores}, 0 * scores, {"harm_1y": scores})
    said = fitted.predict_proba(anyone)
    assert (np.diff(said) >= -1e-12).all()
    assert ((said > 0) & (said < 1)).all()


@given(scored_tables())
def test_probabilities_add_up_to_the_outcomes_but_for_one_person(table):
    said = HARM.fit(table).predict_proba(table)
    total, weight = (table.weight * said).sum(), table.weight.sum()
    a_person = weight / table.person_id.nunique()
    assert abs(total - (table.weight * table.y).sum()) <= a_person


def test_a_planted_curve_comes_back():
    rng = np.random.default_rng(0)
    n = 40_000
    harm = np.where(rng.random(n) < 0.6, 0.0, rng.exponential(300, n).round())
    truth = np.where(harm == 0, 0.1, np.minimum(0.2 + harm / 2_000, 0.7))
    table = table_with_rules({"x": np.zeros(n)}, rng.random(n) < truth, {"harm_1y": harm})
    said = HARM.fit(table).predict_proba(table)
    assert np.abs(said - truth).mean() < 0.01
    assert said[harm == 0][0] == pytest.approx(0.1, abs=0.01)


def test_scores_beyond_those_learnt_from_get_the_nearest_ones_probability():
    table = table_with_rules({"x": [0] * 4}, [0, 1, 0, 1], {"harm_1y": [1.0, 2.0, 3.0, 4.0]})
    later = table_with_rules({"x": [0] * 2}, [0, 1], {"harm_1y": [0.0, 9_999.0]})
    fitted = HARM.fit(table)
    assert np.array_equal(fitted.predict_proba(later), fitted.predict_proba(table)[[0, 3]])


def test_rows_of_one_person_are_one_at_the_ends():
    """Half a person more: the more rows a person has, the more rows it is worth."""
    y, harm = [0, 0, 0, 0, 1, 1, 1, 1], [0.0] * 4 + [1.0] * 4
    apart = table_with_rules({"x": [0] * 8}, y, {"harm_1y": harm})
    whole = table_with_rules({"x": [0] * 8}, y, {"harm_1y": harm}, person_id=[0] * 4 + [1] * 4)
    assert HARM.fit(apart).predict_proba(apart)[0] == pytest.approx(0.5 / 4.5)
    assert HARM.fit(whole).predict_proba(whole)[0] == pytest.approx(2 / 6)


def test_a_rule_that_orders_nobody_says_the_rate():
    table = table_with_rules({"x": [0] * 4}, [0, 0, 0, 1], {"prior_count": [2.0] * 4})
    said = RecalibratedRule("prior_count", prior_count).fit(table).predict_proba(table)
    assert np.allclose(said, 1.5 / 5)


@pytest.mark.parametrize("name", BASELINES)
def test_a_ready_made_table_is_refused(name):
    table = Snapshots.from_table(pd.DataFrame({"x": [0, 1]}), [0, 1])
    with pytest.raises(SchemaError, match="missing in all 2 rows"):
        RecalibratedRule(name, BASELINES[name]).fit(table)
