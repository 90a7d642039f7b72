"""What a model has to beat: gains are paired, and noise is no lead."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.must_beat import gains_over, why_not_ahead
from riskmodel.snapshots.table import Snapshots

RNG = np.random.default_rng(0)
N = 2_000
CAUSE = RNG.normal(size=N)
ROWS = Snapshots.from_table(
    pd.DataFrame({"cause": CAUSE}), (RNG.random(N) < 1 / (1 + np.exp(2 - 2 * CAUSE))).astype(float)
)

LEVEL = {"baseline": "logistic", "gain": 0.0, "low": -0.01, "high": 0.01}


def gains(**baselines):
    scores = {"model": CAUSE, **baselines}
    return gains_over(ROWS, scores, n_replicates=100, seed=0)


def test_a_model_that_knows_the_cause_is_ahead_of_noise():
    found = gains(v100_sum=RNG.normal(size=N), logistic=CAUSE + 4 * RNG.normal(size=N))
    assert [gain["baseline"] for gain in found] == ["v100_sum", "logistic"]
    assert all(gain["low"] > 0 for gain in found)
    assert why_not_ahead({"must_beat": found}) == []


def test_a_model_as_good_as_the_rule_is_not_ahead():
    (reason,) = why_not_ahead({"must_beat": gains(v100_sum=CAUSE, logistic=CAUSE)})
    assert reason.startswith("not ahead of v100_sum")


def test_a_model_behind_any_baseline_is_said_to_be():
    known = ROWS.y.to_numpy() + 0.0
    rivals = {"v100_sum": RNG.normal(size=N), "logistic": CAUSE, "oracle": known}
    reasons = why_not_ahead({"must_beat": gains(**rivals)})
    assert [reason.split(":")[0] for reason in reasons] == ["behind oracle"]


def test_as_good_as_another_baseline_is_enough():
    assert why_not_ahead({"must_beat": gains(v100_sum=RNG.normal(size=N), logistic=CAUSE)}) == []


@pytest.mark.parametrize("backtest", [{}, {"must_beat": []}, {"kind": "none"}])
def test_without_a_comparison_nothing_was_beaten(backtest):
    assert len(why_not_ahead(backtest)) == 1


def test_an_undefined_gain_over_the_rule_is_no_lead():
    gain = {"baseline": "v100_sum", "gain": None, "low": None, "high": None}
    assert why_not_ahead({"must_beat": [gain, LEVEL]}) == [
        "not ahead of v100_sum (mean captured is undefined) beyond noise"
    ]


def test_whoever_never_met_a_logistic_model_has_beaten_nothing():
    ahead = {"baseline": "v100_sum", "gain": 0.02, "low": 0.01, "high": 0.03}
    assert why_not_ahead({"must_beat": [ahead]}) == ["never compared with logistic"]
    assert why_not_ahead({"must_beat": [ahead, LEVEL]}) == []


def test_gains_are_the_paired_differences_of_an_evaluation():
    noise = CAUSE + RNG.normal(size=N)
    (gain,) = gains(noise=noise)
    scores = {"model": CAUSE, "noise": noise}
    row = evaluate_scores(ROWS, scores, reference="noise", ks=(), n_replicates=100, seed=0).row(
        "mean_captured", "model"
    )
    assert gain["gain"] == pytest.approx(row["difference"])
    assert gain["low"] == pytest.approx(row["difference_low"])
    assert gain["high"] == pytest.approx(row["difference_high"])


@pytest.mark.parametrize("name", ["v100_sum", "logistic"])
@pytest.mark.parametrize("unknown", [None, float("nan"), "0.1"])
def test_what_is_no_number_beats_nothing(name, unknown):
    gain = {"baseline": name, "gain": unknown, "low": unknown, "high": unknown}
    assert why_not_ahead({"must_beat": [gain]})
    assert why_not_ahead({"must_beat": [{"baseline": name}]})


def test_an_interval_of_few_resamples_shows_nothing():
    gain = {"baseline": "v100_sum", "gain": 0.02, "low": 0.01, "high": 0.03}
    ahead = {"must_beat": [gain, LEVEL]}
    for drawn, reasons in ((1, 1), (99, 1), (100, 0)):
        assert len(why_not_ahead({"evaluation": {"n_replicates": drawn}, **ahead})) == reasons
