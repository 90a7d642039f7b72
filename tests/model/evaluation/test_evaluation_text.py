"""An evaluation prints its estimates with their intervals, and stays narrow."""

import numpy as np
import pandas as pd

from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.table import Snapshots


def test_the_printed_table_starts_with_mean_captured_and_is_short(evaluation):
    lines = str(evaluation).splitlines()
    assert lines[0] == "240 rows, 240 people, 2 as_of dates; 0 rows left out: outcome not observed"
    assert lines[3].split()[0] == "mean_captured"
    assert lines[4].startswith("v100_sum")
    assert len(lines) < 40
    assert max(map(len, lines)) < 110


def test_each_printed_estimate_has_its_interval(evaluation):
    row = evaluation.row("captured@80", "model")
    expected = f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
    assert expected in str(evaluation)
    assert "captured@80" in str(evaluation)
    assert "lists of 20, 150, 5% and" in str(evaluation)


def test_the_costs_the_share_and_the_bins_are_printed(evaluation):
    text = str(evaluation)
    assert "net_benefit@80: costs a person: miss 10, false listing 1; listing everyone" in text
    assert "listed from p = 0.0909 (miss 10, false listing 1); everyone" in text
    assert "ece: 10 bins of equal count a date; by chance alone" in text
    for label in ("recall@80", "captured@5%", "log_loss", "ece", "net_benefit"):
        row = evaluation.row(label, "model")
        assert f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]" in text


def test_long_names_keep_the_printed_table_narrow():
    n, rng = 3_000, np.random.default_rng(2)
    p = rng.uniform(0.01, 0.3, n)
    table = Snapshots.from_table(pd.DataFrame({"x": p}), rng.random(n) < p)
    scores = {"v100_sum": p, "explainable_boosting": p}
    found = evaluate_scores(table, scores, probabilities=dict.fromkeys(scores, p), n_replicates=20)
    assert max(map(len, str(found).splitlines())) <= 112
