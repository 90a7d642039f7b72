"""Figures of a search agree with the evaluation, and the interval covers the best of many."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.search.objective import Judge, simultaneous_interval
from riskmodel.model.search.splits import inner_splits


@pytest.fixture(scope="module")
def splits(world_snapshots):
    return inner_splits(world_snapshots)


def margins_of(splits, seed=0):
    """The prior count, with a little noise."""
    rng = np.random.default_rng(seed)
    return [
        np.log1p(split.test.rules["prior_count"].to_numpy()) + rng.normal(0, 0.1, len(split.test))
        for split in splits
    ]


@pytest.mark.parametrize("objective", ["mean_captured", "auc"])
def test_the_figure_of_a_date_is_that_of_the_evaluation(splits, objective):
    judge = Judge(splits, objective, n_replicates=5, seed=0)
    for place, margin in enumerate(margins_of(splits)):
        found = evaluate_scores(
            splits[place].test, {"v100_sum": margin}, n_replicates=5, seed=0
        ).value(objective, "v100_sum")
        assert judge.measure(place, margin)[0] == pytest.approx(found)


def test_log_loss_has_its_sign_turned_and_asks_for_order_not_for_scale(splits):
    judge = Judge(splits, "log_loss", n_replicates=5, seed=0)
    margin = margins_of(splits)[0]
    noise = np.random.default_rng(0).normal(size=len(margin))
    known, scaled, guessed = (
        judge.measure(0, scores)[0] for scores in (margin, 3 * margin - 1, noise)
    )
    assert guessed < known < 0
    assert scaled == pytest.approx(known)


@pytest.mark.parametrize("objective", ["mean_captured", "auc", "log_loss"])
def test_resamples_are_of_people_and_the_same_for_every_trial(splits, objective):
    judge = Judge(splits, objective, n_replicates=120, seed=3)
    margin = margins_of(splits)[1]
    point, drawn = judge.measure(1, margin)
    assert drawn.shape == (120,)
    assert drawn.std() > 0
    assert abs(drawn.mean() - point) < 3 * drawn.std()
    assert np.array_equal(drawn, judge.measure(1, margin)[1])
    assert np.allclose(drawn, judge.measure(1, margin + 1)[1]), "paired: the order is the same"
    other = Judge(splits, objective, n_replicates=120, seed=4)
    assert not np.array_equal(drawn, other.measure(1, margin)[1])


def test_auc_is_the_auc(splits):
    judge, margin = Judge(splits, "auc", n_replicates=2, seed=0), margins_of(splits)[2]
    assert judge.measure(2, margin)[0] == pytest.approx(roc_auc_score(splits[2].test.y, margin))


def best_of(rng, n_trials, true_gain=0.0, n_replicates=300):
    """A search in which all settings are equally good but, perhaps, the last one."""
    truth = np.r_[np.zeros(n_trials - 1), true_gain]
    spread = np.linspace(0.5, 2, n_trials)
    gains = truth + spread * rng.normal(size=n_trials)
    replicates = gains[:, None] + spread[:, None] * rng.normal(size=(n_trials, n_replicates))
    low, high = simultaneous_interval(gains, replicates, level=0.95)
    place = int(np.argmax(gains))
    return low[place], high[place], truth[place], place


def test_the_interval_of_the_best_of_forty_equals_covers_its_true_gain():
    rng = np.random.default_rng(0)
    runs = [best_of(rng, 40) for _ in range(300)]
    covered = np.mean([low <= truth <= high for low, high, truth, _ in runs])
    believed = np.mean([low > 0 for low, *_ in runs])
    assert covered > 0.92
    assert believed < 0.08, "one interval at a time would believe most of them"


def test_a_real_gain_is_believed():
    rng = np.random.default_rng(0)
    runs = [best_of(rng, 40, true_gain=15.0) for _ in range(50)]
    assert all(low > 0 and place == 39 for low, _, _, place in runs)


def test_a_trial_that_is_the_default_itself_has_no_interval_and_widens_no_other():
    rng = np.random.default_rng(0)
    replicates = rng.normal(size=(1, 500))
    alone = simultaneous_interval(np.zeros(1), replicates, level=0.95)
    beside = simultaneous_interval(
        np.zeros(2), np.vstack([np.zeros(500), replicates]), level=0.95
    )  # fmt: skip
    assert (beside[0][0], beside[1][0]) == (0, 0)
    assert beside[0][1] == pytest.approx(alone[0][0])
    assert simultaneous_interval(np.zeros(1), np.zeros((1, 9)), level=0.95)[0].tolist() == [0]


def test_undefined_replicates_are_left_out():
    replicates = np.random.default_rng(0).normal(size=(3, 100))
    holed = np.hstack([replicates, np.full((3, 7), np.nan)])
    for one, other in zip(
        simultaneous_interval(np.zeros(3), replicates, level=0.9),
        simultaneous_interval(np.zeros(3), holed, level=0.9),
        strict=True,
    ):
        assert np.array_equal(one, other)


def test_what_cannot_be_is_refused_at_once(splits):
    with pytest.raises(SchemaError, match=r"(?s)'f1' given.*mean_captured.*n_replicates"):
        Judge(splits, "f1", n_replicates=1, seed=0)
