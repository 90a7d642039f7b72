"""The rules that a model has to beat: the one in use, its variants, and simpler counts.

They need no fitting, are pure functions of `Snapshots.rules`, and give scores, not probabilities:
`riskmodel.model.baselines.recalibrated` makes models of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray

Rule = Callable[[pd.DataFrame, pd.Series], FloatArray]


def v100_sum(rules: pd.DataFrame, as_of: pd.Series) -> FloatArray:
    """Sum the harm of one year's records: the rule in use, modelled on the Met's V100.

    Examples
    --------
    >>> v100_sum(pd.DataFrame({"harm_1y": [10.0, 1825.0]}), pd.Series(["2010-01-01"] * 2))
    array([  10., 1825.])
    """
    return filled(rules, "harm_1y", as_of)


def v100_repeat(rules: pd.DataFrame, as_of: pd.Series) -> FloatArray:
    """Sum one year's harm of those accused of more than one crime in it; the others score 0.

    The stricter of the two published wordings (Press Association, 20 March 2025), with crimes
    counted as incidents. The third wording, men only, is the cohort's business, since no model
    reads sex (`Cohort.v100`); weekly or monthly is that of the ``as_of`` dates.

    Examples
    --------
    >>> rules = pd.DataFrame({"harm_1y": [10.0, 1825.0], "incidents_1y": [2.0, 1.0]})
    >>> v100_repeat(rules, pd.Series(["2010-01-01"] * 2))
    array([10.,  0.])
    """
    more_than_one = filled(rules, "incidents_1y", as_of) > 1
    return np.where(more_than_one, filled(rules, "harm_1y", as_of), 0.0)


def rfgv(rules: pd.DataFrame, as_of: pd.Series) -> FloatArray:
    """Mean percentile rank, within each date, of recency, frequency, harm and distinct victims.

    The weights in use were not published: equal ranks stand in for them. Who has no earlier
    record at all ranks last by recency.

    Examples
    --------
    >>> rules = pd.DataFrame({"days_since_last": [5.0, 90.0], "incidents_1y": [4.0, 1.0],
    ...     "harm_1y": [10.0, 9.0], "victims_1y": [2.0, 1.0]})
    >>> rfgv(rules, pd.Series(["2010-01-01"] * 2))
    array([1. , 0.5])
    """
    recency = -filled(rules, "days_since_last", as_of, fill=np.inf)
    columns = {name: filled(rules, name, as_of) for name in ("incidents_1y", "harm_1y")}
    victims = filled(rules, "victims_1y", as_of)
    parts = pd.DataFrame({"recency": recency, **columns, "victims": victims})
    ranks = parts.groupby(np.asarray(as_of)).rank(pct=True)
    return np.asarray(ranks.to_numpy(dtype=np.float64).mean(axis=1))


def prior_count(rules: pd.DataFrame, as_of: pd.Series) -> FloatArray:
    """Return the number of earlier incidents of any kind, ever.

    Examples
    --------
    >>> prior_count(pd.DataFrame({"prior_count": [3.0]}), pd.Series(["2010-01-01"]))
    array([3.])
    """
    return filled(rules, "prior_count", as_of)


def prior_serious(rules: pd.DataFrame, as_of: pd.Series) -> FloatArray:
    """Return the number of earlier serious incidents, ever.

    Examples
    --------
    >>> prior_serious(pd.DataFrame({"prior_serious": [1.0]}), pd.Series(["2010-01-01"]))
    array([1.])
    """
    return filled(rules, "prior_serious", as_of)


def decayed_serious(rules: pd.DataFrame, as_of: pd.Series) -> FloatArray:
    """Return earlier serious incidents, each worth half after two years, a quarter after four.

    Examples
    --------
    >>> decayed_serious(pd.DataFrame({"decayed_serious": [0.5]}), pd.Series(["2010-01-01"]))
    array([0.5])
    """
    return filled(rules, "decayed_serious", as_of)


BASELINES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "v100_sum": v100_sum,
        "v100_repeat": v100_repeat,
        "rfgv": rfgv,
        "prior_count": prior_count,
        "prior_serious": prior_serious,
        "decayed_serious": decayed_serious,
    }
)
"""The rules by name; each takes the snapshots' rules and as_of and returns scores without NaN."""


def baseline_scores(rules: pd.DataFrame, as_of: pd.Series) -> dict[str, FloatArray]:
    """Return the scores of every rule whose columns hold anything at all.

    Parameters
    ----------
    rules : DataFrame (n, ...)
        `Snapshots.rules`; all missing for a table of ready-made features.
    as_of : Series (n,)

    Returns
    -------
    dict of float64 arrays (n,)
        By name, in the order of `BASELINES`; without the rules that cannot be computed.

    Examples
    --------
    >>> rules = pd.DataFrame({"harm_1y": [2.0], "prior_count": [1.0]})
    >>> list(baseline_scores(rules, pd.Series(["2010-01-01"])))
    ['v100_sum', 'prior_count']
    """
    held = {str(name) for name in rules.columns[rules.notna().any(axis=0)]}
    return {name: rule(rules, as_of) for name, rule in BASELINES.items() if _READS[name] <= held}


_READS: Final[Mapping[str, frozenset[str]]] = {
    "v100_sum": frozenset({"harm_1y"}),
    "v100_repeat": frozenset({"harm_1y", "incidents_1y"}),
    "rfgv": frozenset({"days_since_last", "incidents_1y", "harm_1y", "victims_1y"}),
    "prior_count": frozenset({"prior_count"}),
    "prior_serious": frozenset({"prior_serious"}),
    "decayed_serious": frozenset({"decayed_serious"}),
}


def filled(
    rules: pd.DataFrame, column: str, as_of: pd.Series, *, fill: float | None = None
) -> FloatArray:
    """Return one column with what is missing set to `fill`.

    By default to 0, nothing on record, and then something must be known in some row.

    Raises
    ------
    SchemaError
        The column is absent, or has no values at all.
    """
    if len(as_of) != len(rules):
        raise SchemaError(f"as_of: {len(as_of)} rows given, {len(rules)} expected as in rules")
    if column not in rules.columns:
        raise SchemaError(f"rules.{column}: absent, and this baseline is computed from it")
    values = rules[column].to_numpy(dtype=np.float64)
    if len(values) and np.isnan(values).all() and fill is None:
        raise SchemaError(
            f"rules.{column}: missing in all {len(values)} rows",
            advice="A table of ready-made features has no histories to compute this baseline from.",
        )
    return np.where(np.isnan(values), 0.0 if fill is None else fill, values)
