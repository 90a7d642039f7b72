"""One small audit of a real model, and one that is hostile in every name."""

import warnings
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.alternatives.frontier import FRONTIER_COLUMNS
from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.audit.over_time import Alert, OverTime
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.errors import RiskModelWarning
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.report.contents import Contents
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


def rates_of(characteristic, groups, metrics, **more):
    """Rows as every table of rates has them, one value apart from the next."""
    rows = [
        {
            "characteristic": characteristic, "group": group, "metric": metric,
            "value": 0.2 + 0.05 * i + 0.01 * j, "low": 0.1 + 0.05 * i, "high": 0.4 + 0.05 * i,
            "numerator": 20.0 + i, "denominator": 100.0, "withheld": False, "people": 100.0,
        }
        for i, group in enumerate(groups)
        for j, metric in enumerate(metrics)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**more)


def gaps_of(characteristic, groups, metrics):
    """Rows as every table of gaps has them; the last group has none."""
    rows = [
        {
            "characteristic": characteristic, "group": group, "reference": "Male", "metric": metric,
            "status": "measured", "reason": "", "difference": -0.08, "difference_low": -0.13,
            "difference_high": -0.03, "difference_se": 0.02, "ratio": 0.8, "ratio_low": 0.7,
            "ratio_high": 0.9, "log_ratio_se": 0.1, "simultaneous_low": -0.15,
            "simultaneous_high": -0.01, "detectable": 0.07,
        }
        for group in groups
        for metric in metrics
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    last = table["group"] == groups[-1]
    numbers = [name for name in table if name.startswith(("difference", "ratio", "simultaneous"))]
    table.loc[last, numbers] = np.nan
    return table.assign(
        status=table["status"].mask(last, "insufficient evidence"),
        reason=table["reason"].mask(last, "fewer than 8 people"),
    )


def why_tables():
    features = ["count_1y", "incidents_serious_ever", "all others"]
    return {
        "score_gaps": pd.DataFrame(
            {
                "characteristic": "sex", "group": "Female", "reference": "Male",
                "feature": features, "mean_group": 0.1, "mean_reference": 0.2,
                "contribution": [-0.3, -0.1, 0.05], "share": [0.8, 0.3, -0.1],
                "value_group": [1.0, 0.4, np.nan], "value_reference": [2.0, 0.5, np.nan],
                "gap": -0.35, "gap_low": -0.5, "gap_high": -0.2, "people": 100,
            }
        ),
        "matched_gaps": pd.DataFrame(
            {
                "characteristic": ["sex"], "group": "Female", "reference": "Male",
                "metric": "selection_rate", "people": 200.0, "matched_people": 150.0, "gap": -0.05,
                "matched_gap": -0.01, "low": -0.03, "high": 0.01,
            }
        ),
        "proxy_models": pd.DataFrame(
            {
                "characteristic": "sex", "group": ["Female", "Male"], "n": 100.0, "auc": 0.61,
                "auc_low": 0.55, "auc_high": 0.66, "top_features": "count_1y", "withheld": False,
            }
        ),
        "recording": pd.DataFrame(
            {
                "characteristic": "sex", "group": "Female", "reference": "Male",
                "metric": "precision", "scale": "difference", "verdict": "pass",
                "factor": [3.0, 1.4], "direction": "more often",
                "assumption": ["alike, listed or not", "only of those listed"],
                "overturns": True, "note": "",
            }
        ),
    }  # fmt: skip


RATES = ("selection_rate", "precision", "recall", "false_positive_rate", "false_negative_rate")
ESTIMATES = ("mean_probability", "mean_probability_later", "mean_probability_clear", "brier", "auc",
             "calibration_slope", "observed_over_expected", "outcome_rate")  # fmt: skip
SHARES = ("share_of_pool", "share_of_list", "share_of_later_harm", "share_of_later_offences",
          "share_of_harm_days")  # fmt: skip
SEXES = ("Female", "Male", "Not recorded")


def measured_tables():
    """Every table that an audit may hold beyond those of the small one, with known figures."""
    coverage = ("coverage", "victim_coverage", "harm_coverage")
    late = ("recorded_late", "lag_median_days", "support_withdrawn")
    listed = rates_of("sex", SEXES, (*SHARES, *RATES, *ESTIMATES))
    held = {("Female", "share_of_list"): (2, 0.02), ("Female", "share_of_harm_days"): (12, 0.12)}
    for (group, metric), (count, value) in held.items():
        row = (listed["group"] == group) & (listed["metric"] == metric)
        listed.loc[row, ["numerator", "value"]] = [count, value]
    readings = ("allegation", "charge or later")
    curve = pd.DataFrame({"bin": [0, 1], "n": 100.0, "predicted": [0.1, 0.3],
                          "observed": [0.12, 0.25], "low": [0.05, 0.15], "high": [0.2, 0.4],
                          "positives": [12.0, 25.0]})  # fmt: skip
    curves = [curve.assign(characteristic="sex", group=group) for group in SEXES]
    few = rates_of("sex", SEXES, ("precision",))
    gaps = gaps_of("sex", SEXES[::2], RATES)
    return {
        "listed": listed,
        "gaps": gaps,
        "lengths": rates_of("sex", SEXES, RATES, k=50),
        "length_gaps": gaps.assign(k=50),
        "gate": rates_of("sex", SEXES, RATES),
        "gate_gaps": gaps,
        "suspects": rates_of("sex", SEXES, ("share_of_offences", "share_of_covered", "coverage")),
        "suspect_gaps": gaps_of("sex", SEXES[::2], ("coverage",)),
        "redrawn": few.assign(redrawn_low=0.05, redrawn_high=0.5),
        "group_calibration": pd.concat(curves, ignore_index=True),
        "victim_lengths": rates_of("sex", SEXES, coverage, k=50),
        "gate_victims": rates_of("sex", SEXES, coverage),
        "gate_victim_gaps": gaps_of("sex", SEXES[::2], coverage),
        "victim_bounds": pd.DataFrame(
            {"characteristic": ["sex"], "group": "Female", "reference": "Male", "metric":
             "coverage", "difference": -0.1, "low_bound": -0.4, "high_bound": 0.3,
             "share_not_recorded": 0.26}
        ),
        "reporting": rates_of("sex", SEXES, late),
        "label_groups": pd.concat(
            [rates_of("sex", SEXES, ("precision", "recall"), reading=one) for one in readings]
        ),
        **why_tables(),
    }  # fmt: skip


@pytest.fixture(scope="session")
def measured(audit):
    """The audit with every table that can be measured."""
    return audit.with_tables(**measured_tables())


@pytest.fixture(scope="session")
def alternatives(audit):
    rows = pd.DataFrame(
        {
            "name": ["chosen", "trial 3", "threshold optimiser"],
            "kind": ["chosen", "search", "comparator"], "chosen": [True, False, False],
            "settings": ["", "num_leaves=7", ""], "precision": [0.35, 0.34, 0.3],
            "precision_low": 0.28, "precision_high": 0.42, "metric": "precision",
            "characteristic": "sex", "group": "Female", "reference": "Male",
            "gap": [0.12, 0.06, 0.01], "gap_low": 0.0, "gap_high": 0.2,
            "not_worse": [True, True, False], "on_frontier": [True, True, False],
            "reads_group": [False, False, True],
            "legal_note": ["", "", "cut-offs by group may be direct discrimination"], "note": "",
        }
    )  # fmt: skip
    frontier = rows.reindex(columns=list(FRONTIER_COLUMNS))
    return Alternatives(frontier=frontier, model_digest=audit.model_digest, notes=("ten trials",))


@pytest.fixture(scope="session")
def over_time(audit):
    dates = pd.to_datetime(["2020-01-01", "2020-02-01"])
    shares = {"precision": [0.3, 0.2], "low": 0.1, "high": 0.4}
    drift = {"psi": 0.3, "by_chance": 0.01, "change": "stop", "share_missing_then": 0.0,
             "share_missing_now": 0.1, "n": 100, "bins": 10, "low": 0.2, "high": 0.4}  # fmt: skip
    tables = {
        "periods": pd.DataFrame(
            {"as_of": dates, "n": 500, "n_observed": 400, "expected": 50.4, "observed": 40.0,
             "observed_over_expected": 0.8, "observed_over_expected_low": 0.6,
             "observed_over_expected_high": 1.0, "brier": 0.09, "calibration_slope": 0.9,
             "k": 60, "listed_observed": 60, "listed_outcome": [18, 12],
             "precision": [0.3, 0.2], "precision_low": [0.2, 0.1], "precision_high": [0.4, 0.3]}
        ),
        "group_periods": rates_of("sex", SEXES, ("precision",), as_of=dates[0], n=50),
        "group_period_gaps": gaps_of("sex", SEXES[::2], ("precision",)).assign(as_of=dates[0]),
        "drift_periods": pd.DataFrame(
            {"as_of": dates, "n": 500, "features": 2, "stable": 1, "look": 0, "stop": 1,
             "too_few": 0, "largest_psi": 0.3, "feature": "count_1y"}
        ),
        "drift": pd.DataFrame([{"feature": "count_1y"} | drift]),
        "drift_estimates": pd.DataFrame([{"estimate": "margin"} | drift]),
        "changes": pd.DataFrame(
            {"as_of": dates[1:], "previous": dates[:1], "days": 31.0, "k": 60, "entered": 15,
             "left": 15, "stayed": 45, "share_stayed": 0.75, "same_model": True,
             "left_without_estimate": pd.array([pd.NA], dtype="Int64")}
        ),
        "time_on_list": pd.DataFrame(
            {"dates_listed": [1, 2], "people": [30, 45], "in_a_row": [30, 45], "of_dates": 2}
        ),
        "removals": pd.DataFrame(
            {"as_of": dates[1:], "previous": dates[:1], "reason": "moved away", "people": 9,
             "left": 8}
        ),
        "actions": pd.DataFrame(
            {"who": ["all", "worked"], "listed": 60, "people": 55, "listed_observed": 60,
             "expected": 20.1, "observed": [18.0, 12.0], "observed_over_expected": 0.9, **shares}
        ),
        "overrides": pd.DataFrame(
            {"direction": ["added", "removed"], "n": 20, "people": 20, "share": 0.2,
             "share_low": 0.1, "share_high": 0.3, "observed": 20, "outcome_rate": 0.25,
             "low": 0.1, "high": 0.5}
        ),
        "random_order": pd.DataFrame(
            {"arm": ["listed", "not listed", "difference"], "n": [40, 40, 80], "people": 40,
             "dates": 2, "observed": 40.0, "outcome_rate": [0.2, 0.25, -0.05], "low": -0.2,
             "high": 0.4, "p_value": 0.6, "not_observed": 0}
        ),
    }  # fmt: skip
    alert = Alert(
        measure="psi", where="count_1y", value=0.3, low=0.2, high=0.4, limit=0.25, side="above",
        certainty="clear", consequence="retrain",
        sentence="The stability index of count_1y is 0.30, above 0.25. Consequence: retrain.",
    )  # fmt: skip
    return OverTime(
        tables=tables, model_digest=audit.model_digest, k=60, alerts=(alert,), notes=("read so",)
    )


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
        today=date(2026, 2, 1),
    )
