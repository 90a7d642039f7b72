"""What the parts share: rows of one characteristic, what is absent and why, figures as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from riskmodel.audit.result import FairnessAudit
from riskmodel.report.blocks import Absent, Block, Fold, Grid
from riskmodel.report.contents import Contents
from riskmodel.report.tables import Table
from riskmodel.report.words import metric_name, number_text, plain_name

NOT_MEASURED = "Not measured in this run"
KEPT_BACK = (
    "Measured, and kept to the internal version: beside the figures of this page, counts could be "
    "worked out from it."
)


def absent(contents: Contents, table: str, what: str) -> Absent:
    """Return that a table is not there, and why where a note says it.

    Parameters
    ----------
    contents : Contents
    table : str
        Its name.
    what : str
        What it would show, as a sentence begins.
    """
    if table in contents.kept_back:
        return Absent(f"{what}. {KEPT_BACK}")
    why = "; ".join(_notes_on(contents.audit, table))
    return Absent(f"{what}. {NOT_MEASURED}{f': {why}' if why else ''}.")


def _notes_on(audit: FairnessAudit, table: str) -> list[str]:
    names = (table, table.replace("_", " "))
    return [note.removesuffix(".") for note in audit.notes if note.lower().startswith(names)]


def by_characteristic(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each characteristic, in the order of the table."""
    if table.empty:
        return []
    return [(str(name), rows) for name, rows in table.groupby("characteristic", sort=False)]


def of_characteristic(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of one characteristic; an empty table stays one."""
    return table if table.empty else table[table["characteristic"] == name]


def folded(
    table: pd.DataFrame, make: Callable[[pd.DataFrame, str], Table], label: str
) -> list[Block]:
    """Return one fold per characteristic; `label` has a place for its name.

    Parameters
    ----------
    table : DataFrame
    make : callable
        Gets the rows of a characteristic and its name.
    label : str
        Such as ``"Bounds by victim’s {}"``.
    """
    return [
        Fold("", folded=[Grid(make(rows, name))], label=label.format(plain_name(name).lower()))
        for name, rows in by_characteristic(table)
    ]


def wide(rates: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Return one row per group and one column per metric that the table has, in its order."""
    found = rates[rates["metric"].isin(metrics)]
    present = [name for name in metrics if name in set(found["metric"])]
    table = found.pivot(index="group", columns="metric", values="value")
    return table.reindex(found["group"].drop_duplicates())[present].reset_index()


def drawable(shares: pd.DataFrame, *, whole: bool = False) -> tuple[pd.DataFrame, str]:
    """Return the groups (`wide`) that have a figure, and a sentence about the others.

    Parameters
    ----------
    shares : DataFrame
    whole : bool
        Whether a group needs every figure to be drawn.
    """
    figures = shares.drop(columns="group").notna()
    some = figures.all(axis=1) if whole else figures.any(axis=1)
    left_out = int((~some).sum())
    few = "1 group is" if left_out == 1 else f"{left_out} groups are"
    return shares[some], f" {few} withheld or undefined, and not drawn." if left_out else ""


def described(shares: pd.DataFrame) -> str:
    """Return the figures of a drawing (`wide`) as text for who cannot see it."""
    metrics = [name for name in shares.columns if name != "group"]
    sentences = []
    for _, row in shares.iterrows():
        said = ", ".join(f"{metric_name(m).lower()} {number_text(row[m], m)}" for m in metrics)
        sentences.append(f"{row['group']}: {said}.")
    return " ".join(sentences)


def reference_of(gaps: pd.DataFrame) -> str:
    """Return which group the others are compared with."""
    if not len(gaps):
        return "the reference group"
    name = str(gaps["reference"].iloc[0])
    return "everyone" if name == "Everyone" else f"“{name}”"


def criteria_metrics(audit: FairnessAudit) -> tuple[str, ...]:
    """Return the metrics that the policy makes promises of."""
    return tuple(dict.fromkeys(criterion.metric for criterion in audit.policy.criteria))


def as_sentence(text: str) -> str:
    """Return a note with a capital and a full stop.

    Examples
    --------
    >>> as_sentence("a column is left out")
    'A column is left out.'
    """
    return f"{text[:1].upper()}{text[1:]}".removesuffix(".") + "."
