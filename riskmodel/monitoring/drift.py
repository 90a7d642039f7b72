"""Whether today's table looks like the one that the model learnt from.

The population stability index compares two distributions over the same bins: the sum over bins of
``(now - then) * ln(now / then)``, where both are shares of rows. Missing values are a bin of their
own. By the usual rule of thumb it is stable below 0.1, and above 0.25 the model needs another look
before it is used (Siddiqi 2006). With few rows the index is above 0 although nothing changed: about
``(bins - 1) * (1 / n_now + 1 / n_then)`` (Yurdakul 2018), which stands beside it as `by_chance`.
Over ``1 / n_now + 1 / n_then`` the index is nearly a noncentral chi-square variable, from which
the interval of what it would be without chance is taken.

References
----------
Siddiqi (2006), Credit Risk Scorecards, Wiley; Yurdakul (2018), Statistical properties of the
population stability index, Western Michigan University.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.columns import in_fit_order
from riskmodel.model.reference import ESTIMATES
from riskmodel.model.risk_model import RiskModel
from riskmodel.statistics.arrays import FloatArray
from riskmodel.statistics.bootstrap import Interval
from riskmodel.statistics.few_people import normal_quantile

LOOK, STOP = 0.1, 0.25
"""From here on: look why it changed; do not use the model before it was back-tested again."""

BIN_STEP = 10  # levels of the reference are 1 % apart: every tenth makes deciles
SMALLEST_SHARE = 1e-4  # an empty bin counts as this much: its logarithm is finite
STABLE, LOOKED_AT, STOPPED, TOO_FEW = "stable", "look", "stop", "too few rows"
COLUMNS = (
    "psi", "low", "high", "by_chance", "change", "share_missing_then", "share_missing_now", "n",
    "bins",
)  # fmt: skip


def feature_drift(model: RiskModel, X: pd.DataFrame) -> pd.DataFrame:
    """Compare each feature with its distribution at training.

    Parameters
    ----------
    model : RiskModel
    X : DataFrame, shape (n, p)
        Features of those scored now, such as ``features_at(...).X``; columns in any order.

    Returns
    -------
    DataFrame
        One row a feature, the largest change first: feature, psi, low and high (95 % interval of
        what the index would be without chance), by_chance (what the index is expected to be though
        nothing changed), change (``stable``; ``look``; ``stop``; ``too few rows`` where chance
        alone brings it to `LOOK`), share_missing_then, share_missing_now, n, bins.

    Raises
    ------
    ModelMismatchError
        Columns are missing or unknown.
    SchemaError
        No rows.

    Examples
    --------
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> X = pd.DataFrame({"priors": np.arange(300) % 7})
    >>> model = train(Snapshots.from_table(X, X["priors"] > 4), n_replicates=10,
    ...               estimator=RepeatHarmEstimator(n_estimators=5))
    >>> feature_drift(model, X)["change"].tolist(), feature_drift(model, X + 5)["change"].tolist()
    (['stable'], ['stop'])
    """
    table = in_fit_order(X, model.feature_names)
    then, missing = model.reference["features"], model.reference["missing"]
    rows = [
        _drift(values, then[place], float(missing[place]), _trained_on(model))
        for place, values in enumerate(table.to_numpy(dtype=np.float32).astype(np.float64).T)
    ]
    return _table("feature", model.feature_names, rows)


def score_drift(model: RiskModel, scores: pd.DataFrame) -> pd.DataFrame:
    """Compare estimates with those that the model gave its training rows.

    Parameters
    ----------
    model : RiskModel
    scores : DataFrame
        From `riskmodel.scoring.scores.score`; people without an estimate are left out.

    Returns
    -------
    DataFrame
        As of `feature_drift`, with ``estimate`` (margin, probability, expected_harm) in place of
        the feature; estimates that the model, or the table, does not give are left out.

    Examples
    --------
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> X = pd.DataFrame({"priors": np.arange(300) % 7})
    >>> model = train(Snapshots.from_table(X, X["priors"] > 4), n_replicates=10,
    ...               estimator=RepeatHarmEstimator(n_estimators=5))
    >>> score_drift(model, model.estimates(X))["change"].unique().tolist()
    ['stable']
    """
    given = {name: scores[name].dropna() for name in ESTIMATES if name in scores.columns}
    names = [name for name in given if not np.isnan(model.reference[name]).all()]
    rows = [
        _drift(
            given[name].to_numpy(dtype=np.float64), model.reference[name], 0.0, _trained_on(model)
        )
        for name in names
    ]
    return _table("estimate", names, rows)


def drift_by_period(model: RiskModel, X: pd.DataFrame, as_of: pd.Series) -> pd.DataFrame:
    """Compare the features of each date with those at training, in one row a date.

    Parameters
    ----------
    model : RiskModel
    X : DataFrame, shape (n, p)
    as_of : Series of datetime64, shape (n,)

    Returns
    -------
    DataFrame
        as_of, n, features; how many of them are stable, look, stop, too_few; largest_psi, and the
        feature that has it.

    Examples
    --------
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> X = pd.DataFrame({"priors": np.arange(300) % 7})
    >>> model = train(Snapshots.from_table(X, X["priors"] > 4), n_replicates=10,
    ...               estimator=RepeatHarmEstimator(n_estimators=5))
    >>> dates = pd.Series(pd.to_datetime(["2012-01-01"] * 300))
    >>> drift_by_period(model, X, dates)[["n", "features", "stable", "feature"]]
         n  features  stable feature
    0  300         1       1  priors
    """
    words = {STABLE: "stable", LOOKED_AT: "look", STOPPED: "stop", TOO_FEW: "too_few"}
    rows = []
    for date, places in sorted(as_of.groupby(as_of.to_numpy()).indices.items()):
        found = feature_drift(model, X.iloc[places])
        counts = found["change"].value_counts()
        rows.append(
            {
                "as_of": date,
                "n": len(places),
                "features": len(found),
                **{name: int(counts.get(word, 0)) for word, name in words.items()},
                "largest_psi": found["psi"].iloc[0],
                "feature": found["feature"].iloc[0],
            }
        )
    return pd.DataFrame(rows).astype({"as_of": "datetime64[us]", "feature": "str"})


def stability_index(then: FloatArray, now: FloatArray) -> float:
    """Return the population stability index of two vectors of shares over the same bins.

    Examples
    --------
    >>> round(stability_index(np.array([0.5, 0.5]), np.array([0.6, 0.4])), 4)
    0.0405
    """
    before, after = (np.maximum(shares, SMALLEST_SHARE) for shares in (then, now))
    return float(((after - before) * np.log(after / before)).sum())


def index_interval(psi: float, bins: int, noise: float, level: float = 0.95) -> Interval:
    """Return the interval of the index without chance.

    ``psi / noise`` is taken for noncentral chi-square with ``bins - 1`` degrees of freedom, and
    that for normal with mean ``df + c`` and variance ``2 * (df + 2 * c)``, solved for ``c``.

    Parameters
    ----------
    psi : float
    bins : int
    noise : float
        ``1 / n_now + 1 / n_then``.
    level : float in (0, 1)

    Examples
    --------
    >>> low, high = index_interval(0.2, bins=11, noise=1 / 500)
    >>> round(low, 2), round(high, 2)
    (0.12, 0.27)
    """
    z, df, found = normal_quantile(level), bins - 1, psi / noise
    centre = found - df + 2 * z**2
    half = z * np.sqrt(max(0.0, 4 * found - 2 * df + 4 * z**2))
    low, high = (float(max(0.0, edge)) * noise for edge in (centre - half, centre + half))
    return Interval(low, high)


def _drift(
    values: FloatArray, quantiles: FloatArray, missing_then: float, n_then: int | None
) -> dict[str, object]:
    if not len(values):
        raise SchemaError("drift: no rows were given, at least one is needed")
    missing_now = float(np.isnan(values).mean())
    then, now = _shares(values, quantiles, missing_then)
    psi = stability_index(then, now)
    bins = int(((then > 0) | (now > 0)).sum())
    noise = 1 / len(values) + (1 / n_then if n_then else 0.0)
    by_chance = (bins - 1) * noise
    low, high = index_interval(psi, bins, noise)
    return {
        "psi": psi,
        "low": low,
        "high": high,
        "by_chance": by_chance,
        "change": _word(psi, by_chance),
        "share_missing_then": missing_then,
        "share_missing_now": missing_now,
        "n": len(values),
        "bins": bins,
    }


def _word(psi: float, by_chance: float) -> str:
    if by_chance >= LOOK:
        return TOO_FEW
    return STOPPED if psi > STOP else LOOKED_AT if psi > LOOK else STABLE


def _shares(
    values: FloatArray, quantiles: FloatArray, missing_then: float
) -> tuple[FloatArray, FloatArray]:
    """Return the shares then and now over the bins ``(-inf, e1], ... (ek, inf)`` and missing.

    Edges are the distinct deciles at training. A value that many rows share fills one bin, and
    how many shared it is read from the quantiles, to the nearest 1 %.
    """
    present = values[~np.isnan(values)]
    missing_now = 1 - len(present) / len(values)
    if np.isnan(quantiles).all():  # never seen at training: one bin for all that is present
        return np.array([1 - missing_then, missing_then]), np.array([1 - missing_now, missing_now])
    edges = np.unique(quantiles[BIN_STEP - 1 :: BIN_STEP])
    levels = (np.arange(len(quantiles)) + 1) / (len(quantiles) + 1)
    reached = np.array([levels[np.flatnonzero(quantiles <= edge)[-1]] for edge in edges])
    reached[reached == levels[-1]] = 1.0  # the last 1 % is not in the reference
    then = np.diff(reached, prepend=0.0, append=1.0) * (1 - missing_then)
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    return np.append(then, missing_then), np.append(counts / len(values), missing_now)


def _trained_on(model: RiskModel) -> int | None:
    rows = model.provenance.get("data", {}).get("rows")
    return int(rows) if rows else None


def _table(kind: str, names: list[str], rows: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS), index=pd.RangeIndex(len(rows)))
    table.insert(0, kind, pd.Series(names, dtype="str"))
    ordered = table.sort_values("psi", ascending=False, kind="stable")
    return ordered.astype({"change": "str"}).reset_index(drop=True)
