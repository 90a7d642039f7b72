"""Checks of a ready-made table of features, which has no events behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.histories.time_at_risk import COMPETING_DTYPE
from riskmodel.schema import is_protected
from riskmodel.snapshots.totals import TOTAL_COLUMNS


def checked_features(X: pd.DataFrame) -> pd.DataFrame:
    """Return the features as float32; all that is wrong with them in one error."""
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


def checked_column(values: ArrayLike, n_rows: int, name: str) -> np.ndarray[Any, Any]:
    """Return one number a row."""
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (n_rows,):
        raise SchemaError(f"{name}: {n_rows} values are expected, as X has rows")
    return column


def dates_of(rows: pd.DataFrame) -> pd.DatetimeIndex:
    """Return the distinct dates of the rows, sorted."""
    return pd.DatetimeIndex(rows["as_of"].unique()).sort_values().rename("as_of")


def totals_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Take the rows themselves as everyone, since nothing else is known of a ready-made table."""
    sums = rows.groupby("as_of")[["serious_count", "harm", "harm_capped"]].sum(min_count=1)
    source = {"serious": "serious_count", "harm": "harm", "harm_capped": "harm_capped"}
    return pd.DataFrame(
        {
            name: sums[source[name.rsplit("_", 1)[0]]] if not name.startswith("victims") else np.nan
            for name in TOTAL_COLUMNS
        },
        index=dates_of(rows),
    )


def unknown_follow_up(observed: pd.Series) -> pd.DataFrame:
    """Return the follow-up of rows of which only the outcome is known."""
    nothing = np.zeros(len(observed), dtype=np.int8)
    return pd.DataFrame(
        {
            "days_at_risk": np.nan,
            "competing": pd.Categorical.from_codes(nothing, dtype=COMPETING_DTYPE),
            "censored": ~observed,
            "duration_days": np.nan,
            "event": nothing,
        }
    )
