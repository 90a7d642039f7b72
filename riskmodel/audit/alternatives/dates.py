"""Lists of models on held-out dates: all dates together, and picked on earlier, judged on later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.audit.alternatives.alternatives import LATER_COLUMNS
from riskmodel.audit.alternatives.candidates import COMPARATOR, Described
from riskmodel.audit.alternatives.frontier import frontier_table
from riskmodel.audit.alternatives.measures import Measured, measure
from riskmodel.audit.alternatives.rates import Bools
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.scored_rows import lists_of
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray


@dataclass(frozen=True, eq=False, kw_only=True)
class HeldOut:
    """The rows that models are measured on, and how.

    Attributes
    ----------
    rows : Snapshots, n rows
        y only where the whole window was followed.
    columns : DataFrame of str, shape (n, characteristics)
    metric : str
        Whose widest gap is measured.
    length : ListLength
        Of the list of each date.
    """

    rows: Snapshots
    columns: pd.DataFrame
    metric: str
    length: ListLength
    settings: Settings

    def lists(self, margins: Mapping[str, FloatArray]) -> Bools:
        """Return who is on the list of each model, shape (n, models)."""
        seed = self.settings.seed
        columns = [
            next(iter(lists_of(self.rows, margin, [self.length], seed).values()))
            for margin in margins.values()
        ]
        return np.column_stack(columns)

    def measured(self, listed: Bools, dates: pd.DatetimeIndex | None = None) -> Measured:
        """Measure lists on some dates; all unless given."""
        wanted = np.ones(len(self.rows), dtype=bool)
        if dates is not None:
            wanted = self.rows.as_of.isin(dates).to_numpy()
        return measure(
            listed[wanted],
            self.rows.y.to_numpy(dtype=np.float64)[wanted],
            pd.factorize(self.rows.person_id[wanted], sort=True)[0],
            self.columns[wanted].reset_index(drop=True),
            metric=self.metric,
            settings=self.settings,
        )

    def table(
        self,
        listed: Bools,
        described: Sequence[Described],
        dates: pd.DatetimeIndex | None = None,
    ) -> pd.DataFrame:
        """Return the row of each model on some dates; all unless given."""
        found = self.measured(listed, dates)
        return frontier_table(described, found, metric=self.metric, level=self.settings.level)

    def halves(self) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
        """Return the earlier and the later dates with outcomes; both empty where there is one."""
        dates = self.rows.labelled.dates
        half = (len(dates) + 1) // 2
        return (dates[:half], dates[half:]) if len(dates) > 1 else (dates[:0], dates[:0])

    def on_later_dates(self, listed: Bools, described: Sequence[Described]) -> pd.DataFrame:
        """Pick the frontier on the earlier dates, and measure it on the later ones.

        Returns
        -------
        DataFrame
            ``LATER_COLUMNS``, the chosen model first; empty where there is one date, or no gap
            can be measured on the earlier ones.
        """
        early, late = self.halves()
        nothing = pd.DataFrame(columns=list(LATER_COLUMNS))
        own = [place for place, model in enumerate(described) if model.kind != COMPARATOR]
        if not len(late):
            return nothing
        before = self.table(listed[:, own], [described[place] for place in own], early)
        frontier = before["on_frontier"].to_numpy(dtype=bool)
        if not frontier.any():
            return nothing
        kept = np.flatnonzero(frontier | before["chosen"].to_numpy(dtype=bool)).tolist()
        after = self.table(listed[:, kept], [described[place] for place in kept], late)
        then = before.iloc[kept].reset_index(drop=True)
        return after.assign(
            picked=then.index == then["gap"].where(then["on_frontier"]).idxmin(),
            precision_when_picked=then["precision"],
            gap_when_picked=then["gap"],
        )[list(LATER_COLUMNS)]
