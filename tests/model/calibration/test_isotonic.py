"""Truths of the isotonic curve: planted shapes, scikit-learn's fit, never 0 or 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.isotonic import IsotonicCalibration, _along
from tests.model.calibration.curves import bent, drawn


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_curve_of_any_shape_comes_back(seed):
    fitted = IsotonicCalibration.fit(*drawn(bent, seed, n=40_000))
    middle = np.linspace(-3, 1, 50)
    assert np.abs(fitted.transform(middle) - bent(middle)).max() < 0.06


def test_it_is_scikit_learns_fit_with_half_a_person_more_at_either_end():
    margin, y = drawn(bent, n=500)
    oracle = IsotonicRegression(out_of_bounds="clip").fit(
        [*margin, margin.min(), margin.max()], [*y, 1, 0], [1.0] * 500 + [0.5, 0.5]
    )
    probe = np.linspace(-9, 9, 500)
    fitted = IsotonicCalibration.fit(margin, y)
    assert np.allclose(fitted.transform(probe), oracle.predict(probe), atol=1e-12)


@pytest.mark.parametrize("only", [0.0, 1.0])
def test_where_nothing_else_was_seen_half_a_person_stands_against_it(only):
    fitted = IsotonicCalibration.fit(np.linspace(-1, 1, 99), np.full(99, only))
    nearest = 0.5 / 99.5  # of the piece that holds all but the far end
    inside = fitted.transform([-0.5, 0.5])
    assert np.abs(inside - only) == pytest.approx(nearest, abs=1e-4)


def test_half_a_person_is_half_of_a_persons_rows():
    margin, y = np.repeat([-1.0, 1.0], 30), np.repeat([0.0, 1.0], 30)
    person = np.repeat(np.arange(12), 5)
    fitted = IsotonicCalibration.fit(margin, y, person=person)
    assert fitted.transform([-1.0])[0] == pytest.approx(2.5 / 32.5)


def test_a_weight_of_two_fits_like_the_row_twice():
    margin, y = drawn(bent, n=300)
    weight = np.random.default_rng(1).integers(0, 3, size=300)
    person = np.arange(300)
    weighted = IsotonicCalibration.fit(margin, y, sample_weight=weight, person=person)
    repeated = IsotonicCalibration.fit(
        np.repeat(margin, weight), np.repeat(y, weight), person=np.repeat(person, weight)
    )
    assert np.allclose(weighted.margins, repeated.margins)
    assert np.allclose(weighted.probabilities, repeated.probabilities)


def test_its_error_shrinks_with_rows_and_not_with_copies_of_them():
    margin, y = drawn(bent, n=400)
    person = np.arange(400)
    once = IsotonicCalibration.fit(margin, y)
    copied = IsotonicCalibration.fit(
        np.repeat(margin, 4), np.repeat(y, 4), person=np.repeat(person, 4)
    )
    more = IsotonicCalibration.fit(*drawn(bent, n=10_000))
    spread = [
        np.ptp([end[0] for end in fitted.interval([-0.5])]) for fitted in (once, copied, more)
    ]
    assert spread[1] == pytest.approx(spread[0], rel=0.3)
    assert spread[2] < 0.6 * spread[0]


def test_its_interval_mostly_covers_where_the_curve_is_steep():
    held = []
    for seed in range(25):
        low, high = IsotonicCalibration.fit(*drawn(bent, seed, n=1_000)).interval([-0.5])
        held.append(low[0] <= bent(-0.5) <= high[0])
    assert np.mean(held) > 0.7  # resampling an isotonic curve is known to be too sure


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=8, unique=True), st.data())
def test_pieces_never_fall_by_a_rounding(knots, data):
    knots = np.sort(knots)
    heights = np.sort(
        data.draw(st.lists(st.floats(0, 1), min_size=len(knots), max_size=len(knots)))
    )
    probe = np.sort(data.draw(st.lists(st.floats(-60, 60), min_size=1, max_size=50)))
    found = _along(knots, heights, probe)
    assert (np.diff(found) >= 0).all()
    assert np.allclose(found, np.interp(probe, knots, heights), atol=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"margins": [0.0]},
        {"margins": [], "probabilities": [], "errors": []},
        {"margins": [1.0, 0.0]},
        {"margins": [0.0, float("inf")]},
        {"probabilities": [0.3, 0.2]},
        {"probabilities": [0.0, 0.2]},
        {"errors": [0.1, -0.1]},
    ],
)
def test_a_stored_curve_that_cannot_be_is_refused(change):
    stored = IsotonicCalibration((0.0, 1.0), (0.1, 0.2), (0.1, 0.1), 10, 10).to_dict()
    with pytest.raises(ModelIntegrityError, match="calibration can't be"):
        IsotonicCalibration.from_dict(stored | change)
