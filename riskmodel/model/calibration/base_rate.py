"""The base rate of a date whose outcomes nobody knows yet, stated in advance with its error.

What is known at `as_of` of the newest date whose window has closed is carried forward. How wrong
that can be is what it would have been earlier: from each earlier date to the next that could have
been forecast by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.calibration.base_rate_moves import (
    interval_around,
    movement,
    past_moves,
    rates_by_date,
)
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.windows import instant

_CONFIDENCE = 0.95
_ABOUT = 0.99  # the same two dates of the year lie a day more apart in some years


@dataclass(frozen=True)
class BaseRate:
    """A base rate stated before its outcomes are known.

    Attributes
    ----------
    as_of : Timestamp
        The date that it is for, and at which it could be stated.
    estimate, low, high : float
        Share of people with the outcome, and the interval of the share that will be observed.
    level : float
        How often such intervals should hold it.
    from_date : Timestamp
        The newest closed date, whose base rate is carried forward.
    n : int
        People at `from_date`.
    n_moves : int
        Earlier dates that could have been forecast in the same way.
    effective_moves : float
        What they are worth: windows overlap, and older ones count for less.
    spread : float
        Standard deviation on the log-odds that movement from `from_date` to `as_of` is given.
    """

    as_of: pd.Timestamp
    estimate: float
    low: float
    high: float
    level: float
    from_date: pd.Timestamp
    n: int
    n_moves: int
    effective_moves: float
    spread: float

    def __str__(self) -> str:
        return (
            f"base rate as of {self.as_of:%Y-%m-%d}: {self.estimate:.1%} ({self.level:.0%} "
            f"interval {self.low:.1%} to {self.high:.1%}), as it was on {self.from_date:%Y-%m-%d}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        dates = {name: getattr(self, name).isoformat() for name in ("as_of", "from_date")}
        return {**asdict(self), **dates}


def forecast_base_rate(labelled: Snapshots, as_of: Any, *, level: float = 0.8) -> BaseRate:
    """State the base rate of `as_of`, from nothing but what was known then.

    Parameters
    ----------
    labelled : Snapshots
        Rows of earlier dates, built from histories. Later rows are left aside.
    as_of : date-like
    level : float
        Of the interval, between 0 and 1.

    Returns
    -------
    BaseRate

    Raises
    ------
    SchemaError
        A ready-made table, another kind of outcome than "any", a level outside (0, 1), or no date
        whose window had closed.

    Notes
    -----
    The interval is Student's on the log-odds: the squared movements seen, less what sampling
    explains, joined with a prior (`PRIOR_YEARLY_SPREAD` and `PRIOR_MOVES` in ``base_rate_moves``),
    and the sampling error of both dates. Movements that share part of their time count in part,
    and a movement's weight halves with each distance carried.
    Scaling to another distance is a random walk's. A trend is not drawn out: over 11 dates of
    complaints against police officers that was four times as wrong (root mean square of the log
    ratio 0.28 by the last two years' trend, 0.46 by all years', 0.075 carried forward).

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(200, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories, Task(offences=world.offences), late_allowance_days=0,
    ...     as_of=["2017", "2018", "2019"],
    ... )
    >>> stated = forecast_base_rate(rows, "2020-01-01")
    >>> stated.from_date.year, stated.low < stated.estimate < stated.high
    (2018, True)
    """
    moment = instant(as_of)
    closed, window = _closed_rows(labelled, moment, level)
    rates = rates_by_date(closed)
    newest = closed.dates[-1]
    lag = float((moment - newest).days)
    spread, worth, n_moves = movement(past_moves(closed, rates, window), lag)
    log_odds, sampling = (float(rates[name].iloc[-1]) for name in ("log_odds", "variance"))
    low, high = interval_around(log_odds, sampling, spread=spread, worth=worth, level=level)
    estimate = float(rates["rate"].iloc[-1])
    return BaseRate(
        as_of=moment,
        estimate=estimate,
        low=min(low, estimate),  # of a rate of 0 or 1 the log-odds count half a person more
        high=max(high, estimate),
        level=level,
        from_date=newest,
        n=int(rates["n"].iloc[-1]),
        n_moves=n_moves,
        effective_moves=worth,
        spread=spread,
    )


def _closed_rows(
    labelled: Snapshots, moment: pd.Timestamp, level: float
) -> tuple[Snapshots, pd.Timedelta]:
    """Return rows whose window had closed by `moment`, as labelled then, and the window."""
    if not 0 < level < 1:
        raise SchemaError(f"level: {level} given, between 0 and 1 is allowed")
    if labelled.task is None:
        raise SchemaError("these snapshots carry no task: a base rate needs dated windows")
    labelled.check_any("forecast_base_rate")
    days = labelled.task.outcome.horizon_days + labelled.late_allowance_days
    window, known_at = pd.Timedelta(days=days), min(moment, labelled.known_at)
    closed = labelled.subset(labelled.as_of <= known_at - window)
    closed = closed.relabelled(known_at).labelled if len(closed) else closed
    if not len(closed):
        raise SchemaError(
            f"forecast_base_rate {moment:%Y-%m-%d}: no window of {days} days had closed by then",
            advice="Choose a later date, or build snapshots of earlier dates as well.",
        )
    return closed, window


def coverage(statements: Sequence[BaseRate], observed: Sequence[float]) -> pd.DataFrame:
    """Count how often the intervals held the base rate that was observed later.

    Parameters
    ----------
    statements : sequence of BaseRate
        Of any levels.
    observed : sequence of float
        The base rate of each statement's `as_of`.

    Returns
    -------
    DataFrame
        One row per level: level, n, held, share, n_apart (how many of the dates lie at least one
        carried distance apart: the rest saw much of the same time), low and high (exact binomial
        interval, 95 %, of the share among so many), mean_width.

    Raises
    ------
    RiskModelError
        Unequal numbers, none, or an observed rate outside [0, 1].

    Examples
    --------
    >>> day = pd.Timestamp("2020-01-01")
    >>> stated = BaseRate(day, 0.2, 0.15, 0.26, 0.8, pd.Timestamp("2018-01-01"), 900, 3, 1.4, 0.2)
    >>> coverage([stated], [0.17])[["level", "n", "held"]]
       level  n  held
    0    0.8  1     1
    """
    rates = np.asarray(observed, dtype=np.float64)
    if not len(statements) or rates.shape != (len(statements),):
        raise RiskModelError(
            f"coverage: {len(statements)} statements and {rates.size} observed rates given; one of "
            "each is needed, and at least one."
        )
    if not ((rates >= 0) & (rates <= 1)).all():
        raise RiskModelError("coverage: observed rates must lie between 0 and 1, none missing.")
    rows = pd.DataFrame(
        {
            "level": [stated.level for stated in statements],
            "as_of": [stated.as_of for stated in statements],
            "lag": [stated.as_of - stated.from_date for stated in statements],
            "held": [
                stated.low <= rate <= stated.high
                for stated, rate in zip(statements, rates, strict=True)
            ],
            "width": [stated.high - stated.low for stated in statements],
        }
    )
    return pd.DataFrame([_count(level, part) for level, part in rows.groupby("level")])


def _count(level: Any, rows: pd.DataFrame) -> dict[str, Any]:
    share, n_apart = float(rows["held"].mean()), _n_apart(rows)
    low, high = _exact_interval(share * n_apart, n_apart)
    return {
        "level": float(level),
        "n": len(rows),
        "held": int(rows["held"].sum()),
        "share": share,
        "n_apart": n_apart,
        "low": low,
        "high": high,
        "mean_width": float(rows["width"].mean()),
    }


def _n_apart(rows: pd.DataFrame) -> int:
    """Count dates, from the first on, that lie at least the distance carried after the last."""
    count, free_from = 0, pd.Timestamp.min
    for _, row in rows.sort_values("as_of").iterrows():
        if row["as_of"] >= free_from:
            count, free_from = count + 1, row["as_of"] + _ABOUT * row["lag"]
    return count


def _exact_interval(held: float, n: int) -> tuple[float, float]:
    """Return Clopper and Pearson's interval; `held` need not be whole."""
    tail = (1 - _CONFIDENCE) / 2
    low = 0.0 if held <= 0 else float(betaincinv(held, n - held + 1, tail))
    high = 1.0 if held >= n else float(betaincinv(held + 1, n - held, 1 - tail))
    return low, high
