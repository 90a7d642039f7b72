"""What the searches of these tests are made of: few trees, a small space, few resamples."""

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.space import Range, SearchSpace

QUICK = RepeatHarmEstimator(
    n_estimators=12, learning_rate=0.1, min_child_samples=10, reg_lambda=5.0, n_bags=2, n_jobs=1
)
SPACE = SearchSpace({"num_leaves": Range(2, 16, log=True), "reg_lambda": Range(0.1, 100.0)})
FEW = {"estimator": QUICK, "space": SPACE, "n_replicates": 50, "progress": False}


def figures(found):
    return found.trials.drop(columns="seconds")
