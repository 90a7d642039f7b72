"""What was found: the default unless the gain is beyond noise, by all trials at once; JSON."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.objective import simultaneous_interval
from riskmodel.model.search.result import SearchResult
from riskmodel.model.search.trial import Trial

GIVEN = RepeatHarmEstimator(n_estimators=12, n_jobs=1)
DATES = (pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01"))
N = 400


def trial(number, value, noise, *, hopeless=False, num_leaves=None):
    """A trial worth `value` on each of two dates, and under resamples that much plus noise."""
    by_date = np.full(1 if hopeless else 2, value)
    return Trial(
        number=number,
        settings={"num_leaves": num_leaves or 7 + number, "n_estimators": 12 + number},
        by_date=by_date,
        replicates=by_date[:, np.newaxis] + noise,
        seconds=0.5,
        hopeless=hopeless,
    )


def noise(seed, scale=0.01):
    return scale * np.random.default_rng(seed).normal(size=N)


def result(trials, **given):
    rest = {"choose": "beyond_noise", "objective": "auc", "dates": DATES, "n_trials": len(trials)}
    return SearchResult.of(GIVEN, trials, **{**rest, **given})


DEFAULT = trial(0, 0.70, np.zeros(N))


@pytest.fixture
def clear():
    """The second trial is better by ten of its standard errors."""
    return result([DEFAULT, trial(1, 0.69, noise(1)), trial(2, 0.80, noise(2))])


@pytest.fixture
def within_noise():
    """The best is better by one standard error."""
    return result([DEFAULT, trial(1, 0.71, noise(1)), trial(2, 0.69, noise(2))])


def test_a_gain_beyond_noise_is_used(clear):
    assert clear.worthwhile
    assert clear.gain.value == pytest.approx(0.1)
    assert 0 < clear.gain.low < clear.gain.value < clear.gain.high
    assert clear.chosen == clear.best == {"num_leaves": 9, "n_estimators": 14}
    assert clear.n_estimators == 14
    assert str(clear).endswith("The gain is beyond noise: the best settings are used.")


def test_a_gain_within_noise_keeps_the_default_unless_told(within_noise):
    assert within_noise.gain.low < 0 < within_noise.gain.value
    assert within_noise.best != within_noise.default
    assert within_noise.chosen == within_noise.default == {"num_leaves": 7, "n_estimators": 12}
    assert str(within_noise).endswith("within noise: the default settings are kept.")
    told = replace(within_noise, choose="best")
    assert not told.worthwhile
    assert told.chosen == told.best
    assert told.n_estimators == 13
    assert str(told).endswith("within noise: the best settings are used all the same.")


def test_the_interval_is_that_of_all_trials_at_once():
    trials = [DEFAULT, *(trial(number, 0.70, noise(number)) for number in range(1, 60))]
    trials.append(trial(60, 0.726, noise(60)))
    alone, among = result([DEFAULT, trials[-1]]), result(trials)
    assert alone.gain.value == pytest.approx(among.gain.value)
    assert alone.worthwhile
    assert not among.worthwhile, "the best of sixty must be better by more"
    gains = np.array([one.value - 0.70 for one in trials])
    drawn = np.stack([one.resampled - DEFAULT.resampled for one in trials])
    low, high = simultaneous_interval(gains, drawn, level=0.95)
    np.testing.assert_allclose(among.trials["gain_low"], low)
    np.testing.assert_allclose(among.trials["gain_high"], high)
    assert (among.gain.low, among.gain.high) == pytest.approx((low[60], high[60]))


def test_gains_are_paired_with_the_default_under_the_same_resamples():
    """All that moves both of them alike is no doubt about their difference."""
    shared = noise(1, scale=1.0)
    found = result([trial(0, 0.70, shared), trial(1, 0.71, shared + noise(2, scale=0.001))])
    assert found.worthwhile
    assert found.gain.high - found.gain.low < 0.01


def test_the_hopeless_have_no_figures_and_are_never_the_best():
    """One date alone may look best: the others were not judged."""
    found = result([DEFAULT, trial(1, 0.99, noise(1), hopeless=True), trial(2, 0.8, noise(2))])
    given_up = found.trials.loc[1, ["value", "gain", "gain_low", "gain_high"]]
    assert given_up.isna().all()
    assert found.trials["hopeless"].tolist() == [False, True, False]
    assert found.best["num_leaves"] == 9
    assert "1 of them given up early" in str(found)
    assert "(trial 2)" in str(found)


def test_of_equals_the_default_is_kept():
    found = result([DEFAULT, trial(1, 0.70, noise(1)), trial(2, 0.5, noise(2))])
    assert found.best == found.default
    assert (found.gain.value, found.gain.low, found.gain.high) == (0, 0, 0)
    assert not found.worthwhile
    assert str(found).endswith("No trial did better than the default settings: they are kept.")
    assert replace(found, choose="best").chosen == found.default


def test_the_table_has_one_row_a_trial(clear):
    assert clear.trials["number"].tolist() == [0, 1, 2]
    assert clear.trials["num_leaves"].tolist() == [7, 8, 9]
    np.testing.assert_allclose(clear.trials["value"], [0.70, 0.69, 0.80])
    np.testing.assert_allclose(clear.trials["gain"], [0.0, -0.01, 0.10], atol=1e-12)
    assert clear.trials.loc[0, ["gain", "gain_low", "gain_high"]].tolist() == [0, 0, 0]
    assert clear.seconds == 1.5


@pytest.mark.parametrize("n_trials", [5, None])
def test_what_provenance_keeps_goes_through_json(n_trials):
    hopeless = trial(1, 0.1, noise(1), hopeless=True)
    found = result([DEFAULT, hopeless, trial(2, 0.8, noise(2))], n_trials=n_trials)
    content = found.to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert (content["trials_made"], content["trials_asked_for"]) == (3, n_trials)
    assert content["inner_dates"] == ["2020-01-01T00:00:00", "2021-01-01T00:00:00"]
    assert content["gain"]["low"] <= content["gain"]["value"] <= content["gain"]["high"]
    assert content["chosen"] == content["best"] != content["default"]
    assert content["worthwhile"] is True


def test_its_estimator_is_new_and_has_the_settings_to_use(clear, within_noise):
    before = GIVEN.get_params()
    assert clear.estimator.get_params() == {**before, **clear.best}
    assert within_noise.estimator.get_params() == before
    assert within_noise.estimator is not GIVEN
    assert not hasattr(clear.estimator, "parts_")
    assert GIVEN.get_params() == before


def test_the_text_has_both_figures_and_how_many_were_made(clear):
    text = str(clear)
    assert "default  auc 0.7000  num_leaves 7, n_estimators 12" in text
    assert "best     auc 0.8000  num_leaves 9, n_estimators 14 (trial 2)" in text
    assert f"gain     +0.1000 [{clear.gain.low:+.4f}, {clear.gain.high:+.4f}], 95%" in text
    assert text.startswith("3 of 3 trials in 2 s, 0 of them given up early; 2 inner dates, 2020")
    assert str(result([DEFAULT], n_trials=1)).startswith("1 of 1 trial in")
    assert str(result([DEFAULT], n_trials=None)).startswith("1 trial in")
    assert str(result([DEFAULT], n_trials=9)).startswith("1 of 9 trials in")
    assert "worthwhile=True" in repr(clear)
