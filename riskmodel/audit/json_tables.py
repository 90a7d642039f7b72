"""Tables to JSON and back without loss: types kept, undefined as null, infinite as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from riskmodel.audit.result import json_ready

_INFINITE = {float("inf"): "inf", float("-inf"): "-inf"}


def table_to_json(table: pd.DataFrame) -> dict[str, Any]:
    """Return what JSON can hold of a table: its number of rows, and each column with its type.

    Examples
    --------
    >>> table_to_json(pd.DataFrame({"share": [0.5, float("nan")]}))
    {'rows': 2, 'columns': {'share': {'dtype': 'float64', 'values': [0.5, None]}}}
    """
    columns = {
        str(name): {
            "dtype": str(table[name].dtype),
            "values": [cell_to_json(value) for value in table[name].tolist()],
        }
        for name in table.columns
    }
    return {"rows": len(table), "columns": columns}


def table_of_json(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table that `table_to_json` wrote.

    Examples
    --------
    >>> table = pd.DataFrame({"as_of": pd.to_datetime(["2012-01-01"]), "n": [3]})
    >>> table_of_json(table_to_json(table)).equals(table)
    True
    """
    columns = {
        name: pd.Series(column["values"], dtype=object).astype(column["dtype"])
        for name, column in content["columns"].items()
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(content["rows"]))


def cell_to_json(value: Any) -> Any:
    """Return one value as JSON has it.

    Examples
    --------
    >>> cell_to_json(float("inf")), cell_to_json(float("nan"))
    ('inf', None)
    """
    if isinstance(value, float) and value in _INFINITE:
        return _INFINITE[value]
    return json_ready(value)
