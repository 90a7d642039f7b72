"""Slope and AUC by group, and what each person adds: held to a count of pairs and to a fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.by_group.linearised import placement_terms, slope_terms
from riskmodel.statistics.calibration import calibration_slope
from riskmodel.statistics.discrimination import auc
from riskmodel.statistics.log_odds import expit, logit

SCORE = st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5])
PART = st.lists(SCORE, max_size=6).map(sorted)


def laid_out(groups):
    """Scores group by group, each group's clear, later and unseen one after the other."""
    parts = [part for group in groups for part in group]
    return np.concatenate([*parts, []]), np.cumsum([0, *map(len, parts)])


@given(st.lists(st.tuples(PART, PART, PART), min_size=1, max_size=3))
def test_placements_are_the_pairs_that_are_won_ties_half(groups):
    score, edges = laid_out(groups)
    at, terms = placement_terms(score, edges)
    for place, (clear, later, _) in enumerate(groups):
        starts = edges[3 * place : 3 * place + 3]
        won = np.sign(np.subtract.outer(later, clear)) / 2 + 0.5
        by_later, by_clear = terms["placed_later"], terms["placed_clear"]
        spans = [slice(a, a + len(part)) for a, part in zip(starts, groups[place], strict=True)]
        assert not by_later[spans[2]].any() and not by_clear[spans[2]].any()
        assert not by_later[spans[0]].any() and not by_clear[spans[1]].any()
        if clear and later:
            assert by_later[spans[1]] == pytest.approx(won.mean(axis=1))
            assert by_clear[spans[0]] == pytest.approx(won.mean(axis=0))
            assert at[place] == pytest.approx(won.mean())
        else:
            assert np.isnan(at[place]) and not by_later[spans[1]].any()


def outcomes(seed, slope, n=400):
    """Clear, later and unseen people of a group whose outcomes follow the slope."""
    rng = np.random.default_rng(seed)
    chance = np.sort(expit(rng.normal(-1, 1, n)))
    later = rng.random(n) < expit(slope * logit(chance))
    return chance[~later], chance[later], chance[:5]


def test_the_slope_is_the_fitted_one_where_the_likelihood_is_flat():
    groups = [outcomes(seed, slope) for seed, slope in enumerate((0.5, 1.0, 2.0))]
    chance, edges = laid_out(groups)
    at, terms = slope_terms(chance, edges)
    for place, (clear, later, _) in enumerate(groups):
        start, seen, end = edges[3 * place], edges[3 * place + 2], edges[3 * place + 3]
        y = np.repeat([0.0, 1.0], [len(clear), len(later)])
        assert at[place] == pytest.approx(calibration_slope(y, chance[start:seen]))
        for name in ("score_0", "score_1"):
            assert terms[name][start:seen].sum() == pytest.approx(0.0, abs=1e-6)
        assert all(not values[seen:end].any() for values in terms.values())
    assert (np.diff(at) > 0).all()


def test_the_information_is_how_fast_the_score_falls():
    """Minus the second derivative of the likelihood, by finite differences about the fit."""
    clear, later, _ = outcomes(0, 0.8)
    chance, edges = laid_out([(clear, later, [])])
    at, terms = slope_terms(chance, edges)
    x, y = logit(chance), np.repeat([0.0, 1.0], [len(clear), len(later)])
    mean = y - terms["score_0"]
    intercept = float(np.mean(logit(mean) - at[0] * x))

    def score(a, b):
        residual = y - expit(a + b * x)
        return np.array([residual.sum(), (residual * x).sum()])

    step = 1e-5
    by_a, by_b = (
        (score(intercept + a, at[0] + b) - score(intercept - a, at[0] - b)) / (2 * step)
        for a, b in ((step, 0.0), (0.0, step))
    )
    sums = [terms[f"information_{name}"].sum() for name in ("00", "01", "11")]
    assert sums == pytest.approx([-by_a[0], -by_b[0], -by_b[1]], rel=1e-6)


def test_one_outcome_or_separated_outcomes_have_no_slope():
    p = np.array([0.1, 0.2, 0.8, 0.9])
    assert np.isnan(slope_terms(p, np.array([0, 4, 4, 4])).at[0])
    assert np.isnan(slope_terms(p, np.array([0, 2, 4, 4])).at[0])
    assert np.isnan(placement_terms(p, np.array([0, 4, 4, 4])).at[0])
    assert placement_terms(p, np.array([0, 2, 4, 4])).at[0] == 1.0


def test_ties_count_half():
    y, p = np.array([0.0, 0, 1, 1]), np.array([0.1, 0.5, 0.5, 0.5])
    assert placement_terms(p, np.array([0, 2, 4, 4])).at[0] == auc(y, p) == 0.75
