"""Judge scores against the rule in use, on the same rows and under the same resamples.

Each metric is computed for every as_of date and averaged over the dates, so that a date with
more people does not speak louder. Intervals come from resampling people, with all their dates;
a list of k is drawn anew in each resample. The spread between dates stands beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.baselines import BASELINES
from riskmodel.model.dated_metrics import (
    PROBABILITY,
    MeasuredDate,
    measure_date,
    metric_names,
    prepare_dates,
)
from riskmodel.model.evaluation import LEADING, TABLE_COLUMNS, Evaluation, typed_columns
from riskmodel.statistics.arrays import (
    FloatArray,
    IntArray,
    as_floats,
    as_probabilities,
    mean_defined,
)
from riskmodel.statistics.bootstrap import interval, person_weights, undefined_count
from riskmodel.statistics.discrimination import CURVE_KS

if TYPE_CHECKING:
    from riskmodel.snapshots.table import Snapshots

__all__ = ["Evaluation", "evaluate_scores"]


def evaluate_scores(
    snapshots: Snapshots,
    scores: Mapping[str, npt.ArrayLike],
    *,
    probabilities: Mapping[str, npt.ArrayLike] | None = None,
    reference: str = "v100_sum",
    ks: Sequence[int] = (50, 100, 250, 500),
    baselines: Collection[str] | None = None,
    n_replicates: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> Evaluation:
    """Compare scores by what their lists would have captured, with intervals.

    Parameters
    ----------
    snapshots : Snapshots
        Rows whose outcome is not observed are left out and counted. Weights are not used:
        people are listed whole.
    scores : mapping of str to array (n,)
        Higher goes first. Missing values are an error.
    probabilities : mapping of str to array (n,), optional
        For those scores that are probabilities of the outcome: Brier, calibration slope and
        calibration in the large are computed for them, and for no other.
    reference : str
        The score that differences are taken from: the rule in use.
    ks : sequence of int
        Lengths of list. One that is longer than a date's cohort is cut to it, and noted.
    baselines : collection of str, optional
        Which scores count as baselines; by default those named as in `BASELINES`, and
        ``"logistic"``.
    n_replicates : int
        Resamples of people.
    level : float
    seed : int
        Of the resamples and of the order among equal scores.

    Returns
    -------
    Evaluation
        Metrics mean_captured (over k = 50, 100, ... 500), captured, captured_of_all, precision,
        harm_captured and harm_captured_capped at each k, auc, and those of probabilities.
        What is captured is a share of everyone's total in `snapshots.totals`, in the cohort or
        not; in a resample the part outside the cohort stays as it is.

    Raises
    ------
    SchemaError
        An outcome of another kind than "any"; no observed rows; scores of another length or with
        missing values; an unknown reference.

    Examples
    --------
    >>> from riskmodel.snapshots.table import Snapshots
    >>> n = 200
    >>> table = Snapshots.from_table(
    ...     pd.DataFrame({"priors": np.arange(n) % 7}), (np.arange(n) % 7 > 4).astype(float)
    ... )
    >>> scores = {"priors": np.arange(n) % 7, "constant": np.zeros(n)}
    >>> found = evaluate_scores(table, scores, reference="constant", ks=(50,), n_replicates=20)
    >>> found.value("precision@50", "priors"), found.value("auc", "constant")
    (1.0, 0.5)
    >>> print(str(found).splitlines()[0])
    200 rows, 200 people, 1 as_of date; 0 rows left out: outcome not observed
    """
    snapshots.check_any("evaluation")
    chosen, codes = _observed_rows(snapshots)
    lengths = _checked_ks(ks)
    numbers, chances = _checked_scores(snapshots, chosen, scores, probabilities or {}, reference)
    dates = list(prepare_dates(snapshots, chosen, list(numbers.values()), chances, seed))
    point = np.stack([measure_date(date, np.ones((1, len(chosen))), lengths)[0] for date in dates])
    replicates = _replicates(dates, codes, lengths, n_replicates, seed)
    names, n_people = list(numbers), len(np.unique(codes))
    table = _table(names, lengths, point, replicates, names.index(reference), level=level)
    table = table.assign(n=len(chosen), n_people=n_people, note=_notes(table, dates))
    known = {*BASELINES, "logistic"} if baselines is None else set(baselines)
    return Evaluation(
        table=_applicable(table[list(TABLE_COLUMNS)], probabilities or {}),
        by_date=_applicable(_dated(names, lengths, point, dates), probabilities or {}),
        reference=reference,
        n=len(chosen),
        n_people=n_people,
        n_dates=len(dates),
        n_unobserved=len(snapshots) - len(chosen),
        baselines=tuple(name for name in names if name in known),
        n_replicates=n_replicates,
        level=level,
        seed=seed,
    )


def _observed_rows(snapshots: Snapshots) -> tuple[IntArray, IntArray]:
    """Positions of the observed rows by date and person, and each one's person code."""
    people, _ = pd.factorize(snapshots.person_id, sort=True)
    moments = snapshots.as_of.to_numpy(dtype="datetime64[us]")
    observed = snapshots.observed.to_numpy(dtype=bool)
    order = np.lexsort((people, moments))
    chosen = order[observed[order]]
    if not len(chosen):
        raise SchemaError(
            f"snapshots: the outcome is observed in none of {len(snapshots)} rows",
            advice="Choose earlier as_of dates, a later known_at or a shorter horizon.",
        )
    return chosen, people[chosen]


def _checked_ks(ks: Sequence[int]) -> tuple[int, ...]:
    lengths = tuple(sorted({int(k) for k in ks}))
    if any(int(k) != k for k in ks) or (lengths and lengths[0] < 1):
        raise SchemaError("ks: whole numbers of 1 or more are allowed")
    return lengths


def _checked_scores(
    snapshots: Snapshots,
    chosen: IntArray,
    scores: Mapping[str, npt.ArrayLike],
    probabilities: Mapping[str, npt.ArrayLike],
    reference: str,
) -> tuple[dict[str, FloatArray], list[FloatArray | None]]:
    """Return scores and probabilities on the chosen rows; all mistakes in one error."""
    problems = []
    if reference not in scores:
        problems.append(f"reference: {reference!r} given, one of {', '.join(scores)} is allowed")
    problems += [
        f"probabilities[{name!r}]: no score of that name"
        for name in probabilities
        if name not in scores
    ]
    checked: dict[str, dict[str, FloatArray]] = {"scores": {}, "probabilities": {}}
    for kind, given in (("scores", scores), ("probabilities", probabilities)):
        for name, values in given.items():
            try:
                checked[kind][name] = _on_rows(values, len(snapshots), chosen, kind)
            except SchemaError as error:
                problems += [f"{kind}[{name!r}]: {problem}" for problem in error.problems]
    if problems:
        raise SchemaError(problems)
    return checked["scores"], [checked["probabilities"].get(name) for name in scores]


def _on_rows(values: npt.ArrayLike, n: int, chosen: IntArray, kind: str) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (n,):
        raise SchemaError(f"shape {numbers.shape} given, ({n},) expected")
    if kind == "probabilities":
        return as_probabilities(numbers[chosen], len(chosen))
    return as_floats(numbers[chosen], "observed rows")


def _replicates(
    dates: list[MeasuredDate], codes: IntArray, ks: tuple[int, ...], n_replicates: int, seed: int
) -> FloatArray:
    """Return the dates' mean of each metric under each resample of people, (R, scores, metrics)."""
    return np.concatenate(
        [
            mean_defined(np.stack([measure_date(date, block, ks) for date in dates]), axis=0)
            for weights in person_weights(codes, n_replicates, seed)
            for block in (weights.astype(np.float64),)
        ]
    )


def _grid(names: list[str], ks: tuple[int, ...]) -> pd.DataFrame:
    rows = [(metric, name, k) for metric, k in metric_names(ks) for name in names]
    return typed_columns(pd.DataFrame(rows, columns=["metric", "model", "k"]))


def _table(
    names: list[str],
    ks: tuple[int, ...],
    point: FloatArray,
    replicates: FloatArray,
    reference: int,
    *,
    level: float,
) -> pd.DataFrame:
    """Lay out (dates, scores, metrics) and (R, scores, metrics) as rows, metric by metric."""
    value = mean_defined(point, axis=0)
    low, high = interval(replicates, level)
    paired = replicates - replicates[:, [reference]]
    difference_low, difference_high = interval(paired, level)
    columns = {
        "value": value,
        "low": low,
        "high": high,
        "n_dates": (~np.isnan(point)).sum(axis=0),
        "date_low": np.fmin.reduce(point, axis=0),
        "date_high": np.fmax.reduce(point, axis=0),
        "difference": value - value[reference],
        "difference_low": difference_low,
        "difference_high": difference_high,
        "undefined": undefined_count(replicates),
    }
    flat = {name: np.asarray(column).T.ravel() for name, column in columns.items()}
    return _grid(names, ks).assign(**flat)


def _dated(
    names: list[str], ks: tuple[int, ...], point: FloatArray, dates: list[MeasuredDate]
) -> pd.DataFrame:
    """One row per date, metric and score."""
    grid = _grid(names, ks)
    parts = [
        grid.assign(as_of=date.as_of, value=values.T.ravel(), n=len(date.y))
        for date, values in zip(dates, point, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)[["as_of", "metric", "model", "k", "value", "n"]]


def _applicable(frame: pd.DataFrame, probabilities: Collection[str]) -> pd.DataFrame:
    """Drop the measures of probabilities for scores that are none."""
    declared = frame["model"].isin(list(probabilities)) | ~frame["metric"].isin(PROBABILITY)
    return frame[declared].reset_index(drop=True)


def _notes(table: pd.DataFrame, dates: list[MeasuredDate]) -> list[str]:
    """Say where a list is longer than the cohort: it is then the whole cohort."""
    longest = table["k"].mask(table["metric"] == LEADING, max(CURVE_KS)).fillna(0)
    short = {k: sum(len(date.y) < k for date in dates) for k in longest.unique()}
    text = f" of {len(dates)} dates the cohort is smaller than the list, which is all of it"
    return [f"on {short[k]}{text}" if short[k] else "" for k in longest]
