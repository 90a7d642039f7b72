"""Snapshots: one row for each person and date, features on one side of it, outcome on the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.errors import SchemaError
from riskmodel.histories.arrays import microseconds
from riskmodel.histories.assembly import person_codes
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.follow_up import follow_up_report
from riskmodel.snapshots.late_reports import serious_lag
from riskmodel.snapshots.outcomes import label
from riskmodel.snapshots.passes import RULE_COLUMNS
from riskmodel.snapshots.ready_made import (
    checked_column,
    checked_features,
    dates_of,
    totals_of,
    unknown_follow_up,
)
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.totals import between, totals


@dataclass(frozen=True, eq=False, repr=False)
class Snapshots:
    """Rows of (person, as_of) with features, outcome and what surrounds them.

    Attributes
    ----------
    X : DataFrame, shape (n, p), float32
        Features: only what was recorded before each row's ``as_of``.
    y : Series of float
        The target, of the outcome's kind: 1 or 0 unless another was asked for. NaN where it is
        not known, and not known is not zero.
    harm, harm_capped, serious_count : Series of float
        Over the outcome window: summed harm in days, the same with each offence at 365 days at
        most, and the number of serious incidents; NaN where the window was still open.
    weight : Series of float
        1, unless the outcome weights rows that the end of the data cuts: then the inverse of the
        probability of being known, 0 where y is not.
    person_id, as_of : Series
    observed : Series of bool
        Whether the whole window was followed, and y is known. Metrics and audits read such rows
        only: of windows that are still open one would see the early offences alone.
    follow_up : DataFrame
        days_at_risk, competing (death, left, custody or empty), censored, duration_days, event;
        see `riskmodel.histories.time_at_risk.time_at_risk`.
    rules : DataFrame
        What the baseline rules read (``RULE_COLUMNS``).
    totals : DataFrame
        Per date, all later harm in the cohort or not: the denominators of "captured".
    between : DataFrame
        Per date, counts of records that are neither feature nor outcome.
    task, known_at, late_allowance_days
        How the rows were made; `task` is None for a ready-made table.

    Examples
    --------
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": [0, 3]}), [0, 1])
    >>> len(table), list(table.X.columns)
    (2, ['priors'])
    """

    X: pd.DataFrame
    y: pd.Series
    harm: pd.Series
    harm_capped: pd.Series
    serious_count: pd.Series
    weight: pd.Series
    person_id: pd.Series
    as_of: pd.Series
    observed: pd.Series
    follow_up: pd.DataFrame
    rules: pd.DataFrame
    totals: pd.DataFrame
    between: pd.DataFrame
    task: Task | None = None
    known_at: pd.Timestamp = field(default=pd.Timestamp(0))
    late_allowance_days: int = 0
    _histories: EventHistories | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        dates = f"{len(self.dates)} dates" if len(self.dates) != 1 else "1 date"
        return (
            f"Snapshots({len(self):,} rows, {self.X.shape[1]} features, {dates}, "
            f"{int(self.observed.sum()):,} labelled, "
            f"{int((self.serious_count > 0).sum()):,} with the outcome)"
        )

    def __len__(self) -> int:
        return len(self.X)

    @property
    def dates(self) -> pd.DatetimeIndex:
        """The distinct ``as_of`` dates, sorted."""
        return pd.DatetimeIndex(self.as_of.unique()).sort_values()

    @property
    def labelled(self) -> Snapshots:
        """Only the rows whose outcome was observed."""
        return self.subset(self.observed)

    @property
    def learnable(self) -> Snapshots:
        """Only the rows to learn from: y is known, and the weight is above 0."""
        return self.subset(self.y.notna() & (self.weight > 0))

    @property
    def followed(self) -> Snapshots:
        """The same rows, with y only where the whole window was followed: what can be judged."""
        return replace(self, y=self.y.where(self.observed))

    def check_any(self, what: str) -> None:
        """Raise unless y says whether there was any serious offence.

        Raises
        ------
        SchemaError
            Saying what to do, on behalf of `what`.
        """
        kind = "any" if self.task is None else self.task.outcome.kind
        if kind != "any":
            raise SchemaError(
                f'{what}: y is of kind "{kind}" and takes other values than 0 and 1',
                advice='Build the snapshots with Outcome(kind="any"); or learn with an estimator '
                "of your own from snapshots.learnable: its X, y and weight (survival() for "
                "durations).",
            )

    def subset(self, mask: ArrayLike) -> Snapshots:
        """Return the rows where `mask` is true, in order, with the dates' totals they need."""
        keep = np.asarray(mask, dtype=bool)
        parts: dict[str, Any] = {
            name: getattr(self, name)[keep].reset_index(drop=True) for name in _ROW_PARTS
        }
        wanted = self.totals.index.isin(parts["as_of"].unique())
        return replace(self, **parts, totals=self.totals[wanted], between=self.between[wanted])

    def relabelled(self, known_at: pd.Timestamp) -> Snapshots:
        """Return the same rows with the labels that were known at another date.

        Weights of rows that are cut are worked out anew, from these rows; others stay.

        Raises
        ------
        SchemaError
            If the rows were not built from histories.
        """
        if self.task is None or self._histories is None:
            raise SchemaError("these rows were not built from histories: labels cannot be remade")
        if known_at == self.known_at:
            return self
        labels = label(
            self._histories,
            self.task,
            person_codes(self.person_id, self._histories.persons).astype(np.int64),
            microseconds(self.as_of),
            known_at=known_at,
            late_allowance_days=self.late_allowance_days,
        )
        parts = vars(labels)
        if not self.task.outcome.weighted:
            parts = {**parts, "weight": self.weight}
        return replace(
            self,
            **parts,
            totals=totals(self._histories, self.task, self.dates, known_at),
            between=between(self._histories, self.task, self.dates, known_at),
            known_at=known_at,
        )

    def survival(self) -> pd.DataFrame:
        """Return durations and first events, as survival models take them.

        For any kind of outcome. Rows that were not followed at all are left out; the index is that
        of `X`, so that ``X.loc[table.index]`` are their features. For one cause at a time (as in
        lifelines or scikit-survival) take ``event == 1`` and let the rest be censored; models of
        competing risks take the codes. A person is in several rows: resample people, not rows.

        Returns
        -------
        DataFrame
            person_id, as_of, duration_days, and event: 1 serious offence, 2 death, 3 leaving,
            4 custody for something else, 0 none by the end of the window or of the data.

        Raises
        ------
        SchemaError
            If the rows were not built from histories.
        """
        if self._histories is None:
            raise SchemaError("these rows were not built from histories: durations are not known")
        end = self.known_at - pd.Timedelta(days=self.late_allowance_days)
        followed = (self.as_of < end).to_numpy()
        rows = pd.concat([self.person_id, self.as_of], axis=1)
        return pd.concat([rows, self.follow_up[["duration_days", "event"]]], axis=1)[followed]

    def follow_up_report(self) -> pd.DataFrame:
        """Count, by date and in all, what was followed and what cut it short.

        Returns
        -------
        DataFrame
            One row per as_of, and ``all dates``: rows; observed; censored (the window was still
            open), of these left_out and weighted; outcome (rows seen to have a serious offence);
            death, left, custody (rows where each competed); median_days_at_risk; weights (their
            sum over rows with y); then the columns of `between`.
        """
        return follow_up_report(self)

    def reporting_lag(self) -> pd.DataFrame:
        """Return how much later serious events were recorded, beside the allowance stated.

        See `riskmodel.snapshots.late_reports.serious_lag`.

        Raises
        ------
        SchemaError
            If the rows were not built from histories.
        """
        if self.task is None or self._histories is None:
            raise SchemaError("these rows were not built from histories: no lag can be measured")
        return serious_lag(self._histories, self.task, self.known_at, self.late_allowance_days)

    def to_frame(self) -> pd.DataFrame:
        """Return one flat table: person_id, as_of, outcome columns, then the features."""
        outcome = [self.person_id, self.as_of, self.y, self.observed, self.harm, self.serious_count]
        return pd.concat([*outcome, self.follow_up, self.X], axis=1)

    @classmethod
    def from_table(
        cls,
        X: pd.DataFrame,
        y: ArrayLike,
        *,
        person_id: ArrayLike | None = None,
        as_of: ArrayLike | None = None,
        harm: ArrayLike | None = None,
        weight: ArrayLike | None = None,
    ) -> Snapshots:
        """Take a table of ready-made features with no events behind it.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            Numbers or booleans; NaN is missing. Protected columns are refused.
        y : array of 0, 1 or NaN, shape (n,)
        person_id, as_of, harm, weight : arrays of shape (n,), optional
            Default: each row its own person, one date, harm unknown, weight 1.

        Raises
        ------
        LeakageError
            If a column is a protected characteristic.
        SchemaError
            If a column is not numeric or infinite, or lengths differ.
        """
        table = checked_features(X)
        n_rows = len(table)
        outcome = checked_column(y, n_rows, "y")
        if not np.isin(outcome[~np.isnan(outcome)], (0.0, 1.0)).all():
            raise SchemaError("y: 0, 1 or missing; other values were given")
        people = pd.Series(np.arange(n_rows) if person_id is None else np.asarray(person_id))
        dates = pd.Series(pd.Timestamp(0) if as_of is None else as_of, index=range(n_rows))
        days = np.full(n_rows, np.nan) if harm is None else checked_column(harm, n_rows, "harm")
        days = np.where(np.isnan(outcome), np.nan, days)
        rows = pd.DataFrame(
            {
                "y": outcome,
                "harm": days,
                "harm_capped": np.nan,  # one sum a row: its single offences are not known
                "serious_count": outcome,
                "weight": 1.0 if weight is None else checked_column(weight, n_rows, "weight"),
                "person_id": people.astype("str"),
                "as_of": pd.to_datetime(dates).astype("datetime64[us]"),
                "observed": ~np.isnan(outcome),
            }
        )
        parts: dict[str, Any] = {str(name): rows[name] for name in rows.columns}
        return cls(
            X=table,
            **parts,
            follow_up=unknown_follow_up(rows["observed"]),
            rules=pd.DataFrame(np.nan, index=table.index, columns=list(RULE_COLUMNS)),
            totals=totals_of(rows),
            between=pd.DataFrame(index=dates_of(rows)),
        )


_ROW_PARTS = (
    "X",
    "y",
    "harm",
    "harm_capped",
    "serious_count",
    "weight",
    "person_id",
    "as_of",
    "observed",
    "follow_up",
    "rules",
)
