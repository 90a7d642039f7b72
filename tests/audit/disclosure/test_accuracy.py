"""Of the accuracy table one length of list leaves, and precision is no count in disguise."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure.accuracy import disclose_accuracy
from riskmodel.audit.disclosure.rounding import WITHHELD
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.table import Snapshots

K = 100


def evaluation(hits):
    """Two scores of 1,000 people: the top 100 of one hold `hits` of the 200 that went on."""
    y = np.r_[np.arange(K) < hits, np.arange(900) >= 900 - (200 - hits)].astype(int)
    rows = Snapshots.from_table(pd.DataFrame({"x": np.arange(1000.0)}), y)
    scores = {"model": -np.arange(1000.0), "other": np.arange(1000.0) % 7}
    return evaluate_scores(rows, scores, reference="other", ks=(50, K, "5%"), n_replicates=10)


@pytest.mark.parametrize(("hits", "shown"), [(77, 0.75), (38, 0.4), (0, 0.0), (100, 1.0)])
def test_precision_is_worked_out_from_a_rounded_count(hits, shown):
    line = disclose_accuracy(evaluation(hits), K).row("precision", "model", K)
    assert line["value"] == pytest.approx(shown)
    assert line["low"] <= line["value"] <= line["high"]
    assert np.isnan(line["difference"])


@pytest.mark.parametrize("hits", [3, 97])
def test_precision_on_a_small_count_or_a_small_remainder_is_withheld(hits):
    line = disclose_accuracy(evaluation(hits), K).row("precision", "model", K)
    assert np.isnan(line[["value", "low", "high"]].to_numpy(dtype=float)).all()
    assert line["note"] == WITHHELD


def test_other_lengths_and_single_dates_stay_inside_and_the_rest_is_kept():
    exact = evaluation(38)
    found = disclose_accuracy(exact, K)
    assert set(found.table["k"].dropna()) == {K}
    assert found.table["share"].isna().all()
    assert found.by_date.empty
    assert found.models == exact.models
    assert found.value("auc", "model") == pytest.approx(exact.value("auc", "model"), abs=5e-4)
    assert disclose_accuracy(None, K) is None


@pytest.mark.parametrize("metric", ["recall", "net_benefit"])
def test_what_would_say_the_count_behind_precision_by_another_name_stays_inside(metric):
    exact = evaluation(38)
    assert metric in set(exact.table["metric"])
    assert metric not in set(disclose_accuracy(exact, K).table["metric"])
