"""How far base rates move: what is counted, what is believed, and whether intervals cover."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import t as student

from riskmodel.model.calibration.base_rate import forecast_base_rate
from riskmodel.model.calibration.base_rate_moves import (
    PRIOR_MOVES,
    PRIOR_YEARLY_SPREAD,
    Moves,
    interval_around,
    movement,
    past_moves,
    rates_by_date,
)

MONTH = 365.25 / 12


def moves(error, when, *, lag=730.0, variance=0.0):
    error, when = np.asarray(error, dtype=float), np.asarray(when, dtype=float)
    return Moves(error, np.full(len(error), variance), np.full(len(error), lag), when)


def test_before_anything_was_seen_the_prior_speaks_for_as_long_as_is_carried():
    near, far = (movement(moves([], []), days) for days in (365.25, 4 * 365.25))
    assert near == (pytest.approx(PRIOR_YEARLY_SPREAD), 0.0, 0)
    assert far[0] == pytest.approx(2 * PRIOR_YEARLY_SPREAD)


@pytest.mark.parametrize("n", [1, 3, 6])
def test_movements_of_times_apart_count_in_full_when_they_weigh_alike(n):
    apart = moves(np.ones(n), np.arange(n) * 730.0)
    weight = 0.5 ** np.arange(n)
    assert movement(apart, 730.0)[1] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())


def test_movements_of_the_same_time_count_once():
    assert movement(moves(np.ones(9), np.zeros(9)), 730.0)[1] == pytest.approx(1.0)


def test_overlapping_movements_count_in_between():
    worth = movement(moves(np.ones(9), np.arange(9) * 182.5), 730.0)[1]
    assert 1.5 < worth < 3  # four years of movement, of which two carried distances are new


def test_the_spread_lies_between_what_was_believed_and_what_was_seen():
    prior = PRIOR_YEARLY_SPREAD * np.sqrt(730 / 365.25)
    for size in (0.01, 0.9):
        spread = movement(moves([size] * 4, np.arange(4) * 730.0), 730.0)[0]
        assert min(prior, size) < spread < max(prior, size)


def test_what_sampling_explains_is_no_movement():
    noisy = moves([0.1, -0.1, 0.1], np.arange(3) * 730.0, variance=0.01)
    still = moves([0.0, 0.0, 0.0], np.arange(3) * 730.0)
    assert movement(noisy, 730.0)[0] == pytest.approx(movement(still, 730.0)[0])


def test_a_longer_way_to_carry_takes_more_movement():
    seen = moves([0.3, -0.3], [0.0, 730.0])
    assert movement(seen, 1460.0)[0] > 1.3 * movement(seen, 730.0)[0]


def test_the_interval_is_students_on_the_log_odds():
    low, high = interval_around(logit(0.2), 0.01, spread=0.3, worth=1.5, level=0.9)
    width = student.ppf(0.95, PRIOR_MOVES + 1.5) * np.sqrt(0.09 + 0.02)
    assert (low, high) == pytest.approx((expit(logit(0.2) - width), expit(logit(0.2) + width)))


def stated_and_observed(rng, yearly_spread, trend, *, n_dates=14, n_people=4_000, level=0.8):
    """A rate that walks, seen through 24-month windows every six months; one date forecast."""
    horizon, step = 24, 6
    months = np.arange(step * (n_dates - 1) + 2 * horizon)
    path = np.cumsum(rng.normal(trend / 12, yearly_spread / np.sqrt(12), size=len(months)))
    monthly = expit(path - path[-horizon] - 1.4)
    starts = np.append(np.arange(n_dates) * step, step * (n_dates - 1) + horizon)
    shares = rng.binomial(n_people, [monthly[s : s + horizon].mean() for s in starts]) / n_people
    log_odds, days = logit(shares), starts * MONTH
    variance = 1 / (n_people * shares * (1 - shares))
    pairs = [(i, i + horizon // step) for i in range(n_dates - horizon // step)]
    seen = Moves(
        error=np.array([log_odds[j] - log_odds[i] for i, j in pairs]),
        variance=np.array([variance[j] + variance[i] for i, j in pairs]),
        lag=np.full(len(pairs), horizon * MONTH),
        when=np.array([days[j] for _, j in pairs]),
    )
    spread, worth, _ = movement(seen, horizon * MONTH)
    newest = n_dates - 1
    interval = interval_around(
        log_odds[newest], variance[newest], spread=spread, worth=worth, level=level
    )
    return interval, shares[-1]


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(("spread", "trend"), [(0.1, 0.0), (0.2, 0.0), (0.1, -0.15)])
def test_it_covers_about_as_often_as_it_says_where_drift_is_planted(spread, trend, level):
    rng = np.random.default_rng(0)
    cases = [stated_and_observed(rng, spread, trend, level=level) for _ in range(300)]
    share = np.mean([low <= observed <= high for (low, high), observed in cases])
    assert share > level - 0.06


def test_a_steadier_past_is_stated_with_a_narrower_interval():
    rng = np.random.default_rng(1)
    widths = [
        np.mean([np.ptp(stated_and_observed(rng, spread, 0.0)[0]) for _ in range(60)])
        for spread in (0.02, 0.2, 0.5)
    ]
    assert widths[0] < widths[1] < widths[2]


def test_past_moves_are_the_errors_of_what_would_have_been_stated_then(world_snapshots):
    """The label of an earlier statement is the one of its day, not today's."""
    rows, window = world_snapshots, pd.Timedelta(days=365)
    closed = rows.subset(rows.as_of <= rows.known_at - window).labelled
    rates = rates_by_date(closed)
    errors = []
    for target in rates.index[rates.index - window >= rates.index[0]]:
        stated = forecast_base_rate(rows, target)
        share = (stated.estimate * stated.n + 0.5) / (stated.n + 1)
        errors.append(rates.loc[target, "log_odds"] - logit(share))
    assert len(errors) > 3
    assert np.allclose(past_moves(closed, rates, window).error, errors)
