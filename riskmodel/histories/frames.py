"""The declared tables as pandas and pandera know them: types, checks, tables of no rows.

Ids and texts are pandas ``str``; times are naive ``datetime64[us]``; numbers are ``float64``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.late import late
from riskmodel.schema import END_OF_TIME, FIRST_TIME, TABLES, YEARS_RULE, Field, Kind

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa
else:
    pd, pa = late("pandas"), late("pandera.pandas")  # the second takes seconds


@cache
def text_dtype() -> pd.StringDtype:
    """Return the type of ids and texts."""
    return pd.StringDtype(na_value=np.nan)


def dtype_of(kind: Kind) -> Any:
    """Return the type of a column of one kind.

    Examples
    --------
    >>> dtype_of("time")
    'datetime64[us]'
    """
    if kind == "text":
        return text_dtype()
    return {"time": "datetime64[us]", "number": "float64", "flag": "boolean"}[kind]


@cache
def pandera_schema(name: str) -> Any:
    """Return the ``pandera.pandas.DataFrameSchema`` of a table whose columns are coerced.

    Each check's error text is the rule as the reader of a `SchemaError` sees it.

    Parameters
    ----------
    name : str
        One of `TABLES`.

    Examples
    --------
    >>> sorted(pandera_schema("updates").columns)
    ['evidence', 'recorded_time', 'source_id']
    """
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                dtype_of(column.kind), checks=_checks(column), nullable=column.nullable
            )
            for column in TABLES[name].fields
        }
    )


def _checks(column: Field) -> list[Any]:
    checks = []
    if column.allowed:
        checks.append(pa.Check.isin(list(column.allowed), error=column.words_rule))
    if column.kind == "time":
        within = pa.Check.in_range(FIRST_TIME, END_OF_TIME, include_max=False, error=YEARS_RULE)
        checks.append(within)
    if column.kind == "number":
        finite = pa.Check(np.isfinite, error="not a finite number")
        within = pa.Check.in_range(column.low, column.high, error=column.range_rule)
        checks += [finite, within]
    return checks


def empty_table(name: str) -> pd.DataFrame:
    """Return a table of no rows with all its declared columns, in their types.

    Examples
    --------
    >>> list(empty_table("spells"))
    ['person_id', 'start', 'recorded_time', 'end', 'kind']
    """
    return _empty_table(name).copy()


@cache
def _empty_table(name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {column.name: pd.Series(dtype=dtype_of(column.kind)) for column in TABLES[name].fields}
    )
