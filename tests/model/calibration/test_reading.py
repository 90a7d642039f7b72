"""What every kind of calibration keeps to, whatever its shape."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.calibration.reading import CALIBRATIONS, calibration_from_dict
from tests.model.calibration.curves import bent, drawn

every_kind = pytest.mark.parametrize("kind", CALIBRATIONS)
MARGINS = st.floats(-30, 30)
ROWS = st.lists(st.tuples(MARGINS, st.integers(0, 1)), min_size=1, max_size=25)


@every_kind
@given(rows=ROWS, probe=st.lists(st.floats(-40, 40), min_size=2, max_size=60))
@settings(max_examples=25)
def test_never_falls_and_is_never_0_or_1(kind, rows, probe):
    margin, y = np.array(rows).T
    fitted = CALIBRATIONS[kind].fit(margin, y)
    # a hair's breadth apart a smooth curve may round either way
    ordered = np.unique(np.round([*probe, *margin], 6))
    found = fitted.transform(ordered)
    assert (np.diff(found) >= 0).all()
    line = getattr(fitted, "log_odds", np.zeros_like)
    near = found[np.abs(line(ordered)) < 30]  # beyond some 36 log-odds a smooth curve rounds to 1
    assert ((near > 0) & (near < 1)).all()
    assert np.isfinite(found).all()


@every_kind
@given(rows=ROWS)
@settings(max_examples=25)
def test_json_is_bit_exact_both_ways(kind, rows):
    margin, y = np.array(rows).T
    fitted = CALIBRATIONS[kind].fit(margin, y)
    text = json.dumps(fitted.to_dict())
    again = calibration_from_dict(json.loads(text))
    assert again == fitted
    assert json.dumps(again.to_dict()) == text
    assert np.array_equal(again.transform(margin), fitted.transform(margin))


@every_kind
def test_intervals_hold_the_estimate_and_grow_with_the_margins_error(kind):
    fitted = CALIBRATIONS[kind].fit(*drawn(bent, n=2_000))
    margin = np.linspace(-5, 4, 60)
    estimate, widths = fitted.transform(margin), []
    for variance in (0.0, 0.05, np.full(60, 0.8)):
        low, high = fitted.interval(margin, variance)
        assert (low <= estimate).all()
        assert (estimate <= high).all()
        assert ((low >= 0) & (high <= 1)).all()
        widths.append(high - low)
    assert (np.diff(widths, axis=0) >= -1e-12).all()


@every_kind
def test_the_mean_probability_is_about_the_mean_outcome(kind):
    margin, y = drawn(bent, n=5_000)
    fitted = CALIBRATIONS[kind].fit(margin, y)
    assert fitted.transform(margin).mean() == pytest.approx(y.mean(), abs=5e-3)
    assert (fitted.n_rows, fitted.n_people, fitted.limited) == (5_000, 5_000, False)


@every_kind
def test_margins_in_the_wrong_order_are_said_to_be(kind):
    margin, y = drawn(expit, n=3_000)
    assert CALIBRATIONS[kind].fit(-margin, y).limited


@every_kind
@pytest.mark.parametrize("only", [0.0, 1.0])
def test_one_class_and_one_row_leave_room_for_the_other(kind, only):
    for n in (1, 50):
        fitted = CALIBRATIONS[kind].fit(np.linspace(-1, 1, n), np.full(n, only))
        found = fitted.transform([-1.0, 0.0, 1.0])
        assert ((found > 0) & (found < 1)).all()


@every_kind
def test_rows_of_one_person_are_counted_as_one(kind):
    margin, y = drawn(bent, n=400)
    fitted = CALIBRATIONS[kind].fit(margin, y, person=np.repeat(np.arange(100), 4))
    assert (fitted.n_rows, fitted.n_people) == (400, 100)


@every_kind
@pytest.mark.parametrize(
    ("margin", "y"), [([], []), ([0.0], [0.5]), ([np.nan], [1.0]), ([0.0, 1.0], [1.0])]
)
def test_what_cannot_be_fitted_is_refused(kind, margin, y):
    with pytest.raises(RiskModelError, match="Calibration needs"):
        CALIBRATIONS[kind].fit(margin, y)


def test_a_calibration_without_a_kind_is_the_logistic_one_of_old_bundles():
    old = {
        "intercept": -0.25,
        "slope": 1.125,
        "covariance": [[0.5, 0.125], [0.125, 0.25]],
        "n_rows": 7,
        "n_people": 6,
        "limited": False,
    }
    read = calibration_from_dict(old)
    assert type(read) is CALIBRATIONS["logistic"]
    assert json.loads(json.dumps(read.to_dict())) == old


def test_an_unknown_kind_is_refused_by_name_of_those_known():
    with pytest.raises(ModelIntegrityError, match="logistic, isotonic, beta, venn_abers"):
        calibration_from_dict({"kind": "spline"})
