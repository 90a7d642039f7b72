"""Snapshots: one row for each person and date, features on one side of it, outcome on the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.histories.arrays import microseconds
from riskmodel.histories.assembly import person_codes
from riskmodel.histories.events import EventHistories
from riskmodel.schema import is_protected
from riskmodel.snapshots.aggregate import RULE_COLUMNS
from riskmodel.snapshots.outcomes import TOTAL_COLUMNS, between, label, totals
from riskmodel.snapshots.task import Task


@dataclass(frozen=True, eq=False, repr=False)
class Snapshots:
    """Rows of (person, as_of) with features, outcome and what surrounds them.

    Attributes
    ----------
    X : DataFrame, shape (n, p), float32
        Features: only what was recorded before each row's ``as_of``.
    y : Series of float
        1 or 0, NaN where the outcome was not observed. Not observed is not zero.
    harm, harm_capped, serious_count : Series of float
        Over the outcome window: summed harm in days, the same with each offence at 365 days at
        most, and the number of serious incidents.
    weight : Series of float
    person_id, as_of, observed : Series
    follow_up : DataFrame
        days_at_risk, competing (death, left, custody or empty), censored.
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
            f"{int(self.observed.sum()):,} labelled, {int((self.y == 1).sum()):,} with the outcome)"
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
        return replace(
            self,
            **vars(labels),
            totals=totals(self._histories, self.task, self.dates, known_at),
            between=between(self._histories, self.task, self.dates, known_at),
            known_at=known_at,
        )

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
        table = _checked_features(X)
        n_rows = len(table)
        outcome = _column(y, n_rows, "y")
        if not np.isin(outcome[~np.isnan(outcome)], (0.0, 1.0)).all():
            raise SchemaError("y: 0, 1 or missing; other values were given")
        people = pd.Series(np.arange(n_rows) if person_id is None else np.asarray(person_id))
        dates = pd.Series(pd.Timestamp(0) if as_of is None else as_of, index=range(n_rows))
        days = np.full(n_rows, np.nan) if harm is None else _column(harm, n_rows, "harm")
        days = np.where(np.isnan(outcome), np.nan, days)
        rows = pd.DataFrame(
            {
                "y": outcome,
                "harm": days,
                "harm_capped": np.nan,  # one sum a row: its single offences are not known
                "serious_count": outcome,
                "weight": 1.0 if weight is None else _column(weight, n_rows, "weight"),
                "person_id": people.astype("str"),
                "as_of": pd.to_datetime(dates).astype("datetime64[us]"),
                "observed": ~np.isnan(outcome),
            }
        )
        follow_up = pd.DataFrame(
            {"days_at_risk": np.nan, "competing": "", "censored": ~rows["observed"]}
        )
        parts: dict[str, Any] = {str(name): rows[name] for name in rows.columns}
        return cls(
            X=table,
            **parts,
            follow_up=follow_up,
            rules=pd.DataFrame(np.nan, index=table.index, columns=list(RULE_COLUMNS)),
            totals=_totals_of(rows),
            between=pd.DataFrame(index=_dates_of(rows)),
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


def _checked_features(X: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(X, pd.DataFrame):
        raise SchemaError("X: a pandas DataFrame with named columns is expected")
    names = [str(name) for name in X.columns]
    if protected := [name for name in names if is_protected(name)]:
        raise LeakageError(
            f"X holds protected characteristics: {', '.join(protected)}. Leave them out; "
            "give them to the audit in the groups table"
        )
    problems = [
        f"X.{name}: numbers or booleans are expected"
        for name, dtype in zip(names, X.dtypes, strict=True)
        if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype))
    ]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        problems.append(f"X: named more than once: {', '.join(repeated)}")
    if problems:
        raise SchemaError(problems)
    table = X.set_axis(names, axis=1).astype(np.float64).reset_index(drop=True)
    infinite = np.isinf(table.to_numpy()).sum(axis=0)
    if infinite.any():
        raise SchemaError(
            [
                f"X.{name}: infinite in {count} rows"
                for name, count in zip(names, infinite, strict=True)
                if count
            ]
        )
    return table.astype(np.float32)


def _column(values: ArrayLike, n_rows: int, name: str) -> np.ndarray[Any, Any]:
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (n_rows,):
        raise SchemaError(f"{name}: {n_rows} values are expected, as X has rows")
    return column


def _dates_of(rows: pd.DataFrame) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(rows["as_of"].unique()).sort_values().rename("as_of")


def _totals_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Take the rows themselves as everyone, since nothing else is known of a ready-made table."""
    sums = rows.groupby("as_of")[["serious_count", "harm", "harm_capped"]].sum(min_count=1)
    source = {"serious": "serious_count", "harm": "harm", "harm_capped": "harm_capped"}
    return pd.DataFrame(
        {
            name: sums[source[name.rsplit("_", 1)[0]]] if not name.startswith("victims") else np.nan
            for name in TOTAL_COLUMNS
        },
        index=_dates_of(rows),
    )
