"""Versions of a model beside each other: precision, and the gaps that the policy promises about."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmodel.audit.policies.verdicts import Verdict
from riskmodel.audit.result import FairnessAudit
from riskmodel.report.blocks import Absent, Block, Drawing, Grid
from riskmodel.report.contents import Contents
from riskmodel.report.drawings.choices import trend
from riskmodel.report.parts.common import NOT_MEASURED
from riskmodel.report.tables import Cell, Table, figure
from riskmodel.report.words import (
    UNDEFINED,
    VERDICT_NAMES,
    gap_interval,
    gap_text,
    interval_text,
    metric_name,
    plain_name,
    share_text,
)

MOST_PANELS = 6


def versions(contents: Contents) -> list[Block]:
    """Return the trend over the versions before and this one."""
    if not contents.earlier:
        return [
            Absent(
                f"Precision and gaps over the versions of this model. {NOT_MEASURED}: no audit of "
                "an earlier version was given."
            )
        ]
    line = [*contents.earlier, contents.audit]
    blocks: list[Block] = [Drawing(_precision_drawing(line), _PRECISION_CAPTION)]
    if panels := _gap_panels(line):
        blocks.append(Drawing(_gap_drawing(panels), _GAP_CAPTION))
    return [*blocks, Grid(version_table(line))]


_PRECISION_CAPTION = (
    "Of those listed, who went on to serious harm, version by version. Versions are audited on "
    "other dates: a part of each step is the time and not the model."
)
_GAP_CAPTION = (
    "The widest gap of each promise, version by version, with its interval. Dashed: the tolerance "
    "of this version’s policy. The widest gap may be another group’s from version to version: the "
    "table names it."
)


def _precision_drawing(line: list[FairnessAudit]) -> str:
    rows = pd.DataFrame([_precision(audit) for audit in line])
    said = [
        f"{row['label']}: {share_text(row['value'])} ({interval_text(row['low'], row['high'])})."
        for _, row in rows.iterrows()
    ]
    return trend(
        {"Precision of the list": rows},
        name="versions-precision",
        title="Precision of the list, version by version",
        description=" ".join(said),
        signed=False,
    )


def _precision(audit: FairnessAudit) -> dict[str, object]:
    found = {"label": _label(audit), "value": np.nan, "low": np.nan, "high": np.nan}
    if audit.accuracy is None:
        return found
    table, k = audit.accuracy.table, audit.summary["k"]
    row = table[(table["metric"] == "precision") & (table["model"] == "model") & (table["k"] == k)]
    if row.empty:
        return found
    return found | {name: float(row[name].iloc[0]) for name in ("value", "low", "high")}


def _label(audit: FairnessAudit) -> str:
    return f"v{audit.model['version']}"


def _gap_panels(line: list[FairnessAudit]) -> dict[str, pd.DataFrame]:
    """Return one panel per promise and characteristic that more than one version measured."""
    panels: dict[str, pd.DataFrame] = {}
    for verdict in line[-1].verdicts:
        if verdict.scale != "difference":
            continue
        rows = pd.DataFrame([_gap(audit, verdict) for audit in line])
        if rows["value"].notna().sum() > 1:
            title = f"{metric_name(verdict.metric)}, {plain_name(verdict.characteristic).lower()}"
            panels[title] = rows.assign(tolerance=_tolerance(line[-1], verdict.metric))
    return dict(list(panels.items())[:MOST_PANELS])


def _tolerance(audit: FairnessAudit, metric: str) -> float:
    found = [c.tolerance for c in audit.policy.criteria if c.metric == metric]
    return found[0] if found else np.nan


def _gap(audit: FairnessAudit, like: Verdict) -> dict[str, object]:
    found = _same_promise(audit, like)
    ends = (found.gap, found.low, found.high) if found else (np.nan,) * 3
    return {"label": _label(audit), **dict(zip(("value", "low", "high"), ends, strict=True))}


def _same_promise(audit: FairnessAudit, like: Verdict) -> Verdict | None:
    key = (like.metric, like.characteristic, like.scale)
    same = (v for v in audit.verdicts if (v.metric, v.characteristic, v.scale) == key)
    return next(same, None)


def _gap_drawing(panels: dict[str, pd.DataFrame]) -> str:
    said = [
        f"{title}: "
        + ", ".join(f"{r['label']} {gap_text(r['value'], '')}" for _, r in rows.iterrows())
        for title, rows in panels.items()
    ]
    return trend(
        panels,
        name="versions-gaps",
        title="Widest gap of each promise, version by version",
        description=". ".join(said) + ".",
        signed=True,
    )


def version_table(line: list[FairnessAudit]) -> Table:
    """Return versions as rows: when audited, precision, verdict, and the widest gaps."""
    promises = list(dict.fromkeys((v.metric, v.characteristic, v.scale) for v in line[-1].verdicts))
    of_last = {(v.metric, v.characteristic, v.scale): v for v in line[-1].verdicts}
    rows = []
    for audit in line:
        precision = _precision(audit)
        value = figure(precision["value"])
        under = interval_text(precision["low"], precision["high"])
        rows.append(
            [
                Cell(str(audit.model["version"]), str(audit.created)[:10]),
                Cell(VERDICT_NAMES[audit.verdict], look=f"badge {audit.verdict.split()[0]}"),
                Cell(share_text(precision["value"]), under, value=value),
                *(_gap_cell(_same_promise(audit, of_last[key])) for key in promises),
            ]
        )
    headings = [
        "Version", "Verdict", "Precision",
        *(f"{metric_name(metric)}, {plain_name(name).lower()}" for metric, name, _ in promises),
    ]  # fmt: skip
    caption = "Versions of this model: what each audit found. Gaps are the widest of each promise."
    return Table(caption, headings, rows, frozenset({0, 1}))


def _gap_cell(verdict: Verdict | None) -> Cell:
    if verdict is None or np.isnan(verdict.gap):
        return Cell(UNDEFINED, look="quiet")
    groups = f"{verdict.group} against {verdict.reference}"
    if verdict.scale == "ratio":
        return Cell(f"× {verdict.gap:.2f}", groups, value=figure(verdict.gap))
    interval = gap_interval(verdict.low, verdict.high, verdict.metric)
    shown = gap_text(verdict.gap, verdict.metric)
    return Cell(shown, f"{interval} · {groups}", value=figure(verdict.gap))
