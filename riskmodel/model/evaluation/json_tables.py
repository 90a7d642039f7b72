"""Tables to JSON and back: rows as objects, missing as null, dates as ISO text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

DATE = "datetime64[us]"


def to_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one dict a row that JSON can hold.

    Examples
    --------
    >>> to_records(pd.DataFrame({"as_of": [pd.Timestamp("2010-01-01")], "share": [float("nan")]}))
    [{'as_of': '2010-01-01T00:00:00', 'share': None}]
    """
    rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def from_records(records: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> pd.DataFrame:
    """Return the table that `to_records` wrote, its columns in the order and types of `kinds`.

    Examples
    --------
    >>> from_records([{"as_of": "2010-01-01", "share": None}], {"as_of": DATE, "share": "float64"})
           as_of  share
    0 2010-01-01    NaN
    """
    return pd.DataFrame(list(records), columns=list(kinds)).astype(dict(kinds))


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value
