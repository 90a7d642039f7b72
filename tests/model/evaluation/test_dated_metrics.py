"""The metrics of a date under many weights are those under each, one after the other."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.evaluation.costs import Costs
from riskmodel.model.evaluation.dated_metrics import measure_date, metric_names, prepare_dates
from riskmodel.model.evaluation.list_lengths import read_lengths
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.chances import MEASURES

COSTS = Costs(miss=4, false_listing=1)
LENGTHS = read_lengths([10, 40, "20%"])


@pytest.fixture(scope="module")
def date():
    rng = np.random.default_rng(0)
    n = 150
    p = rng.uniform(0.05, 0.6, n)
    table = Snapshots.from_table(
        pd.DataFrame({"x": p}), (rng.random(n) < p).astype(float), harm=rng.exponential(9, n)
    )
    scores = [p, rng.integers(0, 3, n).astype(float)]
    return next(
        prepare_dates(table, np.arange(n), scores, [p, None], threshold=COSTS.threshold, seed=0)
    )


def test_the_layout_has_one_column_a_metric(date):
    names = metric_names(LENGTHS)
    assert measure_date(date, np.ones((3, 150)), LENGTHS, COSTS).shape == (3, 2, len(names))
    assert names[0] == ("mean_captured", None)
    assert len(set(names)) == len(names)


def test_many_weights_at_once_are_one_after_the_other(date):
    weights = np.random.default_rng(1).multinomial(150, np.full(150, 1 / 150), 6).astype(float)
    together = measure_date(date, weights, LENGTHS, COSTS)
    apart = np.concatenate([measure_date(date, weights[[row]], LENGTHS, COSTS) for row in range(6)])
    assert np.allclose(together, apart, equal_nan=True)


def test_doubled_weights_with_doubled_lists_change_no_share(date):
    once = measure_date(date, np.ones((1, 150)), read_lengths([10, 40]), COSTS)
    twice = measure_date(date, np.full((1, 150), 2.0), read_lengths([20, 80]), COSTS)
    names = metric_names(read_lengths([10, 40]))
    kept = [place for place, (metric, _) in enumerate(names) if metric != "mean_captured"]
    assert np.allclose(once[..., kept], twice[..., kept], equal_nan=True)


def test_only_declared_probabilities_have_their_measures(date):
    found = measure_date(date, np.ones((1, 150)), (), COSTS)[0]
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1, -len(MEASURES) :]).all()
    assert np.isfinite(found[1, : -len(MEASURES)]).all()


def test_a_share_is_the_same_list_as_its_number_of_people(date):
    weights = np.random.default_rng(2).multinomial(150, np.full(150, 1 / 150), 5).astype(float)
    by_share, by_count = (
        measure_date(date, weights, read_lengths([length]), COSTS) for length in ("20%", 30)
    )
    assert np.array_equal(by_share, by_count, equal_nan=True)
