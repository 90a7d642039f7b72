"""All baselines by name; those that cannot be computed are left out, and say why."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.catalogue import baseline_named, default_baselines, fit_baselines
from riskmodel.model.baselines.rules import BASELINES
from riskmodel.snapshots.table import Snapshots

NAMES = [baseline.name for baseline in default_baselines()]
READS_FEATURES = ["logistic", "elastic_net", "explainable_boosting", "default_trees"]


def test_names_are_distinct_and_find_their_baseline():
    assert len(set(NAMES)) == len(NAMES)
    for baseline in default_baselines():
        assert baseline_named(baseline.name) == baseline
    with pytest.raises(SchemaError, match="'coin' given, one of v100_sum, "):
        baseline_named("coin")


def test_every_rule_is_among_them_and_ranks_as_itself(train_and_test):
    train, test = train_and_test
    fitted, left_out = fit_baselines(train, [baseline_named(name) for name in BASELINES])
    assert list(fitted) == list(BASELINES)
    assert not left_out
    for name, rule in BASELINES.items():
        assert np.array_equal(fitted[name].predict_margin(test), rule(test.rules, test.as_of))


def test_a_ready_made_table_leaves_the_rules_out_and_says_why(table):
    cheap = [baseline for baseline in default_baselines() if baseline.name != "elastic_net"]
    fitted, left_out = fit_baselines(table, cheap, seed=2)
    assert list(fitted) == [name for name in READS_FEATURES if name != "elastic_net"]
    assert set(left_out) == {*BASELINES, "ogrs3"}
    assert "rules.harm_1y: missing in all 600 rows" in left_out["v100_sum"]
    assert "rules.prior_count: missing" in left_out["ogrs3"]


def test_the_seed_is_handed_on(table):
    wanted = [baseline_named("explainable_boosting")]
    one, two, again = (fit_baselines(table, wanted, seed=seed).fitted for seed in (0, 1, 0))
    said = [found["explainable_boosting"].predict_margin(table) for found in (one, two, again)]
    assert np.array_equal(said[0], said[2])
    assert not np.array_equal(said[0], said[1])


def test_what_keeps_all_from_learning_is_an_error():
    nobody = Snapshots.from_table(pd.DataFrame({"x": [1, 2]}), [0, 0])
    with pytest.raises(SchemaError, match="one class only"):
        fit_baselines(nobody, default_baselines())


def test_two_of_one_name_are_refused(table):
    twice = [baseline_named("logistic"), replace(baseline_named("logistic"), l2=9.0)]
    with pytest.raises(SchemaError, match="logistic given more than once"):
        fit_baselines(table, twice)


def test_an_error_that_is_no_reason_is_raised(table):
    class Broken:
        name = "broken"

        def fit(self, snapshots, *, seed=0):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fit_baselines(table, [Broken()])


@pytest.mark.parametrize("name", ["model", "expected_harm", "harm", "v100_sum"])
def test_the_name_of_something_else_is_refused(table, name):
    with pytest.raises(SchemaError, match=f"{name} is the name of something else"):
        fit_baselines(table, [replace(baseline_named("logistic"), name=name)])
