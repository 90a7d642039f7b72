"""Which gaps are clear: those whose interval leaves out zero, all comparisons allowed for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.gaps import MEASURED
from riskmodel.statistics.arrays import FloatArray


def measured(gaps: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the gaps of a metric that could be measured."""
    if gaps.empty:
        return gaps
    return gaps[
        (gaps["metric"] == metric) & (gaps["status"] == MEASURED) & gaps["difference"].notna()
    ]


def allowed_for(gaps: pd.DataFrame) -> bool:
    """Return whether the intervals allow for all comparisons at once."""
    return "simultaneous_low" in gaps and bool(gaps["simultaneous_low"].notna().any())


def widest_clear(gaps: pd.DataFrame) -> pd.Series | None:
    """Return the widest gap whose interval leaves out zero, or None.

    The interval is the one for all comparisons at once, where that was measured.

    Examples
    --------
    >>> gaps = pd.DataFrame({"group": ["a", "b"], "difference": [0.1, -0.2],
    ...                      "difference_low": [0.05, -0.5], "difference_high": [0.2, 0.1]})
    >>> widest_clear(gaps)["group"]
    'a'
    """
    low, high = (_ends(gaps, end) for end in ("low", "high"))
    clear = gaps[(low > 0) | (high < 0)]
    return None if clear.empty else clear.iloc[int(np.argmax(clear["difference"].abs()))]


def interval_of(row: pd.Series) -> tuple[float, float]:
    """Return the interval by which a gap counts as clear."""
    known = "simultaneous_low" in row and not pd.isna(row["simultaneous_low"])
    kind = "simultaneous" if known else "difference"
    return float(row[f"{kind}_low"]), float(row[f"{kind}_high"])


def _ends(gaps: pd.DataFrame, end: str) -> FloatArray:
    plain = gaps[f"difference_{end}"].to_numpy(dtype=float)
    if f"simultaneous_{end}" not in gaps:
        return plain
    together = gaps[f"simultaneous_{end}"].to_numpy(dtype=float)
    return np.where(np.isnan(together), plain, together)
