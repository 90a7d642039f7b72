"""What goes into MLflow: names that it takes, numbers that exist, and no record of a person."""

import math
import re

import pytest

from riskmodel.errors import RiskModelError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.evaluation import Evaluation
from riskmodel.model.training import train
from riskmodel.registry.contents import (
    LONGEST_VALUE,
    check_run_tags,
    metrics_of,
    params_of,
    tags_of,
    write_contents,
)
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task


@pytest.fixture(scope="module")
def with_task(small_world):
    task = Task(
        offences=small_world.offences,
        features=(Feature("count", 365), Feature("incidents", serious=True)),
    )
    rows = build_snapshots(small_world.histories, task, as_of=["2021"], late_allowance_days=0)
    return train(rows, estimator=RepeatHarmEstimator(n_estimators=5), n_replicates=10)


def test_settings_and_identity_of_a_model_with_its_task(with_task, passed):
    params = params_of(with_task)
    assert params["task.horizon_days"] == "730"
    assert params["task.offence_edition"] == with_task.edition
    assert params["estimator.n_estimators"] == "5"
    assert all(len(value) <= LONGEST_VALUE for value in params.values())
    tags = tags_of(with_task, passed)
    assert tags["riskmodel.task_digest"] == with_task.task.digest()
    digests = with_task.provenance["data"]["digest"]
    assert tags["riskmodel.data_digest"] == digests["histories"]
    assert tags["riskmodel.expires"] == with_task.expires.isoformat()


def test_figures_have_names_that_mlflow_takes_and_are_all_defined(model, passed):
    figures = metrics_of(model, passed)
    assert all(re.fullmatch(r"[\w\-. /]{1,250}", name) for name in figures)
    assert all(math.isfinite(value) for value in figures.values())
    for name in ("backtest.auc.model", "backtest.auc.model.low", "audit.auc.logistic"):
        assert name in figures
    stored = Evaluation.from_dict(model.provenance["backtest"]["evaluation"])
    assert figures["backtest.captured_at_100.model"] == stored.value("captured@100", "model")
    assert figures["backtest.captured_at_1_percent.model"] == stored.value("captured@1%", "model")
    assert figures["backtest.auc.model"] == stored.value("auc", "model")
    assert len(figures) <= 1000, "one batch"


def test_no_person_is_in_what_is_stored(model, passed, trained, tmp_path):
    assert trained[0].person_id.str.startswith("canary-").all()
    write_contents(model, passed, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"model_card.md", "audit.json", "fairness.html"} <= {path.name for path in files}
    assert not [path.name for path in files if b"canary-" in path.read_bytes()]


def test_run_tags_are_text_and_not_the_librarys():
    assert check_run_tags({"ticket": 7}) == {"ticket": "7"}
    for taken in ("riskmodel.digest", "mlflow.user"):
        with pytest.raises(RiskModelError, match=taken):
            check_run_tags({taken: "x"})
