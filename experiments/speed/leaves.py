"""The plain features that a column is made of."""

from __future__ import annotations

from typing import Any


def leaves_of(column: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the plain features of a column; a trend is made of two sums."""
    found = []
    for part in column.get("ratio") or column.get("difference") or [column]:
        leaf = {
            key: value for key, value in part.items() if key not in ("name", "per_year_at_risk")
        }
        if leaf["measure"].startswith("trend"):
            measure = "count" if leaf["measure"] == "trend_count" else "harm_sum"
            days = leaf["window_days"]
            found += [{"measure": measure, "window_days": k * days} for k in (1, 5)]
        else:
            found.append(leaf)
    return found


def leaf_name(leaf: dict[str, Any]) -> str:
    """Return a name for the column of a plain feature.

    Examples
    --------
    >>> leaf_name({"measure": "count", "window_days": 365})
    'measure=count|window_days=365'
    """
    return "|".join(f"{key}={leaf[key]}" for key in sorted(leaf))
