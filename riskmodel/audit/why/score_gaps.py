"""Which features drive the gap in mean score between groups: SHAP values, summed by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.by_group.comparisons import (
    Comparison,
    comparisons,
    distinct,
    mean_gap_error,
    person_codes,
)
from riskmodel.audit.by_group.rates import Settings
from riskmodel.scoring.contributions import contributions
from riskmodel.statistics.arrays import FloatArray, divide
from riskmodel.statistics.few_people import normal_quantile

if TYPE_CHECKING:
    from riskmodel.model.scorer import Scorer

SCORE_GAP_COLUMNS = (
    "characteristic", "group", "reference", "feature", "mean_group", "mean_reference",
    "contribution", "share", "value_group", "value_reference", "gap", "gap_low", "gap_high",
    "people",
)  # fmt: skip
ALL_OTHERS = "all others"
FEATURES_SHOWN = 8
_ROWS_AT_ONCE = 20_000


def score_gap_table(
    scorer: Scorer,
    X: pd.DataFrame,
    columns: pd.DataFrame,
    *,
    person: ArrayLike,
    settings: Settings | None = None,
    features_shown: int = FEATURES_SHOWN,
) -> pd.DataFrame:
    """Return what each feature adds to the gap in mean margin between a group and its reference.

    Parameters
    ----------
    scorer : Scorer
        ``model.scorer``.
    X : DataFrame, shape (n, p)
    columns : DataFrame of str, shape (n, characteristics)
        From `group_columns`.
    person : array, shape (n,)
        Whose row it is: the interval of the gap is over people.
    settings : Settings, optional
        Level, minimum cell and references. Groups (and references) of fewer people are left out.
    features_shown : int, default 8
        The largest by absolute contribution; the rest is one row, "all others".

    Returns
    -------
    DataFrame
        ``SCORE_GAP_COLUMNS``, all in log-odds before calibration. ``mean_group`` and
        ``mean_reference`` are the mean SHAP values of the feature, ``contribution`` is the first
        less the second: over the rows of a group they add up to ``gap``, the gap in mean margin,
        whose interval is ``gap_low`` to ``gap_high``. ``share`` is of the gap; it may be negative
        or above 1 where features pull apart, and NaN without a gap. ``value_group`` and
        ``value_reference`` are means of the feature itself, of those who have one.

    Notes
    -----
    It says what the score reads, not why the records differ: a feature that drives a gap may show
    what people did, or what was recorded of them.

    Examples
    --------
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> X = pd.DataFrame({"count_1y": [0.0, 1.0, 2.0, 5.0] * 25, "victims_1y": [0.0, 1.0] * 50})
    >>> fitted = RepeatHarmEstimator(n_estimators=5, n_jobs=1).fit(X, X["count_1y"] > 1)
    >>> sex = pd.DataFrame({"sex": ["f", "m", "m", "m"] * 25})
    >>> table = score_gap_table(fitted.scorer_, X, sex, person=range(100))
    >>> bool(np.isclose(table["contribution"].sum(), table["gap"].iloc[0], atol=1e-9))
    True
    """
    chosen = settings or Settings()
    codes = person_codes(person)
    compared = [
        one
        for one in comparisons(columns, chosen)
        if min(distinct(codes, one.rows), distinct(codes, one.base)) >= chosen.minimum_cell
    ]
    if not compared:
        return pd.DataFrame(columns=list(SCORE_GAP_COLUMNS))
    means = _means(scorer, X, compared)
    width = normal_quantile(chosen.level)
    tables = []
    for number, one in enumerate(compared):
        error = mean_gap_error(means.margin, one, codes)
        table = _one_gap(one, means, number, features_shown)
        gap = means.gap(number)
        tables.append(
            table.assign(
                gap=gap,
                gap_low=gap - width * error,
                gap_high=gap + width * error,
                people=distinct(codes, one.rows),
            )
        )
    return pd.concat(tables, ignore_index=True)[list(SCORE_GAP_COLUMNS)]


class _Means(NamedTuple):
    """Means over the groups (first half) and the references (second half) of all comparisons."""

    features: list[str]
    shap: FloatArray  # (2c, p)
    value: FloatArray  # (2c, p)
    margin: FloatArray  # (n,)

    def gap(self, number: int) -> float:
        half = len(self.shap) // 2
        return float((self.shap[number] - self.shap[half + number]).sum())


def _means(scorer: Scorer, X: pd.DataFrame, compared: list[Comparison]) -> _Means:
    """Pass over the rows in chunks; only sums by group are kept, and one margin a row."""
    masks = [one.rows for one in compared] + [one.base for one in compared]
    member = np.stack(masks)  # (2c, n)
    features = list(scorer.feature_names)
    shap, value, known = (np.zeros((len(masks), len(features))) for _ in range(3))
    margin = np.empty(len(X))
    for start in range(0, len(X), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        values, base = contributions(scorer, X.iloc[rows])
        margin[rows] = base + values.sum(axis=1)
        belongs = member[:, rows].astype(float)
        shap += belongs @ values
        recorded = X.iloc[rows][features].to_numpy(dtype=float)
        value += belongs @ np.nan_to_num(recorded)
        known += belongs @ ~np.isnan(recorded)
    return _Means(features, shap / member.sum(axis=1)[:, np.newaxis], divide(value, known), margin)


def _one_gap(one: Comparison, means: _Means, number: int, shown: int) -> pd.DataFrame:
    half = len(means.shap) // 2
    table = pd.DataFrame(
        {
            "feature": means.features,
            "mean_group": means.shap[number],
            "mean_reference": means.shap[half + number],
            "value_group": means.value[number],
            "value_reference": means.value[half + number],
        }
    )
    table["contribution"] = table["mean_group"] - table["mean_reference"]
    order = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    table = _with_rest(table.loc[order].reset_index(drop=True), shown)
    gap = means.gap(number)
    share = table["contribution"] / gap if abs(gap) > _NO_GAP else np.nan
    return table.assign(**one.names, share=share)


_NO_GAP = 1e-9  # the tolerance of the sums: below it a share of the gap says nothing


def _with_rest(table: pd.DataFrame, shown: int) -> pd.DataFrame:
    """Return the first rows, and one row that sums the others."""
    if len(table) <= shown + 1:
        return table
    sums = table.loc[shown:, ["mean_group", "mean_reference", "contribution"]].sum()
    rest = pd.DataFrame([{"feature": ALL_OTHERS, **sums}]).reindex(columns=table.columns)
    rest[["value_group", "value_reference"]] = np.nan
    return pd.concat([table.head(shown), rest.astype(table.dtypes)], ignore_index=True)
