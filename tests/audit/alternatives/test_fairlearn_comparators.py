"""Comparators read groups, say when, and narrow the gap that they promise to narrow."""

import numpy as np
import pandas as pd
import pytest
from fairlearn.postprocessing import ThresholdOptimizer
from sklearn.linear_model import LogisticRegression

from riskmodel.audit.alternatives.candidates import (
    COMPARATORS,
    REDUCTIONS,
    THRESHOLD_OPTIMISER,
)
from riskmodel.audit.alternatives.fairlearn_comparators import OTHERS, _joined, comparator_scores
from riskmodel.audit.by_group.rates import Settings
from riskmodel.errors import RiskModelError
from riskmodel.snapshots.table import Snapshots

N = 3000
SHARE = 0.1


def world(seed=0):
    """Two groups; of one, the only feature says more than is so."""
    rng = np.random.default_rng(seed)
    part = pd.Series(np.where(rng.random(N) < 0.3, "b", "a"), name="part")
    merit = rng.normal(size=N)
    y = rng.random(N) < 1 / (1 + np.exp(1.5 - 1.5 * merit))
    X = pd.DataFrame({"f": merit + 1.2 * (part == "b"), "holes": np.nan, "g": rng.normal(size=N)})
    X.loc[::7, "g"] = np.nan
    return Snapshots.from_table(X, y), part


def scores(part_of_test=None, metric="recall", names=COMPARATORS):
    learnt, before = world(0)
    test, after = world(1)
    found = comparator_scores(
        names, learnt, test.X, (before, after if part_of_test is None else part_of_test),
        metric=metric, share=SHARE, settings=Settings(),
    )  # fmt: skip
    return {one.name.split(",")[0]: (one, margin) for one, margin in found.items()}


def gap(margin, metric):
    test, part = world(1)
    listed = margin >= np.sort(margin)[-round(SHARE * N)]
    among = test.y == (0.0 if metric == "false_positive_rate" else 1.0)
    rates = pd.Series(listed[among]).groupby(part[among].to_numpy()).mean()
    return abs(rates["a"] - rates["b"])


@pytest.mark.parametrize("metric", ["recall", "false_positive_rate"])
def test_both_narrow_the_gap_of_the_plain_model(metric):
    learnt, _ = world(0)
    plain = LogisticRegression().fit(learnt.X[["f"]], learnt.y)
    unaware = gap(plain.decision_function(world(1)[0].X[["f"]]), metric)
    found = scores(metric=metric)
    assert unaware > 0.1
    assert gap(found[THRESHOLD_OPTIMISER][1], metric) < 0.5 * unaware
    assert gap(found[REDUCTIONS][1], metric) < unaware


def test_reductions_score_the_same_whatever_the_group_and_the_optimiser_does_not():
    _, part = world(1)
    turned = part.map({"a": "b", "b": "a"})
    one, other = scores(), scores(turned)
    assert np.array_equal(one[REDUCTIONS][1], other[REDUCTIONS][1])
    assert not np.array_equal(one[THRESHOLD_OPTIMISER][1], other[THRESHOLD_OPTIMISER][1])
    assert one[REDUCTIONS][0].reads_group == "in training"
    assert one[THRESHOLD_OPTIMISER][0].reads_group == "in training and at scoring"
    for described, _ in one.values():
        assert "s.13" in described.legal_note and "s.29" in described.legal_note
        assert "no list is made with it" in described.legal_note


def test_only_what_is_asked_for_is_fitted():
    assert list(scores(names=[REDUCTIONS])) == [REDUCTIONS]


def test_the_optimisers_shares_are_fairlearns_own(monkeypatch):
    kept = []
    real = ThresholdOptimizer.fit

    def keeping(self, *given, **named):
        kept.append(real(self, *given, **named))
        return kept[-1]

    monkeypatch.setattr(ThresholdOptimizer, "fit", keeping)
    order = scores(names=[THRESHOLD_OPTIMISER])[THRESHOLD_OPTIMISER][1]
    test, part = world(1)
    learnt, _ = world(0)
    centre, spread = learnt.X.median(), learnt.X.fillna(learnt.X.median())
    rows = test.X.fillna(centre).fillna(0.0)
    rows = (rows - spread.mean().fillna(0)) / spread.std(ddof=0).fillna(1)
    shares = kept[0]._pmf_predict(rows.to_numpy(), sensitive_features=part)[:, 1]
    ordered = shares[np.argsort(order, kind="stable")]
    assert (np.diff(ordered) >= -1e-12).all()


def test_groups_that_were_not_there_or_are_too_small_are_joined():
    y = np.array([0, 1] * 30)
    before = pd.Series(["a"] * 20 + ["b"] * 20 + ["c"] * 10 + ["d"] * 10)
    after = pd.Series(["a", "b", "c", "d", "new"])
    one, other = _joined((before, after), y, 8)
    assert set(one) == {"a", "b", OTHERS}
    assert other.tolist() == ["a", "b", OTHERS, OTHERS, OTHERS]
    few = before.replace({"c": "a", "d": "a"})  # nobody is left to be with
    one, other = _joined((few, after), y, 8)
    assert set(one) == {"a", "b"} and other.tolist() == ["a", "b", "a", "a", "a"]
    with pytest.raises(RiskModelError, match="fewer than two groups"):
        _joined((before.map(lambda _: "a"), after), y, 8)
    with pytest.raises(RiskModelError, match="fewer than two groups"):
        _joined((before, after), y, 100)
