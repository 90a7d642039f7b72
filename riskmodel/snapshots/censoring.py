"""What the end of the data cuts: until when rows are followed, and weights for those cut short.

A row's window is followed up to the end of the data, or to `known_at`, less the allowance for late
reports. A window that is still open then is censored: whether its rows have the outcome is not
known, and "not seen" is not "did not happen". Two ways lead on. The row is left out; or the rows
whose outcome is known stand in for it, by the inverse of the probability of being known.

Of a row with an offence after u days it is known where the row is followed past u; of a row
without, where it is followed to the end of its window. Every row of one date is cut at the same
moment, which its date alone sets, so the share of rows that are followed that long is the
probability itself: no curve needs to be estimated. What has to be believed is that risk does not
depend on the calendar: rows of early dates, which are followed longest, stand in for late ones.

References
----------
Vock, D. M. et al. (2016). Adapting machine learning techniques to censored time-to-event health
record data: a general-purpose approach using inverse probability of censoring weighting. Journal
of Biomedical Informatics 61, 119-131.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.histories.events import EventHistories
from riskmodel.histories.time_at_risk import seen_until
from riskmodel.snapshots.windows import DAY_US

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def end_of_follow_up(histories: EventHistories, known_at: Any, late_allowance_days: int) -> int:
    """Return until when rows are followed, in microseconds.

    The earlier of `known_at` and the end of the data (what was reported since cannot be in them),
    less the days that are allowed for late reports.
    """
    return seen_until(histories, known_at) - late_allowance_days * DAY_US


def censoring_weights(followed: Ints, decided_after: Ints, horizon: int) -> Floats:
    """Return the inverse of each row's probability of being known; 0 where it is not known.

    Parameters
    ----------
    followed : int64 array, shape (n,)
        From each row's date to the end of follow-up.
    decided_after : int64 array, shape (n,)
        From the date to the offence that decides the row, in the same unit; the horizon or more
        where none is known of.
    horizon : int

    Returns
    -------
    float64 array, shape (n,)
        They add up to n on average. All 0 where no row at all is followed to the horizon: nothing
        then stands in for those without an offence.

    Examples
    --------
    Half of the rows are followed for 10 days, half for 4; in each half one offends on day 3:

    >>> followed = np.array([10, 10, 10, 4, 4, 4])
    >>> decided_after = np.array([3, 99, 99, 3, 99, 99])
    >>> censoring_weights(followed, decided_after, 10)
    array([1., 2., 2., 1., 0., 0.])
    """
    needed = np.minimum(decided_after + 1, horizon)  # an offence at u is seen if followed past u
    known = followed >= needed
    if not (followed >= horizon).any():
        return np.zeros(followed.size)
    lengths, rows = np.unique(followed, return_counts=True)
    shorter = np.concatenate([[0], np.cumsum(rows)])
    longer = followed.size - shorter[np.searchsorted(lengths, needed, side="left")]
    weight = np.zeros(followed.size)
    weight[known] = followed.size / longer[known]
    return weight
