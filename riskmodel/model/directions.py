"""The directions on which criminology agrees: more serious harm on record never lowers a margin."""

from __future__ import annotations

from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

_RISING_WITH_HARM = ("harm_sum", "harm_max")
_RISING_WHERE_SERIOUS = ("count", "incidents", "decayed")


def agreed_directions(task: Task) -> dict[str, int]:
    """Return 1 or -1 for the features of a task whose direction is agreed.

    Harm over any window, the gravest harm, and counts of serious incidents may only raise the
    margin; days since the latest serious offence may only lower it. Each holds all else equal:
    one more record moves other features as well, and of those nothing is said. For
    ``RepeatHarmEstimator(monotone=...)``; `train` sets it by default.

    Prior record and its recency are the steadiest predictors of reoffending in reviews (Gendreau,
    Little & Goggin 1996); other counts, age and trends are left free.

    Returns
    -------
    dict of int
        By name of feature; empty where the task has none of these.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> offences = make_histories(50, seed=1).offences
    >>> features = (Feature("harm_sum", 365), Feature("days_since_last", serious=True))
    >>> agreed_directions(Task(offences=offences, features=features))
    {'harm_sum_1y': 1, 'days_since_last_serious': -1}
    """
    directions = {}
    for column in task.columns:
        if not isinstance(column, Feature) or column.evidence or column.group:
            continue
        rising = column.measure in _RISING_WITH_HARM or (
            column.serious and column.measure in _RISING_WHERE_SERIOUS
        )
        if rising:
            directions[column.name] = 1
        elif column.serious and column.measure == "days_since_last":
            directions[column.name] = -1
    return directions
