"""What a gap could be, had every victim's characteristic been recorded: its worst and best case.

A bound is no interval. An interval says how far a gap may be off by chance, and narrows with more
records. A bound says how far it may be off because nobody wrote down who the victim was, and
narrows only when somebody does. The two stand beside each other, and neither holds the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.gaps import MEASURED
from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.audit.by_group.rates import is_blank
from riskmodel.audit.victims.coverage import COVERAGE
from riskmodel.schema import NOT_RECORDED
from riskmodel.statistics.arrays import FloatArray, divide

BOUND_COLUMNS = (
    "characteristic", "group", "reference", "metric",
    "difference", "low_bound", "high_bound", "share_not_recorded",
)  # fmt: skip


def victim_bounds(rates: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """Return each gap in coverage under the worst and the best assignment of the unrecorded.

    Parameters
    ----------
    rates, gaps : DataFrame
        From `victim_tables`: the counts by group, "Not recorded" among them, and the gaps.

    Returns
    -------
    DataFrame
        ``BOUND_COLUMNS``. ``low_bound`` and ``high_bound`` are the smallest and the largest gap
        that any assignment of the unrecorded offences to groups could give, and both are reached
        by one: these are identification bounds, not intervals. ``share_not_recorded`` is of the
        offences (victims, days) that the metric counts. NaN where the gap is not measured.

    Notes
    -----
    An offence without any victim on record belongs to the unrecorded as well, but for
    ``victim_coverage``, which counts identified victims only. An offence may go to any group,
    these two or another; of an intersection, only to groups that agree with the part recorded.
    The gap is largest where all unrecorded offences that the list covers are the group's, and
    all that it misses are the reference's; the smallest the other way round.

    Examples
    --------
    >>> rates = pd.DataFrame({
    ...     "characteristic": "sex", "group": ["f", "m", "Not recorded"], "metric": "coverage",
    ...     "numerator": [10.0, 30.0, 5.0], "denominator": [100.0, 100.0, 20.0],
    ... })
    >>> gaps = pd.DataFrame({
    ...     "characteristic": ["sex"], "group": "f", "reference": "m", "metric": "coverage",
    ...     "status": "measured", "difference": -0.2,
    ... })
    >>> victim_bounds(rates, gaps)[["low_bound", "high_bound"]].round(3).to_numpy().tolist()
    [[-0.246, -0.118]]
    """
    parts = []
    for (characteristic, metric), table in rates.groupby(["characteristic", "metric"], sort=False):
        if metric in COVERAGE:
            mine = (gaps["characteristic"] == characteristic) & (gaps["metric"] == metric)
            pairs = gaps[mine & ~gaps["group"].map(is_blank).astype(bool)]
            parts.append(_bounds_of(pairs, table))
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=list(BOUND_COLUMNS))
    return pd.concat(filled, ignore_index=True)


def _bounds_of(pairs: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return the bounds of one metric of one characteristic."""
    covered = rates["numerator"].to_numpy(dtype=float)
    missed = rates["denominator"].to_numpy(dtype=float) - covered
    levels = rates["group"].tolist()
    could_be = agreement(levels)
    least, most = _extremes(covered, missed, could_be)
    group = rates["group"].pipe(pd.Index).get_indexer(pd.Index(pairs["group"]))
    reference = rates["group"].pipe(pd.Index).get_indexer(pd.Index(pairs["reference"]))
    everyone = float(divide(covered.sum(), covered.sum() + missed.sum()))
    low_base, high_base = (
        np.where(reference >= 0, ends[reference], everyone) for ends in (least, most)
    )
    blank = np.array([is_blank(level) for level in levels])
    share = divide((covered + missed)[blank].sum(), (covered + missed).sum())
    shown = (pairs["status"] == MEASURED).to_numpy()
    numbers = {
        "difference": pairs["difference"].to_numpy(dtype=float),
        "low_bound": least[group] - high_base,
        "high_bound": most[group] - low_base,
    }
    hidden = {name: np.where(shown, values, np.nan) for name, values in numbers.items()}
    return pairs.assign(**hidden, share_not_recorded=float(share))[list(BOUND_COLUMNS)]


def agreement(levels: Sequence[str]) -> NDArray[np.bool_]:
    """Return which levels that are not (wholly) recorded could be which; shape (levels, levels).

    Examples
    --------
    >>> agreement(["f x Black", "f x White", "f x Not recorded"])[2].tolist()
    [True, True, False]
    """
    parts = [level.split(INTERSECTION) for level in levels]
    return np.array(
        [
            [
                is_blank(of) and not is_blank(to) and _agree(parts[i], parts[j])
                for j, to in enumerate(levels)
            ]
            for i, of in enumerate(levels)
        ],
        dtype=bool,
    ).reshape(len(levels), len(levels))


def _agree(recorded: Sequence[str], other: Sequence[str]) -> bool:
    return all(mine in (NOT_RECORDED, its) for mine, its in zip(recorded, other, strict=True))


def _extremes(
    covered: FloatArray, missed: FloatArray, could_be: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that each level's rate could be; shapes (levels,)."""
    more_covered, more_missed = (
        np.where(could_be.T, amounts, 0.0).sum(axis=1) for amounts in (covered, missed)
    )
    least = divide(covered, covered + missed + more_missed)
    most = divide(covered + more_covered, covered + more_covered + missed)
    return least, most
