"""Shares of people who may stand in several rows."""

from __future__ import annotations

import pandas as pd

from riskmodel.statistics.cells import wilson


def share_of_people(hits: pd.Series, person: pd.Series, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a share, on as many trials as there are different people.

    Someone who is on twelve lists in a row is not twelve people. Counting each once is a little
    too careful where rows of one person differ, and never too sure.

    Parameters
    ----------
    hits : Series of 0 and 1, shape (n,)
    person : Series, shape (n,)
    level : float in (0, 1)

    Examples
    --------
    >>> alone = share_of_people(pd.Series([1.0, 0.0] * 20), pd.Series(range(40)))
    >>> again = share_of_people(pd.Series([1.0, 0.0] * 20), pd.Series(list(range(10)) * 4))
    >>> again[0] < alone[0] < 0.5 < alone[1] < again[1]
    True
    """
    people = person.nunique()
    low, high = wilson(hits.mean() * people if people else 0.0, people, level)
    return float(low), float(high)
