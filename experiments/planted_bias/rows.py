"""A world of rows in which the true gap is planted, and known exactly.

Everybody goes on to harm with a chance of their own, drawn without looking at the group. What is
planted is the estimate: one group's is raised, so that its people are listed on weaker grounds,
and fewer of those listed go on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

Floats = NDArray[np.float64]

MEAN, SPREAD = -2.6, 1.3
"""Of the log-odds of harm over people: 12 in 100 go on to it."""
ERROR = 0.8
"""Standard deviation of what an estimate gets wrong, anew on each date."""
LIST_SHARE = 0.10
DATES = np.array(["2010-01-01", "2011-01-01"], dtype="datetime64[us]")
PEOPLE = 6_000
_LARGEST_RAISE = 5.0
_GRID = np.linspace(MEAN - 8 * SPREAD, MEAN + 8 * SPREAD, 4_001)
_WEIGHT = np.exp(-(((_GRID - MEAN) / SPREAD) ** 2) / 2)


@dataclass(frozen=True)
class Plan:
    """What is planted: the raise of the group's estimates, and the true gaps that it makes."""

    share: float
    raised: float
    precision_gap: float
    recall_gap: float


@dataclass(frozen=True)
class World:
    """People on several dates, with their outcomes, estimates and groups."""

    person: NDArray[np.int64]
    as_of: NDArray[np.datetime64]
    y: Floats
    margin: Floats
    groups: pd.DataFrame


def plan(share: float, precision_gap: float) -> Plan:
    """Find the raise that makes the group's true precision lower by so much."""
    raised = 0.0
    if precision_gap:
        raised = brentq(lambda size: true_gaps(share, size)[0] - precision_gap, 0, _LARGEST_RAISE)
    return Plan(share, raised, *true_gaps(share, raised))


def true_gaps(share: float, raised: float) -> tuple[float, float]:
    """Return the group's precision and recall less those of the others, in an endless population.

    Somebody whose log-odds are u is listed with the chance that u, the error of the estimate and
    what is planted lie above the cut, which leaves the list its share; the rest is integration
    over u.
    """

    def listed(cut: float, planted: float) -> Floats:
        return ndtr((_GRID + planted - cut) / ERROR)

    def too_many(cut: float) -> float:
        mixed = share * listed(cut, raised) + (1 - share) * listed(cut, 0.0)
        return float(_mean(mixed)) - LIST_SHARE

    cut = brentq(too_many, MEAN - 10 * SPREAD, MEAN + 10 * SPREAD + raised)
    harm = _chance(_GRID)
    both = [listed(cut, planted) for planted in (raised, 0.0)]
    precision = [_mean(harm * on) / _mean(on) for on in both]
    recall = [_mean(harm * on) / _mean(harm) for on in both]
    return precision[0] - precision[1], recall[0] - recall[1]


def _mean(values: Floats) -> float:
    """Return the mean over people of a function of their log-odds."""
    return float((values * _WEIGHT).sum() / _WEIGHT.sum())


def draw(planted: Plan, seed: int, people: int) -> World:
    """Draw one force: each person on every date, with one group and one harm chance for all."""
    rng = np.random.default_rng([seed, int(1000 * planted.share), int(1e6 * planted.raised)])
    log_odds = rng.normal(MEAN, SPREAD, people)
    in_group = rng.random(people) < planted.share
    half = rng.choice(["first", "second"], people)
    person = np.tile(np.arange(people), len(DATES))
    raised = planted.raised * in_group[person]
    return World(
        person=person,
        as_of=np.repeat(DATES, people),
        y=(rng.random(len(person)) < _chance(log_odds[person])).astype(float),
        margin=log_odds[person] + rng.normal(0, ERROR, len(person)) + raised,
        groups=pd.DataFrame(
            {"planted": np.where(in_group, "group", "others")[person], "half": half[person]}
        ),
    )


def _chance(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-log_odds))
