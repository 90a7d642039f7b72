"""Counts behind the rates of several lists, by group."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.alternatives.rates import METRICS, rates_by_group
from riskmodel.audit.by_group.rates import Settings
from riskmodel.statistics.arrays import divide
from riskmodel.statistics.bootstrap import person_weights

OUTCOMES = st.sampled_from([0.0, 1.0, np.nan])
ROW = st.tuples(OUTCOMES, st.booleans(), st.booleans(), st.integers(0, 5), st.sampled_from("ab"))


@given(st.lists(ROW, min_size=1, max_size=30), st.sampled_from(list(METRICS)))
def test_counts_add_up_over_groups_and_people_are_counted_once(table, metric):
    y, one, other, person, group = (np.array(column) for column in zip(*table, strict=True))
    listed = np.column_stack([one, other]).astype(bool)
    columns = pd.DataFrame({"all": "everyone", "part": group.astype(object)}, index=range(len(y)))
    found = rates_by_group(listed, y, person, columns, metric, Settings(n_replicates=3))
    whole, part = found["all"], found["part"]
    assert np.array_equal(part.hits.sum(axis=0), whole.hits[0])
    assert np.array_equal(part.base.sum(axis=0), whole.base[0])
    assert (part.hits <= part.base).all()
    assert (part.people <= part.base).all()
    assert (whole.people[0] <= len(set(person))).all()
    assert ((part.value >= 0) & (part.value <= 1) | (part.base == 0)).all()


def test_what_is_counted_is_what_the_words_say():
    y = np.array([1.0, 1.0, 0.0, 0.0, np.nan])
    listed = np.array([[True], [False], [True], [False], [True]])
    everyone = pd.DataFrame({"all": ["everyone"] * 5})
    counts = {
        metric: rates_by_group(listed, y, np.arange(5), everyone, metric, Settings(n_replicates=2))
        for metric in METRICS
    }
    shares = {
        metric: (found["all"].hits.item(), found["all"].base.item())
        for metric, found in counts.items()
    }
    assert shares == {
        "precision": (1, 2),
        "recall": (1, 2),
        "false_positive_rate": (1, 2),
        "false_negative_rate": (1, 2),
        "selection_rate": (3, 5),
    }


@pytest.mark.parametrize("metric", list(METRICS))
def test_lists_are_counted_under_the_same_draws_of_people(metric):
    """Row by row under the weights of each resample, as its definition says."""
    rng = np.random.default_rng(0)
    n = 120
    person, group = rng.integers(0, 50, n), rng.choice(["a", "b", "Not recorded"], n)
    y = rng.choice([0.0, 1.0, np.nan], n)
    listed = rng.random((n, 2)) < 0.5
    found = rates_by_group(
        listed, y, person, pd.DataFrame({"sex": group}), metric, Settings(n_replicates=30, seed=3)
    )["sex"]
    assert found.levels == ("a", "b", "Not recorded")
    hits, base = (
        np.broadcast_to(counted(listed, y[:, np.newaxis]), (n, 2)) for counted in METRICS[metric]
    )
    weights = np.concatenate(list(person_weights(person, 30, seed=3)))
    for place, level in enumerate(found.levels):
        mine = weights * (group == level)
        assert found.drawn[:, place] == pytest.approx(divide(mine @ hits, mine @ base), nan_ok=True)
