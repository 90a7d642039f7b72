"""The metrics of a date under many weights are those under each, one after the other."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.dated_metrics import measure_date, metric_names, prepare_dates
from riskmodel.snapshots.table import Snapshots


@pytest.fixture(scope="module")
def date():
    rng = np.random.default_rng(0)
    n = 150
    p = rng.uniform(0.05, 0.6, n)
    table = Snapshots.from_table(
        pd.DataFrame({"x": p}), (rng.random(n) < p).astype(float), harm=rng.exponential(9, n)
    )
    scores = [p, rng.integers(0, 3, n).astype(float)]
    return next(prepare_dates(table, np.arange(n), scores, [p, None], 0))


def test_the_layout_has_one_column_a_metric(date):
    names = metric_names((10, 40))
    assert measure_date(date, np.ones((3, 150)), (10, 40)).shape == (3, 2, len(names))
    assert names[0] == ("mean_captured", None)
    assert len(set(names)) == len(names)


def test_many_weights_at_once_are_one_after_the_other(date):
    weights = np.random.default_rng(1).multinomial(150, np.full(150, 1 / 150), 6).astype(float)
    together = measure_date(date, weights, (10, 40))
    apart = np.concatenate([measure_date(date, weights[[row]], (10, 40)) for row in range(6)])
    assert np.allclose(together, apart, equal_nan=True)


def test_doubled_weights_with_doubled_lists_change_no_share(date):
    once = measure_date(date, np.ones((1, 150)), (10, 40))
    twice = measure_date(date, np.full((1, 150), 2.0), (20, 80))
    names = metric_names((10, 40))
    kept = [place for place, (metric, _) in enumerate(names) if metric != "mean_captured"]
    assert np.allclose(once[..., kept], twice[..., kept], equal_nan=True)


def test_only_declared_probabilities_have_their_measures(date):
    found = measure_date(date, np.ones((1, 150)), ())[0]
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1, -3:]).all()
    assert np.isfinite(found[1, :-3]).all()
