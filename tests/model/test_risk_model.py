"""RiskModel: what it is for, until when, what it answers, and who it is."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from riskmodel.errors import (
    ModelExpiredError,
    ModelMismatchError,
    RiskModelWarning,
    SchemaError,
)
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.manifest import Manifest
from riskmodel.model.thresholds import Thresholds


def test_use_and_expiry_are_enforced(table_model):
    model = replace(table_model, permitted_uses=("prioritise", "audit"), expires=date(2026, 5, 1))
    model.check_use("audit", today=date(2026, 5, 1))
    with pytest.raises(
        ModelExpiredError, match=r"expired on 2026-05-01.*Train, audit and register"
    ):
        model.check_use("audit", today=date(2026, 5, 2))
    with pytest.raises(ModelExpiredError, match=r"'charge'\. Permitted: prioritise, audit"):
        model.check_use("charge", today=date(2026, 1, 1))
    with pytest.raises(ModelExpiredError, match="expired"):
        replace(table_model, expires=date(2000, 1, 1)).check_use("prioritise")
    table_model.check_use("prioritise")


def test_methods_agree_with_the_one_pass_and_keep_the_index(table_model, table):
    X = table.X.set_axis([f"row {i}" for i in range(len(table))], axis=0)
    estimates = table_model.estimates(X)
    assert list(estimates.index) == list(X.index)
    assert np.array_equal(table_model.predict_margin(X), estimates["margin"])
    assert np.array_equal(table_model.predict_proba(X), estimates["probability"])
    assert np.array_equal(table_model.predict_interval(X), estimates[["low", "high"]].T)
    assert np.array_equal(table_model.predict_expected_harm(X), estimates["expected_harm"])


def test_columns_in_any_order_and_only_by_name(table_model, table):
    backwards = table.X.iloc[:, ::-1]
    assert np.array_equal(
        table_model.predict_margin(backwards), table_model.predict_margin(table.X)
    )
    with pytest.raises(ModelMismatchError, match="priors"):
        table_model.predict_proba(table.X.drop(columns="priors"))
    with pytest.raises(ModelMismatchError, match="DataFrame"):
        table_model.predict_proba(table.X.to_numpy())


def test_the_digest_is_of_the_content_and_not_of_the_version(table_model):
    versioned = table_model.with_version("12")
    assert versioned.version == "12"
    assert table_model.version == "unregistered"
    written = Manifest.of(versioned.to_files(), versioned.about())
    assert versioned.digest == table_model.digest == written.digest
    changes = [
        {"name": "other"},
        {"expires": date(2000, 1, 1)},
        {"permitted_uses": ("other",)},
        {"thresholds": Thresholds("t", (("all", 0.0),))},
        {"provenance": table_model.provenance | {"seed": 99}},
    ]
    digests = {replace(table_model, **change).digest for change in changes}
    assert len(digests | {table_model.digest}) == len(changes) + 1


def test_it_shows_itself_in_one_line(world_model):
    assert world_model.digest[:12] in repr(world_model)
    assert len(repr(world_model)) < 120


def test_evaluation_has_the_baselines_beside_the_model(world_model, world_snapshots):
    with pytest.warns(RiskModelWarning, match="8 of 8 dates"):
        evaluation = world_model.evaluate(world_snapshots, ks=(20, 50), n_replicates=20)
    assert set(evaluation.models) >= {"model", "expected_harm", "logistic", "v100_sum", "rfgv"}
    assert evaluation.reference == "v100_sum"
    assert evaluation.value("auc", "model") > 0.5
    assert evaluation.n_unobserved == int((~world_snapshots.observed).sum())


def test_dates_from_the_day_the_labels_were_known_are_not_learnt_from(world_model, world_snapshots):
    assert list(world_model.dates_learnt_from(world_snapshots)) == list(world_snapshots.dates)
    first = pd.Series(world_model.learnt_until, index=world_snapshots.as_of.index)
    later = replace(world_snapshots, as_of=first)
    assert not len(world_model.dates_learnt_from(later))


def test_a_ready_made_table_is_evaluated_against_the_logistic_model(table_model, table):
    evaluation = table_model.evaluate(table, ks=(50,), n_replicates=20)
    assert evaluation.reference == "logistic"
    assert evaluation.models == ("model", "expected_harm", "logistic")
    assert table_model.edition == ""


def test_what_does_not_fit_together_is_told_at_once(table_model, world_model, task_without_age):
    with pytest.raises(SchemaError) as caught:
        replace(table_model, name="", permitted_uses=())
    assert len(caught.value.problems) == 2
    with pytest.raises(SchemaError, match="not the task's"):
        replace(world_model, task=task_without_age)


def test_the_estimator_of_a_model_answers_as_the_model_does(table_model, table):
    estimator = table_model.estimator
    assert isinstance(estimator, RepeatHarmEstimator)
    again = estimator.estimates(table.X)
    pd.testing.assert_frame_equal(again, table_model.estimates(table.X), check_exact=True)
    relearnt = clone(estimator).fit(table.X, table.y)
    assert relearnt.get_params() == estimator.get_params()


def test_a_row_gets_its_estimates_alone_as_in_the_table(world_model, world_snapshots):
    X = world_snapshots.X.iloc[:10]
    together = world_model.estimates(X)
    alone = pd.concat([world_model.estimates(X.iloc[[row]]) for row in range(10)])
    pd.testing.assert_frame_equal(alone, together, check_exact=True)
