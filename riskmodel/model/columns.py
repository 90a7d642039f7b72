"""A table's columns in the order learnt, and its values checked; nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.late import late

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = late("pandas")

_FLOATS = {np.dtype(np.float32), np.dtype(np.float64)}


def finite(table: NDArray[Any], names: Sequence[str] | None) -> NDArray[Any]:
    """Return `table`, or raise where it holds infinite values; missing ones (NaN) may stay."""
    infinite = np.isinf(table)
    if infinite.any():
        columns = np.flatnonzero(infinite.any(axis=0))
        named = [str(names[int(c)]) if names is not None else f"column {c}" for c in columns]
        raise RiskModelError(
            f"X has infinite values (inf) in {int(infinite.any(axis=1).sum())} rows of "
            f"{', '.join(named)}. Numbers and missing values (NaN) are allowed."
        )
    return table


def in_fit_order(X: Any, names: Sequence[str] | None) -> Any:
    """Return a DataFrame's columns in the order of `names`; other inputs as they are.

    Raises
    ------
    ModelMismatchError
        Columns are missing, unknown or there twice; they are named.
    """
    if names is None or not isinstance(X, pd.DataFrame):
        return X
    if list(X.columns) == list(names):
        return X
    missing = [str(name) for name in names if name not in X.columns]
    unknown = [str(name) for name in X.columns if name not in set(names)]
    twice = [str(name) for name in X.columns[X.columns.duplicated()].unique()]
    parts = [
        ("Feature names unseen at fit time", unknown),
        ("Feature names seen at fit time, yet now missing", missing),
        ("Feature names that are there more than once", twice),
    ]
    lines = [
        f"{title}:\n" + "".join(f"- {name}\n" for name in sorted(found))
        for title, found in parts
        if found
    ]
    if lines:
        raise ModelMismatchError(
            "The feature names should match those that were passed during fit.\n"
            + "".join(lines)
            + "Build the features with the task that the model was trained on."
        )
    return X[list(names)]


def is_float_frame(X: Any) -> bool:
    """Say whether X is a DataFrame with rows, and float32 or float64 in every column."""
    return isinstance(X, pd.DataFrame) and len(X) > 0 and set(X.dtypes) <= _FLOATS


def float_table(X: pd.DataFrame) -> NDArray[Any]:
    """Return a DataFrame's numbers, in C order: float32 where all columns are, else float64.

    Raises
    ------
    ModelMismatchError
        Columns that hold no numbers; they are named.
    RiskModelError
        Infinite values.
    """
    wrong = [str(name) for name in X.columns if not pd.api.types.is_numeric_dtype(X[name])]
    if wrong:
        raise ModelMismatchError(f"X has no numbers in {', '.join(wrong)}: give floats, or NaN.")
    single = set(X.dtypes) == {np.dtype(np.float32)}
    numbers = X.to_numpy(dtype=np.float32 if single else np.float64, na_value=np.nan)
    return finite(np.ascontiguousarray(numbers), list(map(str, X.columns)))
