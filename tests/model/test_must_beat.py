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


def gains(**baselines):
    scores = {"model": CAUSE, **baselines}
    return gains_over(ROWS, scores, n_replicates=100, seed=0)


def test_a_model_that_knows_the_cause_is_ahead_of_noise():
    found = gains(v100_sum=RNG.normal(size=N), weak=CAUSE + 4 * RNG.normal(size=N))
    assert [gain["baseline"] for gain in found] == ["v100_sum", "weak"]
    assert all(gain["low"] > 0 for gain in found)
    assert why_not_ahead({"must_beat": found}) == []


def test_a_model_as_good_as_the_rule_is_not_ahead():
    (reason,) = why_not_ahead({"must_beat": gains(v100_sum=CAUSE)})
    assert reason.startswith("not ahead of v100_sum")


def test_a_model_behind_any_baseline_is_said_to_be():
    known = ROWS.y.to_numpy() + 0.0
    reasons = why_not_ahead({"must_beat": gains(v100_sum=RNG.normal(size=N), oracle=known)})
    assert [reason.split(":")[0] for reason in reasons] == ["behind oracle"]


def test_as_good_as_another_baseline_is_enough():
    assert why_not_ahead({"must_beat": gains(v100_sum=RNG.normal(size=N), twin=CAUSE)}) == []


@pytest.mark.parametrize("backtest", [{}, {"must_beat": []}, {"kind": "none"}])
def test_without_a_comparison_nothing_was_beaten(backtest):
    assert len(why_not_ahead(backtest)) == 1


def test_an_undefined_gain_over_the_rule_is_no_lead():
    gain = {"baseline": "v100_sum", "gain": None, "low": None, "high": None}
    assert why_not_ahead({"must_beat": [gain]}) == [
        "not ahead of v100_sum (mean captured is undefined) beyond noise"
    ]


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
