"""Truths of Venn-Abers: the package's own answers, its definition, and validity in simulation."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.calibration.venn_abers import VennAbersCalibration
from tests.model.calibration.curves import bent, drawn


def by_the_package(margin, y, probe):
    with np.errstate(all="ignore"):
        from venn_abers import VennAbers

        fitted = VennAbers().fit(np.column_stack([-margin, margin]), y)
        estimate, pair = fitted.predict_proba(np.column_stack([-probe, probe]))
    return estimate[:, 1], pair


@pytest.mark.parametrize("digits", [1, 8])  # one digit: hundreds of equal margins
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_package_on_new_margins_and_on_the_old_ones(seed, digits):
    margin, y = drawn(bent, seed, n=3_000)
    margin = margin.round(digits)
    probe = np.concatenate([np.random.default_rng(seed).normal(-1, 2, size=2_000), margin])
    probability, pair = by_the_package(margin, y, probe)
    fitted = VennAbersCalibration.fit(margin, y)
    low, high = fitted.interval(probe)
    assert np.abs(low - pair[:, 0]).max() <= 1e-12
    assert np.abs(high - pair[:, 1]).max() <= 1e-12
    assert np.abs(fitted.transform(probe) - probability).max() <= 1e-12
    assert len(fitted.thresholds) < len(np.unique(margin))


def by_definition(margin, y, probe, outcome):
    joined = IsotonicRegression().fit([*margin, probe], [*y, outcome])
    return joined.predict([probe])[0]


@given(
    rows=st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 1)), min_size=1, max_size=14),
    probe=st.integers(-9, 9).map(lambda half: half / 2),
)
def test_is_what_isotonic_regression_says_with_either_outcome(rows, probe):
    margin, y = np.array(rows, dtype=float).T
    low, high = VennAbersCalibration.fit(margin, y).interval([probe])
    assert low[0] == pytest.approx(by_definition(margin, y, probe, 0), abs=1e-9)
    assert high[0] == pytest.approx(by_definition(margin, y, probe, 1), abs=1e-9)


def test_the_pair_brackets_the_calibrated_share_however_few_the_rows():
    """The published guarantee, in the mean: p0 falls short of the outcome, and p1 exceeds it."""
    low_gap, high_gap = [], []
    for seed in range(400):
        margin, y = drawn(bent, seed, n=41)
        fitted = VennAbersCalibration.fit(margin[:40], y[:40])
        low, high = fitted.interval(margin[40:])
        low_gap.append(y[40] - low[0])
        high_gap.append(high[0] - y[40])
    assert np.mean(low_gap) > 0
    assert np.mean(high_gap) > 0


def test_the_pair_narrows_with_rows_and_widens_with_the_margins_error():
    probe = np.linspace(-2, 0, 30)
    few, many = (VennAbersCalibration.fit(*drawn(bent, n=n)) for n in (200, 20_000))
    widths = [np.mean(np.subtract(*fitted.interval(probe)[::-1])) for fitted in (few, many)]
    assert widths[1] < widths[0] / 3
    (low, high), (lower, higher) = many.interval(probe), many.interval(probe, 0.25)
    assert (lower <= low).all()
    assert (higher >= high).all()
    assert (higher - lower).mean() > 2 * (high - low).mean()


def test_the_level_matters_only_through_the_margins_error():
    fitted = VennAbersCalibration.fit(*drawn(bent, n=500))
    assert fitted.interval([0.0], level=0.5) == fitted.interval([0.0], level=0.99)
    assert fitted.interval([0.0], 1.0, level=0.5)[0] >= fitted.interval([0.0], 1.0, level=0.99)[0]


def test_beyond_the_highest_margin_nothing_rules_a_certain_outcome_out():
    fitted = VennAbersCalibration.fit(*drawn(bent, n=500))
    low, high = fitted.interval([1e3, -1e3])
    assert (high[0], low[1]) == (1.0, 0.0)
    assert fitted.transform(1e3) >= 0.5


def test_weights_that_differ_are_refused_and_zeros_left_out():
    margin, y = drawn(bent, n=60)
    with pytest.raises(RiskModelError, match="takes no sample_weight"):
        VennAbersCalibration.fit(margin, y, sample_weight=np.arange(60))
    some = np.arange(60) % 2
    halved = VennAbersCalibration.fit(margin, y, sample_weight=some)
    alone = VennAbersCalibration.fit(margin[some > 0], y[some > 0])
    assert (halved.thresholds, halved.p0, halved.p1) == (alone.thresholds, alone.p0, alone.p1)


def test_scoring_does_not_import_the_package_and_fitting_leaves_numpys_error_state():
    stored = json.dumps(VennAbersCalibration.fit(*drawn(bent, n=100)).to_dict())
    code = f"""
import json, sys
import numpy as np
from riskmodel.model.calibration.reading import calibration_from_dict
fitted = calibration_from_dict(json.loads({stored!r}))
assert fitted.transform([0.0]).shape == (1,)
assert "venn_abers" not in sys.modules
before = np.geterr()
fitted.fit([0.0, 1.0, 2.0], [0, 1, 1])
assert "venn_abers" in sys.modules and np.geterr() == before
"""
    subprocess.run([sys.executable, "-W", "error::RuntimeWarning", "-c", code], check=True)


@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), by=st.floats(-4, 4))
@settings(max_examples=50)
def test_moved_steps_are_still_steps(seed, n, by):
    margin, y = drawn(expit, seed, n=n)
    probe = np.linspace(-5, 5, 40)
    fitted = VennAbersCalibration.fit(margin, y)
    moved = fitted.shifted(by)
    rises = moved.transform(probe) - fitted.transform(probe)
    assert (rises * by >= -1e-12).all()


@pytest.mark.parametrize(
    "change",
    [
        {"thresholds": [0.0, 1.0]},
        {"thresholds": [float("nan")]},
        {"p0": [0.3, 0.1]},
        {"p0": [0.9, 0.9]},
        {"p1": [0.5, 1.5]},
        {"p0": [-0.1, 0.1]},
    ],
)
def test_stored_steps_that_cannot_be_are_refused(change):
    stored = VennAbersCalibration((0.0,), (0.0, 0.2), (0.3, 1.0), 10, 10).to_dict()
    with pytest.raises(ModelIntegrityError, match="calibration can't be"):
        VennAbersCalibration.from_dict(stored | change)
