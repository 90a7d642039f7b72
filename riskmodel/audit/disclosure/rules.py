"""What becomes of each table of an audit before it leaves: a rule for each, or never."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from riskmodel.audit.disclosure import plain_tables, why_tables
from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.gaps import disclose_gaps, overall_rates
from riskmodel.audit.disclosure.gate import GateGaps
from riskmodel.audit.disclosure.measures import KINDS
from riskmodel.audit.disclosure.rates import STEP, disclose_rates

Rule = Callable[[Context], pd.DataFrame]

NEVER = (
    "lengths",
    "length_gaps",
    "victim_lengths",
    "gate",
    "gate_gaps",
    "gate_victims",
    "gate_victim_gaps",
)
"""Tables of other lists than the one that is shown: two lists give counts by subtraction."""


def _with_step(name: str, context: Context) -> pd.DataFrame:
    if name not in context.made:
        context.made[name] = disclose_rates(context.audit.measured[name], KINDS[name], context)
    return context.made[name]


def _rates(name: str) -> Rule:
    return lambda context: _with_step(name, context).drop(columns=STEP, errors="ignore")


def _gaps(name: str, rates: str) -> Rule:
    def rule(context: Context) -> pd.DataFrame:
        kind = KINDS[rates]
        return disclose_gaps(
            context.audit.measured[name],
            _with_step(rates, context),
            context.audit.measured[rates],
            overall_rates(kind.measures, kind.root, context),
        )

    return rule


def _plain(name: str, rule: Callable[[pd.DataFrame, Context], pd.DataFrame]) -> Rule:
    return lambda context: rule(context.audit.measured[name], context)


def _alone(name: str, rule: Callable[[pd.DataFrame], pd.DataFrame]) -> Rule:
    return lambda context: rule(context.audit.measured[name])


def _redrawn(context: Context) -> pd.DataFrame:
    return why_tables.redrawn(context.audit.redrawn, _with_step("listed", context))


def _victim_bounds(context: Context) -> pd.DataFrame:
    return why_tables.bounds_of_victims(
        context.audit.victim_bounds,
        _with_step("victims", context),
        RULES["victim_gaps"](context),
    )


def _matched_gaps(context: Context) -> pd.DataFrame:
    gaps = RULES["gaps"](context)
    return why_tables.matched_gaps(context.audit.matched_gaps, gaps, context)


def _recording(context: Context) -> pd.DataFrame:
    gate = GateGaps(context.audit)
    return why_tables.recording(context.audit.recording, gate)


RULES: dict[str, Rule] = {
    "listed": _rates("listed"),
    "gaps": _gaps("gaps", "listed"),
    "bands": _rates("bands"),
    "calibration": _plain("calibration", plain_tables.calibration),
    "group_calibration": _plain("group_calibration", plain_tables.group_calibration),
    "redrawn": _redrawn,
    "victims": _rates("victims"),
    "victim_gaps": _gaps("victim_gaps", "victims"),
    "victim_bounds": _victim_bounds,
    "coverage": _plain("coverage", plain_tables.coverage),
    "suspects": _rates("suspects"),
    "suspect_gaps": _gaps("suspect_gaps", "suspects"),
    "reporting": _rates("reporting"),
    "data_quality": _plain("data_quality", plain_tables.data_quality),
    "evidence": _plain("evidence", plain_tables.evidence),
    "label": _plain("label", plain_tables.label),
    "label_groups": _rates("label_groups"),
    "recording": _recording,
    "score_gaps": _plain("score_gaps", why_tables.score_gaps),
    "matched_gaps": _matched_gaps,
    "proxies": _alone("proxies", plain_tables.proxies),
    "proxy_models": _plain("proxy_models", why_tables.proxy_models),
    "follow_up": _plain("follow_up", plain_tables.follow_up),
    "between": _alone("between", plain_tables.between),
    "stability": _alone("stability", plain_tables.stability),
}
"""How each table is published; one that is not here stays inside."""


def published_tables(context: Context) -> dict[str, pd.DataFrame]:
    """Return the tables fit to be published; one without a rule, or not measured, is left out."""
    measured = context.audit.measured
    return {
        name: RULES[name](context) if len(table) else table
        for name, table in measured.items()
        if name in RULES and len(table.columns)
    }
