"""Comparison: what `compare` found between two lists, as tables and as a page of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from riskmodel.scoring.lists.list_changes import ENTERED, LEFT, STAYED
from riskmodel.scoring.lists.reasons import SMALLEST
from riskmodel.scoring.lists.steps import STEPS


@dataclass(frozen=True, eq=False)
class Comparison:
    """Who entered the list, who left it and who stayed, and why.

    ``str(comparison)`` is a page for people.

    Attributes
    ----------
    table : DataFrame
        One row for each person on either list: the columns of `list_changes`; with histories a
        column for each step, in log-odds of the margin (missing where there is no estimate at one
        of the ends), that add up to ``margin_change``; n_aged_out, n_new_records and
        n_evidence_updates, of the person's own records; why.
    what_differs : DataFrame, indexed by what
        before, after: dates, model, version, digest, edition, thresholds, length of the list.
    notes : tuple of str
        What has to be read with the table.

    Examples
    --------
    ``compare(earlier, later, histories=histories, models=model).entered["why"]`` says why each came
    onto the list.
    """

    table: pd.DataFrame
    what_differs: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def entered(self) -> pd.DataFrame:
        """The rows of those who entered the list, by rank."""
        return self._of(ENTERED)

    @property
    def left(self) -> pd.DataFrame:
        """The rows of those who left it, by the rank that they had."""
        return self._of(LEFT)

    @property
    def stayed(self) -> pd.DataFrame:
        """The rows of those who are on both lists, by rank."""
        return self._of(STAYED)

    @property
    def steps(self) -> pd.DataFrame:
        """What each step moved.

        Returns
        -------
        DataFrame, one row a step
            what; people whose margin it moved; rose, fell: how many of them; largest absolute
            change and mean change over all with steps, in log-odds. Empty without histories.
        """
        there = [name for name in STEPS if name in self.table.columns]
        moved = self.table[there].dropna(how="all")
        return pd.DataFrame(
            {
                "what": [STEPS[name] for name in there],
                "people": [int((moved[name].abs() >= SMALLEST).sum()) for name in there],
                "rose": [int((moved[name] >= SMALLEST).sum()) for name in there],
                "fell": [int((moved[name] <= -SMALLEST).sum()) for name in there],
                "largest": [moved[name].abs().max() for name in there],
                "mean": [moved[name].mean() for name in there],
            },
            index=pd.Index(there, name="step"),
        )

    def _of(self, change: str) -> pd.DataFrame:
        rows = self.table[self.table["change"] == change]
        return rows.reset_index(drop=True)

    def __str__(self) -> str:
        """Return a page of plain text."""
        return "\n".join(_page(self))


def _page(comparison: Comparison) -> Iterator[str]:
    counts = comparison.table["change"].value_counts().reindex([ENTERED, LEFT, STAYED]).fillna(0)
    yield "People listed: " + ", ".join(f"{int(n)} {change}" for change, n in counts.items())
    yield from (
        f"  {what}: {row.before} -> {row.after}"
        for what, row in comparison.what_differs.iterrows()
        if row.before != row.after
    )
    for change, rows in ((ENTERED, comparison.entered), (LEFT, comparison.left)):
        if len(rows):
            yield f"\n{change.capitalize()}"
            yield from (_line(row) for row in rows.to_dict("records"))
    if len(comparison.steps):
        yield "\nWhat moved the estimates of the people listed (log-odds of the margin)"
        yield from (
            f"  {row['what']}: {row['people']} people, {row['rose']} up, {row['fell']} down, "
            f"mean {row['mean']:+.3f}"
            for row in comparison.steps.to_dict("records")
            if row["people"]
        )
    yield ""
    yield from (f"* {note}" for note in comparison.notes)


def _line(row: dict[Any, Any]) -> str:
    ranks = [_rank(row[name]) for name in ("rank_before", "rank_after")]
    return f"  {row['person_id']} (rank {ranks[0]} -> {ranks[1]}): {row['why']}"


def _rank(value: Any) -> str:
    return "-" if pd.isna(value) else str(value)
