"""The slope and the AUC move under weights as when they are worked out anew."""

import numpy as np
import pytest

from riskmodel.audit.by_group.linearised import placement_terms, slope_terms
from riskmodel.audit.by_group.measures import AUC_AT, SLOPE_AT, Auc, CalibrationSlope, Rate
from riskmodel.statistics.calibration import calibration_slope
from riskmodel.statistics.discrimination import auc


def by_outcome(seed, n=3000):
    """Outcomes and probabilities of one group, the clear before the others, ascending in each."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(-1, 1, n)))
    y = (rng.random(n) < p**1.3).astype(float)
    order = np.lexsort((p, y))
    edges = np.array([0, (y == 0).sum(), n, n])
    return y[order], p[order], edges


def sums_under(weights, y, terms, at):
    found = {name: weights @ values[:, np.newaxis] for name, values in terms.items()}
    counts = {"outcome": y == 1, "clear": y == 0, "observed": y >= 0}
    return found | {name: weights @ c[:, np.newaxis] for name, c in counts.items()} | at


@pytest.mark.parametrize("seed", range(3))
def test_both_stand_where_they_should_and_move_as_they_should(seed):
    y, p, edges = by_outcome(seed)
    weights = np.random.default_rng(seed).multinomial(len(y), np.full(len(y), 1 / len(y)), size=200)
    for measure, place, (at, terms), exact in (
        (CalibrationSlope(), SLOPE_AT, slope_terms(p, edges), calibration_slope),
        (Auc(), AUC_AT, placement_terms(p, edges), auc),
    ):
        still = measure.of(sums_under(np.ones((1, len(y))), y, terms, {place: at}))
        assert still[0, 0] == pytest.approx(exact(y, p), rel=1e-6)
        moved = measure.of(sums_under(weights, y, terms, {place: at}))[:, 0]
        anew = exact(y, p, weights)
        assert np.corrcoef(moved, anew)[0, 1] > 0.995
        assert moved.std() == pytest.approx(anew.std(), rel=0.05)
        assert np.abs(moved - anew).max() < 0.4 * anew.std()


def test_a_draw_without_one_of_the_outcomes_is_undefined():
    y, p, edges = by_outcome(0, n=40)
    at, terms = placement_terms(p, edges)
    lost = sums_under((y == 0).astype(float)[np.newaxis], y, terms, {AUC_AT: at})
    assert np.isnan(Auc().of(lost)).all()


def test_what_a_rate_rests_on():
    assert Rate("a", "x", "y").rests_on == ("y",)
    assert Rate("a", "x", "y", of_all=True).rests_on == ("x",)
    ratio = Rate("a", "x", "y", proportion=False, cell="n")
    assert (ratio.rests_on, ratio.counted_by) == (("n",), "n")
    assert Auc().rests_on == ("outcome", "clear")
