"""fairness_report: an audit as one HTML page that needs nothing else, and CSVs beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from riskmodel.audit.disclosure import published
from riskmodel.audit.result import FairnessAudit
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_folder, atomic_write_text, check_replaceable
from riskmodel.report.closing_parts import all_parts
from riskmodel.report.page_one import (
    VERDICT_SENTENCES,
    gap_sentences,
    summary_sentences,
    tiles,
)
from riskmodel.report.page_tables import verdict_table
from riskmodel.report.words import VERDICT_NAMES

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def fairness_report(
    audit: FairnessAudit, path: str | os.PathLike[str], *, internal: bool = False
) -> Path:
    """Write the report: one page of HTML, and a folder of CSVs named after it.

    Parameters
    ----------
    audit : FairnessAudit
    path : path
        Ends in ``.html``. The CSVs go to ``<stem>_tables`` beside it.
    internal : bool, default False
        Keep exact counts, and mark the page INTERNAL. Otherwise counts of 1 to 7 are withheld,
        the others rounded to 5, and rates worked out from the rounded counts.

    Returns
    -------
    Path
        Of the page. Page and folder are each whole or absent, whenever the writer is killed.

    Raises
    ------
    RiskModelError
        The path does not end in ``.html``.

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
    if target.suffix.lower() != ".html":
        raise RiskModelError(f"path: {target.name!r} given, a name that ends in .html is needed")
    shown = audit if internal else published(audit)
    page = render_page(shown, internal=internal)
    beside = target.with_name(f"{target.stem}_tables")
    check_replaceable(beside, "listed.csv")
    with atomic_folder(beside) as folder:
        for name, table in shown.tables().items():
            csv = _without_formulas(table).to_csv(index=False, lineterminator="\n")
            atomic_write_text(folder / f"{name}.csv", csv)
    return atomic_write_text(target, page)


def render_page(audit: FairnessAudit, *, internal: bool) -> str:
    """Return the page of an audit that is already fit for its readers."""
    environment = Environment(
        loader=PackageLoader("riskmodel.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = Markup  # charts.py escapes what it draws
    source = environment.loader.get_source(environment, "report.css")[0]  # type: ignore[union-attr]
    return environment.get_template("fairness_report.html.j2").render(
        audit=audit,
        css=Markup(source),  # noqa: S704  # ours, from the package
        internal=internal,
        gaps=gap_sentences(audit),
        parts=all_parts(audit, internal=internal),
        sentences=summary_sentences(audit.summary, internal=internal),
        tiles=tiles(audit.summary),
        verdict=audit.verdict,
        verdict_name=VERDICT_NAMES[audit.verdict],
        verdict_sentence=VERDICT_SENTENCES[audit.verdict],
        verdict_table=verdict_table(audit.tables()["verdicts"]),
    )


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Quote text that a spreadsheet would run: a group may be called anything."""
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{str(name): table[name].map(_quoted) for name in texts})


def _quoted(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
