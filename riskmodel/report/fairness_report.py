"""fairness_report: an audit as one HTML page that needs nothing else, and its figures beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit, json_ready
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_folder, atomic_write_text, check_replaceable
from riskmodel.report.contents import Contents, disclosed
from riskmodel.report.page import render_page
from riskmodel.report.page_one import standing
from riskmodel.report.statements import statements

KIND = "riskmodel fairness report"
"""Names the JSON beside a page, so that no other file is taken for one and overwritten."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def fairness_report(
    audit: FairnessAudit,
    path: str | os.PathLike[str],
    *,
    internal: bool = False,
    over_time: OverTime | None = None,
    alternatives: Alternatives | None = None,
    waivers: Sequence[Waiver] = (),
    earlier: Sequence[FairnessAudit] = (),
    today: date | None = None,
) -> Path:
    """Write the report: one page of HTML, its content as JSON, and a folder of CSVs.

    Parameters
    ----------
    audit : FairnessAudit
    path : path
        Ends in ``.html``. The JSON is ``<stem>.json`` and the CSVs go to ``<stem>_tables``
        beside it.
    internal : bool, default False
        Keep exact counts, and mark the page INTERNAL. Otherwise counts of 1 to 7 are withheld,
        the others rounded to 5, and rates worked out from the rounded counts.
    over_time : OverTime, optional
        From `riskmodel.monitoring.monitor`: parts 12 and 13.
    alternatives : Alternatives, optional
        What else could have been chosen: part 2.
    waivers : sequence of Waiver
        For this very model; those in force stand on page one.
    earlier : sequence of FairnessAudit
        Of the versions before, the oldest first: their trend, and what a release may not give
        away by subtraction from theirs.
    today : date, optional
        The day on which waivers are in force; the day of the call by default.

    Returns
    -------
    Path
        Of the page. Page, JSON and folder are each whole or absent, whenever the writer is killed.

    Raises
    ------
    RiskModelError
        The path does not end in ``.html``; a waiver or a monitoring is of another model; a file
        or folder of someone else stands where one of the report's would go.

    Examples
    --------
    >>> import tempfile
    >>> from riskmodel.audit.fairness_audit import audit_fairness
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> priors = pd.Series(range(420)) % 7
    >>> rows = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> few_trees = RepeatHarmEstimator(n_estimators=5)
    >>> model = train(rows, estimator=few_trees, n_replicates=10)
    >>> groups = pd.DataFrame({"person_id": rows.person_id, "half": ["first", "second"] * 210})
    >>> audit = audit_fairness(model, rows, None, groups, k=120, n_replicates=50)
    >>> fairness_report(audit, f"{tempfile.mkdtemp()}/fairness.html").name
    'fairness.html'
    """
    target = Path(path)
    tables, content = target.with_name(f"{target.stem}_tables"), target.with_suffix(".json")
    _check(audit, target, waivers, over_time)
    check_replaceable(tables, "listed.csv")
    _check_json(content)
    found = Contents(
        audit=audit,
        internal=internal,
        over_time=over_time,
        alternatives=alternatives,
        waivers=tuple(waivers),
        earlier=tuple(earlier),
        today=today or date.today(),
    )
    shown = found if internal else disclosed(found)
    page, text = render_page(shown), json.dumps(report_content(shown), indent=1, allow_nan=False)
    with atomic_folder(tables) as folder:
        for name, table in all_tables(shown).items():
            csv = _without_formulas(table).to_csv(index=False, lineterminator="\n")
            atomic_write_text(folder / f"{name}.csv", csv)
    atomic_write_text(content, text + "\n")
    return atomic_write_text(target, page)


def _check(
    audit: FairnessAudit, target: Path, waivers: Sequence[Waiver], over_time: OverTime | None
) -> None:
    if target.suffix.lower() != ".html":
        raise RiskModelError(f"path: {target.name!r} given, a name that ends in .html is needed")
    if strange := sum(waiver.model_digest != audit.model_digest for waiver in waivers):
        raise RiskModelError(
            f"waivers: {strange} of {len(waivers)} are for another model than the one audited "
            f"({audit.model_digest[:12]}); give those for this model"
        )
    if over_time is not None and over_time.model_digest not in {"", audit.model_digest}:
        raise RiskModelError(
            f"over_time: of model {over_time.model_digest[:12]}, the audit is of "
            f"{audit.model_digest[:12]}; monitor the scores of the model that is audited"
        )


def _check_json(path: Path) -> None:
    """Raise where a JSON of someone else, such as the audit's own file, would be overwritten."""
    if path.exists() and f'"{KIND}"' not in path.read_text(encoding="utf-8", errors="replace"):
        raise RiskModelError(
            f"The file {path.name} is not the JSON of a fairness report, so nothing was written: "
            "what is in it could be lost. Give the page another name."
        )


def all_tables(contents: Contents) -> dict[str, pd.DataFrame]:
    """Return every table of the report by name."""
    tables = dict(contents.audit.tables())
    if contents.over_time is not None:
        tables |= {f"over_time_{name}": t for name, t in contents.over_time.measured.items()}
    if contents.alternatives is not None:
        tables |= {"alternatives": contents.alternatives.frontier}
        tables |= {"alternatives_later": contents.alternatives.later}
    return tables


def report_content(contents: Contents) -> dict[str, Any]:
    """Return what the page says as content for JSON: undefined is None, times are ISO text."""
    over_time = contents.over_time
    content = {
        "kind": KIND,
        "internal": contents.internal,
        **contents.audit.to_dict(),
        "page_one": {one.about: one.text for one in statements(contents)},
        "standing": [{one.kind: one.text} for one in standing(contents)],
        "waivers": [waiver.to_dict() for waiver in contents.waivers],
        "alerts": [] if over_time is None else [alert.__dict__ for alert in over_time.alerts],
        "over_time_notes": [] if over_time is None else list(over_time.notes),
        "earlier": [one.model_digest for one in contents.earlier],
        "kept_back": sorted(contents.kept_back),
    }
    content["tables"] = {
        name: table.to_dict("records") for name, table in all_tables(contents).items()
    }
    found: dict[str, Any] = json_ready(content)
    return found


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Quote text that a spreadsheet would run: a group may be called anything."""
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{str(name): table[name].map(_quoted) for name in texts})


def _quoted(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
