"""The checks and small steps that every statistic shares.

A statistic takes its weights as None (all one), as one vector ``(n,)`` or as one row per
replicate ``(R, n)``, and gives back a number for the first two and ``(R,)`` for the last.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def as_floats(values: npt.ArrayLike, name: str, n: int | None = None) -> FloatArray:
    """Return `values` as a 1-D float array of length `n` without NaN, or raise SchemaError.

    Examples
    --------
    >>> as_floats([1, 2], "score", 2)
    array([1., 2.])
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise SchemaError(f"{name}: {array.ndim} dimensions given, 1 is allowed")
    if n is not None and len(array) != n:
        raise SchemaError(f"{name}: {len(array)} rows given, {n} expected")
    missing = int(np.isnan(array).sum())
    if missing:
        raise SchemaError(f"{name}: missing in {missing} rows")
    return array


def as_outcomes(y: npt.ArrayLike) -> FloatArray:
    """Return `y` as floats that are all 0 or 1, or raise SchemaError.

    Examples
    --------
    >>> as_outcomes([True, False])
    array([1., 0.])
    """
    outcomes = as_floats(y, "y")
    wrong = int(((outcomes != 0) & (outcomes != 1)).sum())
    if wrong:
        raise SchemaError(f"y: neither 0 nor 1 in {wrong} rows")
    return outcomes


def as_probabilities(p: npt.ArrayLike, n: int) -> FloatArray:
    """Return `p` as `n` floats within [0, 1], or raise SchemaError.

    Examples
    --------
    >>> as_probabilities([0.2, 1.0], 2)
    array([0.2, 1. ])
    """
    probabilities = as_floats(p, "probability", n)
    wrong = int(((probabilities < 0) | (probabilities > 1)).sum())
    if wrong:
        raise SchemaError(f"probability: outside [0, 1] in {wrong} rows")
    return probabilities


def weight_rows(weight: npt.ArrayLike | None, n: int) -> tuple[FloatArray, bool]:
    """Return weights as ``(R, n)`` and whether the caller gave a single vector.

    Examples
    --------
    >>> weight_rows(None, 3)
    (array([[1., 1., 1.]]), True)
    """
    if weight is None:
        return np.ones((1, n)), True
    rows = np.asarray(weight, dtype=np.float64)
    single = rows.ndim == 1
    rows = rows[np.newaxis] if single else rows
    if rows.ndim != 2 or rows.shape[1] != n:
        raise SchemaError(f"weight: shape {rows.shape} given, ({n},) or (replicates, {n}) expected")
    if rows.size and not rows.min() >= 0:  # also catches NaN
        raise SchemaError("weight: negative or missing values given, 0 or more is allowed")
    return rows, single


def divide(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> FloatArray:
    """Divide; NaN, never 0, where the denominator is 0.

    Examples
    --------
    >>> divide([1.0, 0.0], [2.0, 0.0])
    array([0.5, nan])
    """
    top, bottom = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    )
    result = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=result, where=bottom != 0)
    return result


def weighted_sums(rows: FloatArray, values: FloatArray) -> FloatArray:
    """Add up ``(n,)`` or ``(n, V)`` values under each row of weights: ``(R,)`` or ``(R, V)``.

    A matrix product by numpy's own loop: for so few columns the threads of a BLAS cost ten times
    what they save, and their number would change the last bits of the sums.

    Examples
    --------
    >>> weighted_sums(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([3.0, 4.0]))
    array([11.,  4.])
    """
    if values.ndim == 1:
        return np.asarray(np.einsum("rn,n->r", rows, values))
    columns = [np.einsum("rn,n->r", rows, np.ascontiguousarray(column)) for column in values.T]
    return np.stack(columns, axis=1)


def mean_defined(values: FloatArray, axis: int) -> FloatArray:
    """Mean over `axis` of what is not NaN; NaN where nothing is.

    Examples
    --------
    >>> mean_defined(np.array([[1.0, np.nan], [3.0, np.nan]]), axis=0)
    array([ 2., nan])
    """
    defined = ~np.isnan(values)
    return divide(np.where(defined, values, 0.0).sum(axis=axis), defined.sum(axis=axis))


def number_or_rows(values: FloatArray, single: bool) -> float | FloatArray:
    """Return one number for a single weight vector, else the array over replicates.

    Examples
    --------
    >>> number_or_rows(np.array([0.5]), single=True)
    0.5
    """
    return float(values[0]) if single else values
