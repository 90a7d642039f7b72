"""A small evaluation that the tests of this folder read and print."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.table import Snapshots


@pytest.fixture(scope="module")
def evaluation():
    n = 240
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(1 - x))).astype(float)
    dates = np.repeat(pd.date_range("2003", periods=2, freq="YS"), n // 2)
    table = Snapshots.from_table(pd.DataFrame({"x": x}), y, as_of=dates)
    scores = {"v100_sum": rng.normal(size=n), "prior_count": x.round(), "model": x}
    return evaluate_scores(
        table,
        scores,
        probabilities={"model": 1 / (1 + np.exp(1 - x))},
        ks=(20, 80, 150, "5%"),
        n_replicates=40,
    )
