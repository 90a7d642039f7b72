"""Which models are not worse than the chosen one, and which of those no other one beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.audit.alternatives.candidates import COMPARATOR, Described
from riskmodel.audit.alternatives.measures import Measured
from riskmodel.audit.alternatives.rates import Bools
from riskmodel.statistics.arrays import FloatArray, mean_defined
from riskmodel.statistics.bootstrap import interval

FRONTIER_COLUMNS = (
    "name", "kind", "chosen", "settings",
    "precision", "precision_low", "precision_high",
    "precision_difference", "precision_difference_low", "precision_difference_high",
    "metric", "characteristic", "group", "reference", "gap", "gap_low", "gap_high",
    "gap_difference", "gap_difference_low", "gap_difference_high",
    "not_worse", "on_frontier", "reads_group", "legal_note", "note",
    "numerator", "denominator", "group_numerator", "group_denominator",
    "reference_numerator", "reference_denominator",
)  # fmt: skip
"""One row a model; those that end in _difference are to the chosen one, under the same draws."""


def non_dominated(precision: npt.ArrayLike, gap: npt.ArrayLike) -> Bools:
    """Say which models no other one beats: as precise or more, gap as small or smaller, one truly.

    Parameters
    ----------
    precision, gap : float arrays (n,)
        A model without either is beaten, and beats nobody.

    Examples
    --------
    >>> non_dominated([0.30, 0.28, 0.27, 0.30], [0.10, 0.05, 0.06, 0.12]).tolist()
    [True, True, False, False]
    """
    precise, wide = np.asarray(precision, dtype=float), np.asarray(gap, dtype=float)
    kept = np.zeros(len(precise), dtype=bool)
    narrowest = np.inf
    for level in np.unique(precise[~np.isnan(precise)])[::-1]:
        alike = precise == level
        if not np.isnan(wide[alike]).all() and (least := np.nanmin(wide[alike])) < narrowest:
            kept |= alike & (wide == least)
            narrowest = least
    return kept


def within_interval(precision: FloatArray, drawn: FloatArray, level: float) -> Bools:
    """Say which models are not shown to be worse than the first, within its own interval.

    Two conditions: the precision is not below the interval of the first one's precision; and the
    interval of the paired difference to it does not lie below 0 as a whole.

    Parameters
    ----------
    precision : float array (models,)
    drawn : float array (replicates, models)
        Under the same resamples.

    Notes
    -----
    Neither condition is a proof of being as good: little data is lenient. Whoever wants a proof
    asks that the whole interval of the difference lies above a loss that they name
    (``precision_difference_low``).

    Examples
    --------
    >>> drawn = np.array([[0.4, 0.41, 0.39], [0.5, 0.49, 0.44], [0.6, 0.61, 0.49]])
    >>> within_interval(np.array([0.5, 0.5, 0.44]), drawn, 0.95).tolist()
    [True, True, False]
    """
    low, _ = interval(drawn[:, 0], level)
    _, best = interval(drawn - drawn[:, :1], level)
    return np.asarray((precision >= low) & (np.asarray(best) >= 0))


def frontier_table(
    described: Sequence[Described], measured: Measured, *, metric: str, level: float
) -> pd.DataFrame:
    """Return one row a model (``FRONTIER_COLUMNS``), the chosen one first.

    Comparators are measured beside the others, and are never on the frontier.
    """
    own = np.array([model.kind != COMPARATOR for model in described])
    not_worse = within_interval(measured.precision, measured.precision_drawn, level)
    eligible = own & not_worse
    on_frontier = non_dominated(
        np.where(eligible, measured.precision, np.nan), np.where(eligible, measured.gap, np.nan)
    )
    columns: dict[str, Any] = {
        **_by_column([model.columns() for model in described]),
        **_by_column([asdict(place) for place in measured.widest]),
        **_with_interval("precision", measured.precision, measured.precision_drawn, level),
        **_with_interval("gap", measured.gap, measured.gap_drawn, level),
        "chosen": np.arange(len(described)) == 0,
        "metric": metric,
        "not_worse": not_worse,
        "on_frontier": on_frontier,
        "note": [_note(int(lost)) for lost in measured.lost],
        "numerator": measured.numerator,
        "denominator": measured.denominator,
    }
    return pd.DataFrame(columns, columns=list(FRONTIER_COLUMNS))


def _by_column(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _with_interval(
    name: str, value: FloatArray, drawn: FloatArray, level: float
) -> dict[str, FloatArray]:
    low, high = (np.asarray(end) for end in interval(drawn, level))
    apart, moved = value - value[0], drawn - drawn[:, :1]
    moved = moved - mean_defined(moved, axis=0) + apart  # the widest of several is drawn too wide
    apart_low, apart_high = (np.asarray(end) for end in interval(moved, level))
    return {
        name: value,
        f"{name}_low": np.minimum(low, value),
        f"{name}_high": np.maximum(high, value),
        f"{name}_difference": apart,
        f"{name}_difference_low": np.minimum(apart_low, apart),
        f"{name}_difference_high": np.maximum(apart_high, apart),
    }


def _note(lost: int) -> str:
    if not lost:
        return ""
    return (
        f"too few people counted in {lost} of the groups that are compared for the chosen model: "
        "no gap can be given"
    )
