"""The gap that remains among people with the same number and kind of records on the same date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.comparisons import (
    Comparison,
    clustered_error,
    comparisons,
    distinct,
    person_codes,
)
from riskmodel.audit.by_group.rates import Settings
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray, divide
from riskmodel.statistics.few_people import normal_quantile

MATCHED_GAP_COLUMNS = (
    "characteristic", "group", "reference", "metric", "people", "matched_people",
    "gap", "matched_gap", "low", "high",
)  # fmt: skip
RECORD_EDGES: dict[str, tuple[float, ...]] = {
    "incidents_1y": (1, 2, 3),
    "prior_count": (2, 3, 5, 10),
    "prior_serious": (1, 2),
    "evidence_share": (0, 1),
}
"""What counts as the same number and kind of records: incidents in a year, ever, serious ones
ever, and whether the harm of the year rests on none, some or nothing but allegation."""
NOT_MATCHED = (
    "a ready-made table says nothing of numbers and kinds of records: the gap among people "
    "alike in their records is not measured"
)
_FEWEST_REFERENCE_ROWS = 2


def record_strata(snapshots: Snapshots) -> NDArray[np.int64] | None:
    """Return the stratum of each row, by date and records; None where no records are known.

    Parameters
    ----------
    snapshots : Snapshots
        Built from histories: `rules` hold what is matched (`RECORD_EDGES`).

    Returns
    -------
    array of int, shape (n,), or None

    Examples
    --------
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": [0, 3]}), [0, 1])
    >>> record_strata(table) is None
    True
    """
    rules = snapshots.rules
    if not set(RECORD_EDGES) <= set(rules.columns) or rules["prior_count"].isna().all():
        return None
    parts = {"as_of": snapshots.as_of.to_numpy()}
    for name, edges in RECORD_EDGES.items():
        values = rules[name].to_numpy(dtype=float)
        parts[name] = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
    codes = pd.DataFrame(parts).groupby(list(parts), sort=True).ngroup()
    return np.asarray(codes.to_numpy(), dtype=np.int64)


def matched_gap_table(
    strata: ArrayLike | None,
    columns: pd.DataFrame,
    *,
    listed: ArrayLike,
    probability: ArrayLike,
    y: ArrayLike,
    person: ArrayLike,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Return, by group, the gap to the reference and what is left of it among people alike.

    Parameters
    ----------
    strata : array of int, shape (n,), or None
        From `record_strata`; None gives an empty table.
    columns : DataFrame of str, shape (n, characteristics)
        From `group_columns`.
    listed, probability, y : array, shape (n,)
        Who is listed, the estimates, and the outcome: NaN where it was not observed.
    person : array, shape (n,)
    settings : Settings, optional
        Level, minimum cell and references.

    Returns
    -------
    DataFrame
        ``MATCHED_GAP_COLUMNS``: for selection_rate, mean_probability and outcome_rate the group's
        rate less the reference's (``gap``), and the same difference taken stratum by stratum and
        averaged over the group's own people (``matched_gap``, with its interval). People of the
        group in a stratum with fewer than two rows of the reference have nobody to be compared
        with: ``matched_people`` are the others. NaN where they, or the reference, are fewer than
        the minimum.

    Notes
    -----
    Direct standardisation. The interval is normal, from the influence of each person on the
    estimate: to first order what resampling people gives, without its cost. A gap that goes away
    is made by the records, which is not to say that the records are right; one that remains is
    made by what else the model reads (``mean_probability``), or by what the records do not show
    (``outcome_rate``).

    Examples
    --------
    >>> sex = pd.DataFrame({"sex": ["f", "m"] * 40})
    >>> table = matched_gap_table(
    ...     [0] * 80, sex, listed=[0, 1] * 40, probability=[0.5] * 80, y=[0] * 80,
    ...     person=range(80),
    ... )
    >>> table.set_index("metric")["matched_gap"].to_dict()
    {'selection_rate': 1.0, 'mean_probability': 0.0, 'outcome_rate': 0.0}
    """
    chosen = settings or Settings()
    if strata is None:
        return pd.DataFrame(columns=list(MATCHED_GAP_COLUMNS))
    codes, stratum = person_codes(person), np.asarray(strata, dtype=np.int64)
    values = {
        "selection_rate": np.asarray(listed, dtype=float),
        "mean_probability": np.asarray(probability, dtype=float),
        "outcome_rate": np.asarray(y, dtype=float),
    }
    rows = [
        {**one.names, "metric": metric, **numbers}
        for one in comparisons(columns, chosen)
        for metric, numbers in _gaps(one, values, stratum, codes, chosen).items()
    ]
    return pd.DataFrame(rows, columns=list(MATCHED_GAP_COLUMNS))


def _gaps(
    one: Comparison,
    values: Mapping[str, FloatArray],
    stratum: NDArray[np.int64],
    codes: NDArray[np.int64],
    settings: Settings,
) -> dict[str, dict[str, float]]:
    width = normal_quantile(settings.level)
    found = {}
    for metric, value in values.items():
        known = one.rows & ~np.isnan(value), one.base & ~np.isnan(value)
        matched = _Matched.of(value, *known, stratum)
        people, alike = distinct(codes, known[0]), distinct(codes, matched.rows)
        numbers: dict[str, float] = {"people": people, "matched_people": alike}
        if min(alike, distinct(codes, known[1])) >= settings.minimum_cell:
            middle = matched.gap
            reach = width * matched.error(value, codes, proportion=metric != "mean_probability")
            numbers |= {
                "gap": float(value[known[0]].mean() - value[known[1]].mean()),
                "matched_gap": middle,
                "low": middle - reach,
                "high": middle + reach,
            }
        found[metric] = numbers
    return found


class _Matched(NamedTuple):
    """The rows of a group that have rows of the reference in their stratum, and those."""

    rows: NDArray[np.bool_]
    base: NDArray[np.bool_]
    stratum: NDArray[np.int64]
    in_group: FloatArray  # rows of the group by stratum
    in_base: FloatArray
    base_mean: FloatArray  # of the value by stratum
    apart: FloatArray  # each row of the group less the reference's mean in its stratum

    @classmethod
    def of(
        cls,
        value: FloatArray,
        rows: NDArray[np.bool_],
        base: NDArray[np.bool_],
        stratum: NDArray[np.int64],
    ) -> _Matched:
        size = int(stratum.max(initial=-1)) + 1
        in_base = np.bincount(stratum[base], minlength=size).astype(float)
        sums = np.bincount(stratum[base], weights=value[base], minlength=size)
        mean = divide(sums, in_base)
        kept = rows & (in_base >= _FEWEST_REFERENCE_ROWS)[stratum]
        in_group = np.bincount(stratum[kept], minlength=size).astype(float)
        apart = value[kept] - mean[stratum[kept]]
        return cls(kept, base, stratum, in_group, in_base, mean, apart)

    @property
    def gap(self) -> float:
        return float(self.apart.mean())

    def error(self, value: FloatArray, codes: NDArray[np.int64], *, proportion: bool) -> float:
        """Return the standard error; a share of 0 or 1 in the group is still one of few people."""
        count = self.in_group.sum()
        influence = np.zeros(len(value))
        influence[self.rows] = (self.apart - self.apart.mean()) / count
        at = self.stratum[self.base]
        # n / (n - 1): a stratum of two rows shows half of its spread
        widen = np.sqrt(divide(self.in_base, np.maximum(self.in_base - 1, 1)))
        share = divide(self.in_group, self.in_base * count) * widen
        influence[self.base] -= share[at] * (value[self.base] - self.base_mean[at])
        error = clustered_error(influence, codes)
        if proportion and np.ptp(value[self.rows]) == 0:
            people = distinct(codes, self.rows)
            chance = 0.5 / (people + 1)  # Jeffreys
            return max(error, float(np.sqrt(chance * (1 - chance) / (people + 2))))
        return error
