"""Verdicts as they are published: of the gate's list no count leaves, and no rate.

Verdicts are judged on another list than the one shown. Its counts less those shown would be the
counts of those between, so that only the gap behind a verdict is published, to whole points, and
only where neither its counts nor what lies between the two lists is a count of 1 to 7.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from riskmodel.audit.disclosure.ledger import Row
from riskmodel.audit.disclosure.measures import (
    LIST_MEASURES,
    OVER_EXPECTED,
    RATE,
    VICTIM_MEASURES,
    Measure,
)
from riskmodel.audit.disclosure.rounding import (
    COARSE,
    FINE,
    MANY,
    is_small,
    moved_interval,
    round_amounts,
)
from riskmodel.audit.policies.verdicts import Verdict
from riskmodel.audit.result import FairnessAudit
from riskmodel.statistics.arrays import divide

_KEY = ("characteristic", "metric", "group")
_DAYS = "harm_coverage"
_OFFENCES = "coverage"


class _Gap(NamedTuple):
    gap: float
    low: float
    high: float


_HIDDEN = _Gap(np.nan, np.nan, np.nan)
_FURTHEST = 0.05  # rounding that moves a gap further would mislead: it is withheld instead


class GateGaps:
    """The gaps behind verdicts, by characteristic, metric and group.

    Parameters
    ----------
    audit : FairnessAudit
        With exact counts, of the gate's list and of the one that is shown.
    """

    def __init__(self, audit: FairnessAudit) -> None:
        self._gate = _rows(audit.gate) | _rows(audit.gate_victims)
        self._shown = _rows(audit.listed) | _rows(audit.victims)
        self._gaps = {
            (*(str(row[name]) for name in _KEY), str(row["reference"])): row
            for table in (audit.gate_gaps, audit.gate_victim_gaps)
            for row in table.to_dict("records")
        }

    def published(self, verdict: Verdict) -> _Gap:
        """Return the gap of a verdict in whole points; NaN where it is withheld."""
        key = (verdict.characteristic, verdict.metric, verdict.group)
        row = self._gaps.get((*key, verdict.reference))
        if row is None or not self.may_show(*key, verdict.reference):
            return _HIDDEN
        ends = [float(row[f"{verdict.scale}{end}"]) for end in ("", "_low", "_high")]
        gap = self._gap(key, verdict)
        if abs(gap - ends[0]) > _FURTHEST:
            return _HIDDEN
        few = self._bottom(key) < MANY
        low, high = moved_interval(
            [ends[0]], [ends[1]], [ends[2]], [gap], COARSE if few else FINE,
            holds=0.0 if verdict.scale == "difference" else 1.0,
        )  # fmt: skip
        return _Gap(gap, float(low[0]), float(high[0]))

    def may_show(self, characteristic: str, metric: str, group: str, reference: str) -> bool:
        """Return whether nothing behind a gap, nor between the two lists, is a small count."""
        sides = [(characteristic, metric, group)]
        if (characteristic, metric, reference) in self._gate:
            sides.append((characteristic, metric, reference))
        return all(self._is_open(key) for key in sides)

    def _is_open(self, key: tuple[str, str, str]) -> bool:
        measure = _measure(key[1])
        if measure is None:
            return False
        name = (key[0], _OFFENCES, key[2]) if key[1] == _DAYS else key
        row, beside = self._gate.get(name), self._shown.get(name)
        if row is None or bool(row["withheld"]) or 0 < float(row.get("people", np.nan)) < _EIGHT:
            return False
        counts = [float(row["numerator"]), float(row["denominator"])]
        if measure.kind == OVER_EXPECTED:
            return not _any_small(counts[:1])
        if measure.kind not in {RATE, "days"}:
            return True
        between = []
        if beside is not None:
            between = [counts[0] - float(beside["numerator"]),
                       counts[1] - float(beside["denominator"])]  # fmt: skip
        return not _any_small([*counts, counts[1] - counts[0], *map(abs, between)])

    def _gap(self, key: tuple[str, str, str], verdict: Verdict) -> float:
        """Return the gap of rates from rounded counts, to whole points."""
        mine = self._rate(key)
        base = self._rate((key[0], key[1], verdict.reference))
        if np.isnan(base):  # everyone
            row = self._gaps[*key, verdict.reference]
            base = float(self._gate[key]["value"]) - float(row["difference"])
        worked = mine - base if verdict.scale == "difference" else float(divide(mine, base))
        return round(worked, 2)

    def _rate(self, key: tuple[str, str, str]) -> float:
        row, measure = self._gate.get(key), _measure(key[1])
        if row is None or measure is None:
            return float("nan")
        if measure.kind != RATE:
            return round(float(row["value"]), 2)
        top, bottom = round_amounts([row["numerator"], row["denominator"]])
        return float(divide(top, bottom))

    def _bottom(self, key: tuple[str, str, str]) -> float:
        row, measure = self._gate[key], _measure(key[1])
        return float(row["denominator"]) if measure and measure.kind == RATE else float("nan")


_EIGHT = 8


def _rows(table: pd.DataFrame) -> dict[tuple[str, str, str], Row]:
    return {
        (str(row["characteristic"]), str(row["metric"]), str(row["group"])): row
        for row in table.to_dict("records")
    }


def _measure(metric: str) -> Measure | None:
    return LIST_MEASURES.get(metric) or VICTIM_MEASURES.get(metric)


def _any_small(counts: list[float]) -> bool:
    return bool(is_small(np.asarray(counts, dtype=float)).any())


def disclose_verdicts(audit: FairnessAudit, shown: tuple[pd.DataFrame, ...]) -> tuple[Verdict, ...]:
    """Return the verdicts with their gaps as they may be published.

    Parameters
    ----------
    audit : FairnessAudit
        With exact counts.
    shown : tuple of DataFrame
        The published gaps, where there is no gate's list: an audit without one is judged on these.
    """
    if audit.gate_gaps.empty and audit.gate_victim_gaps.empty:
        return tuple(_as_shown(verdict, shown) for verdict in audit.verdicts)
    gate = GateGaps(audit)
    return tuple(
        replace(verdict, **gate.published(verdict)._asdict()) if verdict.group else verdict
        for verdict in audit.verdicts
    )


def _as_shown(verdict: Verdict, tables: tuple[pd.DataFrame, ...]) -> Verdict:
    for table in tables:
        if table.empty:
            continue
        found = table[
            (table["characteristic"] == verdict.characteristic)
            & (table["metric"] == verdict.metric)
            & (table["group"] == verdict.group)
        ]
        if len(found):
            row, scale = found.iloc[0], verdict.scale
            gap, low, high = (float(row[name]) for name in (scale, f"{scale}_low", f"{scale}_high"))
            return replace(verdict, gap=gap, low=low, high=high)
    if not verdict.group:
        return verdict
    return replace(verdict, **_HIDDEN._asdict())
