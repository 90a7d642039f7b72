"""Single moments, as the tables hold them: naive, in UTC, to the microsecond."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import SchemaError
from riskmodel.late import late

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = late("pandas")  # only what is neither a datetime nor ISO 8601 text needs it

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(value: Any, name: str = "as_of") -> int:
    """Read one moment as microseconds since 1970; see `to_timestamp`.

    Examples
    --------
    >>> to_microseconds("1970-01-02T01:00+01:00")
    86400000000
    """
    if type(value) is str:
        with contextlib.suppress(ValueError):  # what is written otherwise, pandas may still read
            value = datetime.fromisoformat(value)
    if type(value) is datetime:
        since = value - (_EPOCH if value.tzinfo is None else _EPOCH_UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return int(to_timestamp(value, name).to_datetime64().astype(np.int64))


def to_datetime(moment: int) -> datetime:
    """Return microseconds since 1970 as a datetime.

    Examples
    --------
    >>> to_datetime(86_400_000_000)
    datetime.datetime(1970, 1, 2, 0, 0)
    """
    return _EPOCH + timedelta(microseconds=moment)


def to_timestamp(value: Any, name: str = "as_of") -> pd.Timestamp:
    """Read one moment as the tables hold it: naive, in UTC, to the microsecond.

    Parameters
    ----------
    value : anything ``pd.Timestamp`` takes
        With an offset it is converted to UTC; a date means its midnight.
    name : str
        What the error calls it.

    Raises
    ------
    SchemaError
        If it is no moment.

    Examples
    --------
    >>> to_timestamp("2012-01-01T01:00+01:00")
    Timestamp('2012-01-01 00:00:00')
    """
    try:
        moment = pd.Timestamp(value)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"{name}: not a date or time; give one such as '2010-01-01'") from error
    if pd.isna(moment):
        raise SchemaError(f"{name}: missing, where a date or time such as '2010-01-01' is needed")
    if moment.tzinfo is not None:
        moment = moment.tz_convert("UTC").tz_localize(None)
    return moment.as_unit("us")
