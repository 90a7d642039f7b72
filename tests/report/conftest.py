"""One small audit of a real model, and one that is hostile in every name."""

import warnings
from dataclasses import replace
from datetime import date
from functools import cache

import pandas as pd
import pytest

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.errors import RiskModelWarning
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.report.contents import Contents, disclosed
from riskmodel.report.fairness_report import fairness_report
from riskmodel.report.page import render_page
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task
from tests.report.made_up_audit import HOSTILE, PATH, measured_tables
from tests.report.made_up_monitoring import ALERT, frontier, over_time_tables

TODAY = date(2026, 2, 1)


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
    groups = small_world.groups[["person_id", "sex", "ethnicity"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        found = audit_fairness(
            model, world_rows, small_world.histories, groups, k=60,
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


@pytest.fixture(scope="session")
def measured(audit):
    """The audit with every table that can be measured."""
    return audit.with_tables(**measured_tables())


@pytest.fixture(scope="session")
def alternatives(audit):
    return Alternatives(frontier=frontier(), model_digest=audit.model_digest, notes=("ten trials",))


@pytest.fixture(scope="session")
def over_time(audit):
    return OverTime(
        tables=over_time_tables(), model_digest=audit.model_digest, k=60, alerts=(ALERT,),
        notes=("read so",),
    )  # fmt: skip


@pytest.fixture(scope="session")
def waiver(audit):
    return Waiver(
        name="A. Owner", role="chief data officer", reason="Re-audit is booked for May.",
        model_digest=audit.model_digest, signed=date(2026, 1, 1), expires=date(2026, 3, 1),
    )  # fmt: skip


@pytest.fixture(scope="session")
def contents(measured, alternatives, over_time, waiver):
    """All that a report can show, exact."""
    before = replace(measured, model=measured.model | {"version": "1"})
    return Contents(
        audit=replace(measured, model=measured.model | {"version": "2"}),
        internal=True,
        over_time=over_time,
        alternatives=alternatives,
        waivers=(waiver,),
        earlier=(before,),
        today=TODAY,
    )


@pytest.fixture(scope="session")
def plain(audit, waiver):
    """A report on a real audit, with a waiver and the version before, exact."""
    before = replace(audit, model=audit.model | {"version": "before"})
    return Contents(audit=audit, internal=False, waivers=(waiver,), earlier=(before,), today=TODAY)


@pytest.fixture(scope="session")
def shown(plain):
    """The same as its readers get it."""
    return disclosed(plain)


@pytest.fixture(scope="session")
def source(shown):
    """The page of it."""
    return render_page(shown)


@pytest.fixture(scope="session")
def written(contents, plain, hostile, tmp_path_factory):
    """Write a report when it is first asked for, into a folder of its own; return its page.

    ``internal`` and ``published`` show all that there is; ``plain`` is of a real audit, and every
    name in ``hostile`` tries to be something else.
    """
    named = Contents(audit=hostile, internal=True, today=TODAY)
    published = replace(contents, internal=False)
    all_of = {"internal": contents, "published": published, "plain": plain, "hostile": named}

    @cache
    def write(name):
        found = all_of[name]
        return fairness_report(
            found.audit, tmp_path_factory.mktemp(name) / f"{name}.html", internal=found.internal,
            over_time=found.over_time, alternatives=found.alternatives, waivers=found.waivers,
            earlier=found.earlier, today=found.today,
        )  # fmt: skip

    return write
