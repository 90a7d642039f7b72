"""A small trained model, audits of it, and one MLflow store that most tests share."""

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.audit.policies.verdicts import PASS
from riskmodel.errors import RiskModelWarning
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.registry.mlflow_registry import MlflowStore
from riskmodel.report import fairness_report as report
from riskmodel.snapshots.table import Snapshots


def make_model(seed: int):
    rng = np.random.default_rng(seed)
    priors = rng.integers(0, 7, 400)
    table = Snapshots.from_table(
        pd.DataFrame({"priors": priors, "noise": rng.normal(size=400)}),
        (priors + rng.normal(size=400) > 4).astype(float),
        person_id=[f"canary-{number}" for number in range(400)],
    )
    estimator = RepeatHarmEstimator(n_estimators=5, random_state=seed)
    model = train(table, estimator=estimator, baselines=(), n_replicates=100, seed=seed)
    return table, with_gain(model, 0.01)


def with_gain(model, low: float):
    """Plant how far the model was ahead: what a toy beats is not what is tested here."""
    gain = {"baseline": "v100_sum", "gain": low + 0.01, "low": low, "high": low + 0.02}
    level = {"baseline": "logistic", "gain": 0.0, "low": -0.01, "high": 0.01}
    backtest = model.provenance["backtest"] | {"must_beat": [gain, level]}
    return replace(model, provenance=model.provenance | {"backtest": backtest})


def make_audit(table, model):
    groups = pd.DataFrame({"person_id": table.person_id, "sex": np.resize(["F", "M"], len(table))})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        return audit_fairness(model, table, None, groups, k=50, n_replicates=20)


def with_verdict(audit, verdict: str):
    judged = replace(audit.verdicts[0], verdict=verdict, reason="planted")
    return replace(audit, verdicts=(judged,))


@pytest.fixture(scope="session")
def drawn():
    return {}


@pytest.fixture(scope="module", autouse=True)
def each_report_is_drawn_once(drawn, tmp_path_factory):
    """Copy the report of an audit that was drawn before: drawing is not what is tested here.

    Undone after each module: other folders' tests may run next in this very process.
    """

    def fairness_report(audit, path, *, waivers=()):
        if (known := (audit.model_digest, audit.verdict, len(waivers))) not in drawn:
            drawn[known] = tmp_path_factory.mktemp("report")
            draw(audit, drawn[known] / Path(path).name, waivers=waivers)
        shutil.copytree(drawn[known], Path(path).parent, dirs_exist_ok=True)
        return Path(path)

    draw = report.fairness_report
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "fairness_report", fairness_report)
        yield


@pytest.fixture(scope="session")
def trained():
    return make_model(0)


@pytest.fixture(scope="session")
def model(trained):
    return trained[1]


@pytest.fixture(scope="session")
def passed(trained):
    return with_verdict(make_audit(*trained), PASS)


@pytest.fixture(scope="session")
def failed(passed):
    return with_verdict(passed, "fail")


@pytest.fixture(scope="session")
def behind(trained, passed):
    """The model with a back-test that is not ahead of the rule in use; its audit passed."""
    model = with_gain(trained[1], -0.01)
    return model, replace(passed, model_digest=model.digest)


@pytest.fixture(scope="session")
def other():
    """Another model, with its audit."""
    table, model = make_model(1)
    return model, with_verdict(make_audit(table, model), PASS)


@pytest.fixture(scope="session")
def address(empty_database, tmp_path_factory):
    """The store that most tests share, each under a name of its own."""
    return f"sqlite:///{shutil.copy(empty_database, tmp_path_factory.mktemp('store'))}"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A database with MLflow's tables; making one takes seconds, copying it none."""
    file = tmp_path_factory.mktemp("empty") / "mlflow.db"
    MlflowStore(f"sqlite:///{file}").client(create=True)
    return file


@pytest.fixture
def own_address(empty_database, tmp_path):
    """A store that no other test uses."""
    (tmp_path / "store").mkdir()
    shutil.copy(empty_database, tmp_path / "store/mlflow.db")
    return f"sqlite:///{tmp_path}/store/mlflow.db"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def name(request):
    """A name in the shared store that no other test uses."""
    words = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"m-{words}"[:100]
