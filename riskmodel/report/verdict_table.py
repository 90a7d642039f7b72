"""The policy's verdicts as a table."""

from __future__ import annotations

import pandas as pd

from riskmodel.report.tables import Cell, Table, figure
from riskmodel.report.words import (
    UNDEFINED,
    VERDICT_NAMES,
    WITHHELD,
    gap_interval,
    gap_text,
    plain_name,
)

_CAPTION = (
    "A gap is the difference to the reference group; its interval says how far chance could "
    "move it. Pass: every gap measured lies inside the tolerance, interval and all. Fail: a "
    "gap lies wholly outside it, also after allowing for the number of comparisons. Anything "
    "between is insufficient evidence, which is not a pass."
)


def verdict_table(verdicts: pd.DataFrame) -> Table:
    """Return the policy's verdicts, one row per criterion and characteristic."""
    rows = [
        [
            Cell(plain_name(line["characteristic"])),
            Cell(VERDICT_NAMES[line["verdict"]], look=f"badge {line['verdict'].split()[0]}"),
            Cell(line["criterion"]),
            _widest(line),
            Cell(str(line["reason"]), _not_compared(line["not_compared"])),
        ]
        for _, line in verdicts.iterrows()
    ]
    headings = ["Characteristic", "Verdict", "Criterion", "Widest gap", "Why"]
    return Table(_CAPTION, headings, rows, frozenset(range(len(headings))))


def _widest(line: pd.Series) -> Cell:
    if pd.isna(line["gap"]):
        return Cell(WITHHELD if line["group"] else UNDEFINED, look="quiet")
    groups = f"{line['group']} against {line['reference']}"
    value = figure(line["gap"])
    if line["scale"] == "ratio":
        interval = f"{line['low']:.2f} to {line['high']:.2f}"
        return Cell(f"× {line['gap']:.2f}", f"{interval} · {groups}", value=value)
    interval = gap_interval(line["low"], line["high"], line["metric"])
    return Cell(gap_text(line["gap"], line["metric"]), f"{interval} · {groups}", value=value)


def _not_compared(count: int) -> str:
    if not count:
        return ""
    return (
        f"{count} group{'s' if count > 1 else ''} not compared: too small, or all or none in it "
        "went on to serious harm"
    )
