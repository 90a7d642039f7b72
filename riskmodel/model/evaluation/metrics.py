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
from riskmodel.model.baselines.rules import BASELINES
from riskmodel.model.evaluation.costs import Costs
from riskmodel.model.evaluation.dated_metrics import MeasuredDate, measure_date, prepare_dates
from riskmodel.model.evaluation.evaluation import Evaluation
from riskmodel.model.evaluation.evaluation_table import MeasuredScores, dated_rows, table_rows
from riskmodel.model.evaluation.list_lengths import ListLength, read_lengths
from riskmodel.statistics.arrays import FloatArray, IntArray, as_floats, as_probabilities
from riskmodel.statistics.bootstrap import person_weights

if TYPE_CHECKING:
    from riskmodel.snapshots.table import Snapshots

__all__ = ["Evaluation", "evaluate_scores"]

DEFAULT_KS = (50, 100, 250, 500, "1%", "5%")
CELLS_AT_ONCE = 200_000  # weights of a date that are measured together: near the cache


def evaluate_scores(
    snapshots: Snapshots,
    scores: Mapping[str, npt.ArrayLike],
    *,
    probabilities: Mapping[str, npt.ArrayLike] | None = None,
    reference: str = "v100_sum",
    ks: Sequence[int | str] = DEFAULT_KS,
    costs: Costs | None = None,
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
        For those scores that are probabilities of the outcome, or come with them: Brier, log
        loss, calibration slope and in the large, ece and net_benefit are computed for them, and
        for no other.
    reference : str
        The score that differences are taken from: the rule in use.
    ks : sequence of int or str
        Lengths of list: people, or a share of each date's cohort written ``"1%"``, rounded up.
        One that is longer than a date's cohort is cut to it, and noted. In a resample a list
        keeps its length in people.
    costs : Costs, optional
        Of a miss and a false listing, by default 10 to 1: a choice, to be stated with any net
        benefit.
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
        By score, for each length of list:

        - captured, captured_of_all, harm_captured, harm_captured_capped: a share of everyone's
          total in `snapshots.totals`, in the cohort or not; in a resample the part outside the
          cohort stays as it is;
        - precision: of those listed, and recall: of those with the outcome in the cohort (people,
          where captured counts offences), the share that is both;
        - net_benefit at a length: (people listed with the outcome * costs.miss - people listed
          without it * costs.false_listing) / people in the cohort, in the unit of the costs.

        By score alone: mean_captured (over k = 50, 100, ... 500) and auc; and of probabilities
        brier, log_loss, calibration_slope, calibration_in_the_large (observed / expected) and

        - ece: the mean distance of observed from expected over 10 bins of equal count, made on
          each date and kept in resamples. Noise alone keeps it above 0; its note says by how
          much, and its interval shows spread only (`recentred`);
        - net_benefit without a length: of listing everyone from `costs.threshold` up, in true
          positives per person (Vickers & Elkin 2006): the unit above divided by ``costs.miss``.
          Listing no one brings 0, listing everyone what the note says.

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
    lengths, stated = read_lengths(ks), costs or Costs()
    numbers, chances = _checked_scores(snapshots, chosen, scores, probabilities or {}, reference)
    drawn = _draws(codes, n_replicates, seed)
    measured = MeasuredScores(tuple(numbers), lengths, stated)
    for date in prepare_dates(
        snapshots,
        chosen,
        list(numbers.values()),
        chances,
        threshold=stated.threshold,
        seed=seed,
    ):
        point = measure_date(date, np.ones((1, len(date.y))), lengths, stated)[0]
        measured.add(date, point, _resampled(date, drawn, codes, lengths, stated))
    known = {*BASELINES, "logistic"} if baselines is None else set(baselines)
    n_people = drawn.shape[1]
    return Evaluation(
        table=table_rows(measured, reference, level=level).assign(n=len(chosen), n_people=n_people),
        by_date=dated_rows(measured),
        reference=reference,
        n=len(chosen),
        n_people=n_people,
        n_dates=len(measured.dates),
        n_unobserved=len(snapshots) - len(chosen),
        baselines=tuple(name for name in numbers if name in known),
        costs=stated,
        n_replicates=n_replicates,
        level=level,
        seed=seed,
    )


def _observed_rows(snapshots: Snapshots) -> tuple[IntArray, IntArray]:
    """Positions of the observed rows by date and person, and whose each is: 0, 1, 2 ..."""
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
    return chosen, np.unique(people[chosen], return_inverse=True)[1].astype(np.int64)


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


def _draws(codes: IntArray, n_replicates: int, seed: int) -> npt.NDArray[np.int16]:
    """How often each person is drawn in each resample, (R, people): one draw for all dates."""
    blocks = person_weights(np.unique(codes), n_replicates, seed)
    return np.concatenate([block.astype(np.int16) for block in blocks])


def _resampled(
    date: MeasuredDate,
    drawn: npt.NDArray[np.int16],
    codes: IntArray,
    lengths: tuple[ListLength, ...],
    costs: Costs,
) -> FloatArray:
    """Return the metrics of one date under each resample of people, (R, scores, metrics)."""
    who, step = codes[date.rows], max(1, CELLS_AT_ONCE // len(date.y))
    blocks = (drawn[start : start + step] for start in range(0, len(drawn), step))
    return np.concatenate(
        [
            measure_date(date, np.take(block, who, axis=1).astype(np.float64), lengths, costs)
            for block in blocks
        ]
    )
