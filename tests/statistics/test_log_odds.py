import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

from riskmodel.statistics.log_odds import expit, logit

FAR = hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-700, 700))


@given(FAR)
def test_expit_is_scipys_to_the_last_digits(values):
    np.testing.assert_allclose(expit(values), special.expit(values), rtol=1e-14)


@given(FAR)
def test_a_value_has_the_same_bits_alone_and_among_others(values):
    assert [expit(value) for value in values] == expit(values).tolist()


@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(1e-300, 1 - 1e-15)))
def test_logit_is_scipys_to_the_last_digits(values):
    np.testing.assert_allclose(logit(values), special.logit(values), rtol=1e-12, atol=1e-15)


def test_what_is_missing_stays_missing_and_the_ends_are_infinite():
    assert np.isnan(expit([np.nan])).all() and np.isnan(logit([np.nan])).all()
    assert logit([0.0, 1.0]).tolist() == [-np.inf, np.inf]
    assert expit([-np.inf, np.inf]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("value", [0.25, -3.0])
def test_a_number_alone_is_taken(value):
    assert float(logit(expit(value))) == pytest.approx(value)
