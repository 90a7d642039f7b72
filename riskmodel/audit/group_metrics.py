"""How people are listed, by group: fairlearn's MetricFrame with denominators and intervals.

MetricFrame says 0.0 where nobody is in the denominator. Here the metric functions say NaN, every
rate stands beside its counts, and small cells are withheld.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, mean_prediction, selection_rate
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.gaps import GroupTables, joined, rate_tables, warn_withheld
from riskmodel.audit.rates import Rate, Settings, Sums, sums_by_group
from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray

LIST_RATES = (
    Rate("share_of_pool", "people", "people", of_all=True),
    Rate("share_of_list", "listed", "listed", of_all=True),
    Rate("share_of_later_harm", "outcome", "outcome", of_all=True),
    Rate("outcome_rate", "outcome", "observed", outcome=True),
    Rate("selection_rate", "listed", "people"),
    Rate("precision", "listed_outcome", "listed_observed", outcome=True),
    Rate("recall", "listed_outcome", "outcome", outcome=True),
    Rate("false_positive_rate", "listed_clear", "clear", outcome=True),
    Rate("false_negative_rate", "missed", "outcome", outcome=True),
    Rate(
        "observed_over_expected",
        "outcome",
        "expected",
        proportion=False,
        outcome=True,
        cell="observed",
    ),
    Rate("mean_probability", "probability", "people", proportion=False),
)


def group_table(
    y: ArrayLike,
    listed: ArrayLike,
    probability: ArrayLike,
    groups: pd.DataFrame,
    *,
    person: ArrayLike | None = None,
    settings: Settings | None = None,
    warn: bool = True,
) -> GroupTables:
    """Return every rate of the list by characteristic and group, with gaps and intervals.

    Parameters
    ----------
    y : array of float, shape (n,)
        1 where serious harm followed, 0 where not, NaN where it was not observed: such people
        count in the pool and on the list, and in no rate that needs the outcome.
    listed : array of bool, shape (n,)
        Held fixed under resampling.
    probability : array of float, shape (n,)
    groups : DataFrame of str, shape (n, characteristics)
        From `group_columns`; no missing values.
    person : array, shape (n,), optional
        Needed where a person stands in several rows (several dates): people are resampled whole.
    settings : Settings, optional
        Resampling, level, minimum cell (smaller ones are NaN, ``withheld`` and without a gap) and
        reference groups (the largest recorded one by default).
    warn : bool, default True
        One `SmallGroupWarning` that counts the withheld rates.

    Returns
    -------
    GroupTables

    Raises
    ------
    SchemaError
        Lengths differ, outcomes are not 0, 1 or NaN, or a group value is missing.

    Notes
    -----
    The metrics are those of `LIST_RATES`; ``value`` comes from fairlearn's MetricFrame.

    Examples
    --------
    >>> sex = pd.DataFrame({"sex": ["f"] * 20 + ["m"] * 20})
    >>> tables = group_table([1, 0] * 20, [1, 1, 0, 0] * 10, [0.5] * 40, sex)
    >>> rates = tables.rates.set_index(["metric", "group"])["value"]
    >>> float(rates["precision", "f"]), float(rates["observed_over_expected", "m"])
    (0.5, 1.0)
    """
    chosen = settings or Settings()
    rows = _Rows.checked(y, listed, probability, groups, person)
    quantities = rows.quantities()
    parts = []
    for name in groups.columns:
        sums = sums_by_group(quantities, groups[name], rows.person, chosen, rows.cell)
        values = _metric_frame_values(rows, groups[name], sums)
        parts.append(rate_tables(str(name), sums, LIST_RATES, chosen, size="people", values=values))
    tables = joined(parts)
    if warn:
        warn_withheld(tables.rates, chosen.minimum_cell)
    return tables


@dataclass(frozen=True)
class _Rows:
    y: FloatArray
    listed: NDArray[np.bool_]
    probability: FloatArray
    person: NDArray[np.int64]

    @classmethod
    def checked(
        cls,
        y: ArrayLike,
        listed: ArrayLike,
        probability: ArrayLike,
        groups: pd.DataFrame,
        person: ArrayLike | None,
    ) -> _Rows:
        outcome = np.asarray(y, dtype=np.float64)
        who = np.arange(len(groups)) if person is None else np.asarray(person, dtype=object)
        flags = np.asarray(listed, dtype=np.float64)
        chance = np.asarray(probability, dtype=np.float64)
        problems = [
            f"{name}: {len(values)} rows given, {len(groups)} expected"
            for name, values in _named(outcome, flags, chance, who).items()
            if len(values) != len(groups)
        ]
        if not len(groups):
            problems.append("groups: no rows given, at least one is needed")
        problems += _wrong_values(outcome, flags, chance, groups)
        if problems:
            raise SchemaError(problems)
        return cls(outcome, flags == 1, chance, pd.factorize(who)[0])

    @property
    def seen(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.y)

    @property
    def cell(self) -> NDArray[np.int64]:
        """A code per (listed, outcome or not observed): it fixes every count of a row."""
        return np.where(self.seen, np.nan_to_num(self.y), 2).astype(np.int64) * 2 + self.listed

    def quantities(self) -> pd.DataFrame:
        """Return what is summed, one column each; all are counts but the last two."""
        harmed, clear = self.y == 1, self.y == 0
        counts = {
            "people": np.ones(len(self.y)),
            "listed": self.listed,
            "observed": self.seen,
            "outcome": harmed,
            "clear": clear,
            "listed_observed": self.listed & self.seen,
            "listed_outcome": self.listed & harmed,
            "listed_clear": self.listed & clear,
            "missed": ~self.listed & harmed,
            "expected": np.where(self.seen, self.probability, 0.0),
            "probability": self.probability,
        }
        return pd.DataFrame(counts, dtype=float)


def _named(*columns: NDArray) -> dict[str, NDArray]:  # type: ignore[type-arg]
    return dict(zip(("y", "listed", "probability", "person"), columns, strict=True))


def _wrong_values(
    outcome: FloatArray, flags: FloatArray, chance: FloatArray, groups: pd.DataFrame
) -> list[str]:
    wrong = {
        "y: neither 0, 1 nor missing": ~(np.isin(outcome, (0.0, 1.0)) | np.isnan(outcome)),
        "listed: neither 0 nor 1": ~np.isin(flags, (0.0, 1.0)),
        "probability: outside [0, 1]": ~((chance >= 0) & (chance <= 1)),
        **{f"{name}: missing": groups[name].isna().to_numpy() for name in groups.columns},
    }
    return [f"{rule} in {int(where.sum())} rows" for rule, where in wrong.items() if where.any()]


def _metric_frame_values(rows: _Rows, group: pd.Series[str], sums: Sums) -> dict[str, FloatArray]:
    """Return each rate by group as MetricFrame has it, in the order of ``sums.levels``."""
    who, seen = group.to_numpy(dtype=object), rows.seen
    frames = [
        _by_group({"selection_rate": selection_rate}, rows.listed, rows.listed, who),
        _by_group({"mean_probability": mean_prediction}, rows.listed, rows.probability, who),
    ]
    if seen.any():
        y, listed, probability = rows.y[seen], rows.listed[seen], rows.probability[seen]
        calibration = {"observed_over_expected": _observed_over_expected}
        frames.append(_by_group(_OUTCOME_METRICS, y, listed, who[seen]))
        frames.append(_by_group(calibration, y, probability, who[seen]))
    table = pd.concat(frames, axis=1).reindex(index=list(sums.levels))
    values = {rate.name: rate.of(sums.point) for rate in LIST_RATES}  # shares of all groups
    return values | {str(name): table[name].to_numpy(dtype=float) for name in table.columns}


def _by_group(
    metrics: dict[str, Callable[..., float]], y: ArrayLike, predicted: ArrayLike, who: ArrayLike
) -> pd.DataFrame:
    # a Series: MetricFrame refuses an array of one row
    group = pd.Series(np.asarray(who, dtype=object), name="group")
    frame = MetricFrame(metrics=metrics, y_true=y, y_pred=predicted, sensitive_features=group)
    by_group: pd.DataFrame = frame.by_group
    return by_group


def _share(hit: str, base: str) -> Callable[[FloatArray, FloatArray], float]:
    """Return a metric: the share of `hit` among the rows of `base`; NaN among nobody."""

    def metric(y_true: FloatArray, y_pred: FloatArray) -> float:
        among = _PARTS[base](y_true, y_pred)
        hits = _PARTS[hit](y_true, y_pred) & among
        return float(hits.sum() / among.sum()) if among.any() else np.nan

    return metric


def _observed_over_expected(y_true: FloatArray, y_pred: FloatArray) -> float:
    expected = float(np.sum(y_pred))
    return float(np.sum(y_true)) / expected if expected > 0 else np.nan


_PARTS: dict[str, Callable[[FloatArray, FloatArray], NDArray[np.bool_]]] = {
    "everyone": lambda y, _: np.ones(len(y), dtype=bool),
    "outcome": lambda y, _: y == 1,
    "clear": lambda y, _: y == 0,
    "listed": lambda _, listed: listed == 1,
    "left out": lambda _, listed: listed != 1,
}
_OUTCOME_METRICS = {
    "outcome_rate": _share("outcome", "everyone"),
    "precision": _share("outcome", "listed"),
    "recall": _share("listed", "outcome"),
    "false_positive_rate": _share("listed", "clear"),
    "false_negative_rate": _share("left out", "outcome"),
}
