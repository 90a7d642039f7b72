"""One small audit of a real model, and one that is hostile in every name."""

import warnings
from dataclasses import replace

import pandas as pd
import pytest

from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.errors import RiskModelWarning
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

HOSTILE = '<script>alert("x")</script>'
PATH = "../../etc/passwd"


@pytest.fixture(scope="session")
def world_rows(small_world):
    task = Task(
        offences=small_world.offences,
        features=(Feature("count", 365), Feature("incidents", serious=True)),
    )
    return build_snapshots(
        small_world.histories, task, as_of=["2019", "2020", "2021"], late_allowance_days=0
    )


@pytest.fixture(scope="session")
def model(world_rows):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        return train(world_rows, estimator=RepeatHarmEstimator(n_estimators=5), n_replicates=10)


@pytest.fixture(scope="session")
def audit(model, world_rows, small_world):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        found = audit_fairness(
            model, world_rows, small_world.histories, small_world.groups, k=60,
            intersections=[("sex", "ethnicity")], n_replicates=40,
        )  # fmt: skip
    return replace(found, created="2026-01-01T00:00:00+00:00")


@pytest.fixture(scope="session")
def hostile(audit):
    """The audit with names that try to be markup, a path, a formula and mathematics."""

    def renamed(table):
        names = {"Male": HOSTILE, "Female": PATH, "White": "=1+1", "Black": "$x_1$ & {{ 7 * 7 }}"}
        columns = [name for name in ("group", "reference") if name in table]
        return table.assign(**{name: table[name].replace(names) for name in columns})

    tables = {
        name: renamed(getattr(audit, name))
        for name in ("listed", "gaps", "bands", "victims", "victim_gaps")
    }
    identity = {**audit.model, "name": HOSTILE, "version": PATH}
    verdicts = tuple(replace(verdict, group=HOSTILE) for verdict in audit.verdicts)
    return replace(
        audit, measured=audit.measured | tables, model=identity, verdicts=verdicts, notes=(HOSTILE,)
    )


@pytest.fixture(scope="session")
def rates():
    return pd.DataFrame(
        {
            "group": ["a", "b", "c"],
            "value": [0.2, 0.4, float("nan")],
            "low": [0.1, 0.3, float("nan")],
            "high": [0.3, 0.6, float("nan")],
        }
    )
