"""What the full model needs to know of a row, and whether it is known.

A tree that never met a missing value where it learnt reads one as 0: a wrong answer that looks
like any other. Which features were always known is in the reference distributions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def lacking(table: NDArray[Any], reference: Mapping[str, NDArray[np.float64]]) -> Mask:
    """Say which values the full model needs and a row does not have.

    Parameters
    ----------
    table : float array of shape (n, p)
        Features in the model's order; NaN is missing.
    reference : dict of float arrays
        The model's; ``missing`` (p,) is the share missing in each feature at training.

    Returns
    -------
    bool array of shape (n, p)
        True where a value is missing of a feature that was never missing in training.

    Examples
    --------
    >>> table = np.array([[np.nan, 1.0], [2.0, np.nan]])
    >>> lacking(table, {"missing": np.array([0.0, 0.1])}).tolist()
    [[True, False], [False, False]]
    """
    mask: Mask = np.isnan(table) & (reference["missing"] == 0)
    return mask


def lacking_names(names: Sequence[str], mask: Mask) -> tuple[str, ...]:
    """Return the features that one row, or any of several, lacks; `mask` is of `lacking`.

    Examples
    --------
    >>> lacking_names(["age", "count_1y"], np.array([True, False]))
    ('age',)
    """
    anywhere = np.asarray(mask.reshape(-1, len(names)).any(axis=0))
    return tuple(name for name, lacks in zip(names, anywhere, strict=True) if lacks)


def say_lacking(names: Iterable[str]) -> str:
    """Return the sentence that tells why the full model does not answer.

    Examples
    --------
    >>> say_lacking(["count_5y"])
    'count_5y is not known here and was always known where the model learnt'
    >>> say_lacking(["age", "count_5y"])
    'age and count_5y are not known here and were always known where the model learnt'
    """
    *others, last = names
    if not others:
        return f"{last} is not known here and was always known where the model learnt"
    listed = f"{', '.join(others)} and {last}"
    return f"{listed} are not known here and were always known where the model learnt"
