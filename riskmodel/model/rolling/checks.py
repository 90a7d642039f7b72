"""What else a sceptic asks of a back-test: of the same predictions, and of the last date's list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.json_tables import to_records
from riskmodel.model.learning import default_estimator
from riskmodel.model.lists.label_variants import (
    evaluate_cohort,
    evaluate_variants,
    variants_table,
)
from riskmodel.model.lists.list_gain import ListGain, list_gain
from riskmodel.model.lists.list_stability import (
    stability_later,
    stability_under_seeds,
    stability_under_tasks,
)
from riskmodel.model.lists.task_variants import variants
from riskmodel.model.must_beat import MODEL
from riskmodel.model.rolling.result import RollingBacktest
from riskmodel.model.training import fit_calibrated
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

IN_A_YEAR = "recorded in the last year"
_YEAR_DAYS = 365
_DIFFERENCE = ("difference", "difference_low", "difference_high")


@dataclass(frozen=True, eq=False, kw_only=True)
class RollingChecks:
    """Checks on a rolling back-test; nobody is named.

    Attributes
    ----------
    k : int
        Length of the lists.
    gain : ListGain
        Who enters and who leaves against the reference, dates pooled.
    labels, labels_auc : DataFrame
        Mean captured, and AUC, of the model, its best baseline and the reference by stricter
        readings of the outcome, and in the one-year cohort; see `variants_table`.
    stability : DataFrame
        How much of the last date's list stays: under other seeds, a month later, and learnt anew
        under other choices of evidence and harm edition; see `ListStability`.
    """

    k: int
    gain: ListGain
    labels: pd.DataFrame
    labels_auc: pd.DataFrame
    stability: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able content, counts only."""
        return {
            "k": self.k,
            "gain": self.gain.to_dict(),
            "labels": to_records(self.labels),
            "labels_auc": to_records(self.labels_auc),
            "stability": to_records(self.stability),
        }

    def __str__(self) -> str:
        """Return the gain as people, each reading of the outcome, and what of the list stays."""
        return "\n\n".join([str(self.gain).strip(), self._labels_text(), self._stability_text()])

    def _labels_text(self) -> str:
        model = self.labels[self.labels["model"] == MODEL]
        lines = ["Mean captured more than the rule in use, points, by what counts as the outcome:"]
        for name, *ends in model[["variant", *_DIFFERENCE]].itertuples(index=False):
            gain, low, high = (100 * float(end) for end in ends)
            lines.append(f"  {name!s:<28}{gain:+6.1f} [{low:+.1f}, {high:+.1f}]")
        return "\n".join(lines)

    def _stability_text(self) -> str:
        as_of = self.stability["as_of"].dropna()
        lines = [f"Of the first {self.k} as of {as_of.max():%Y-%m-%d} stay:"]
        columns = ["variant", "note", "kept", "listed", "lost_near_cut"]
        for name, note, kept, listed, near in self.stability[columns].itertuples(index=False):
            told = note or f"{kept} of {listed}; {near} of those lost were near the cut"
            lines.append(f"  {name!s:<48}{told}")
        return "\n".join(lines)


def check_rolling(
    found: RollingBacktest,
    snapshots: Snapshots,
    *,
    k: int = 100,
    estimator: RepeatHarmEstimator | None = None,
    tasks: Mapping[str, Task | str] | None = None,
    n_replicates: int = 500,
    seed: int = 0,
) -> RollingChecks:
    """Ask of a rolling back-test what else a sceptic would.

    Parameters
    ----------
    found : RollingBacktest
    snapshots : Snapshots
        That it was made from, built from histories.
    k : int
        Length of the lists.
    estimator : RepeatHarmEstimator, optional
        The back-test's; settings to learn the last date's lists with.
    tasks : mapping of str to Task, or str, optional
        Other choices to learn the last list under; by default those of
        `riskmodel.model.lists.task_variants.variants`: without withdrawn support, and under every
        edition that has a value for each offence recorded. A text is why there is none.
    n_replicates, seed
        As in `rolling_backtest`.

    Raises
    ------
    SchemaError
        The snapshots carry no histories, or are not those of the back-test.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.model.rolling.rolling_backtest import rolling_backtest
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> world = make_histories(150, seed=1)
    >>> rows = build_snapshots(world.histories, Task(offences=world.offences),
    ...     as_of=["2018", "2020"], late_allowance_days=0)
    >>> few = RepeatHarmEstimator(n_estimators=5, n_bags=2)
    >>> found = rolling_backtest(rows, estimator=few, baselines=(), n_replicates=10)
    >>> checks = check_rolling(found, rows, k=10, estimator=few, tasks={}, n_replicates=10)
    >>> checks.gain.totals.index.tolist(), checks.k
    (['enters', 'leaves', 'stays'], 10)
    """
    task, histories = snapshots.task, snapshots._histories
    if task is None or histories is None:
        raise SchemaError("these rows were not built from histories: their labels can't be remade")
    rows = judged_rows(found, snapshots)
    reference = found.evaluation.reference
    shown = dict.fromkeys([reference, found.evaluation.best_baseline or reference])
    scores = {MODEL: found.predictions["margin"].to_numpy()}
    scores |= {name: found.predictions[name].to_numpy() for name in shown}
    options: dict[str, Any] = {"reference": reference, "n_replicates": n_replicates, "seed": seed}
    judged = evaluate_variants(rows, scores, **options)
    if task.cohort.lookback_days is None or task.cohort.lookback_days > _YEAR_DAYS:
        judged[IN_A_YEAR] = evaluate_cohort(rows, scores, histories, **options)
    changes = variants(task, histories) if tasks is None else tasks
    settings = default_estimator(snapshots, seed) if estimator is None else estimator
    return RollingChecks(
        k=k,
        gain=list_gain(rows, scores[MODEL], scores[reference], k=k, seed=seed),
        labels=variants_table(judged),
        labels_auc=variants_table(judged, "auc"),
        stability=_stability(
            snapshots, histories, task, changes, found.dates[-1], settings, k=k, seed=seed
        ),
    )


def judged_rows(found: RollingBacktest, snapshots: Snapshots) -> Snapshots:
    """Return the rows that were judged, in the order of the predictions.

    Raises
    ------
    SchemaError
        The snapshots are not those of the back-test.
    """
    rows = snapshots.subset(snapshots.observed & snapshots.as_of.isin(found.dates))
    same = len(rows) == len(found.predictions) and all(
        np.array_equal(rows_part.to_numpy(), found.predictions[name].to_numpy())
        for name, rows_part in (("as_of", rows.as_of), ("person_id", rows.person_id))
    )
    if not same:
        raise SchemaError(
            f"snapshots: {len(rows)} rows on the dates tested, and the back-test judged "
            f"{len(found.predictions)}, or others",
            advice="Give the snapshots that the back-test was made from.",
        )
    return rows


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A fitted estimator that ranks as a model does."""

    estimator: RepeatHarmEstimator

    @property
    def feature_names(self) -> list[str]:
        return [str(name) for name in self.estimator.feature_names_in_]

    def estimates(self, X: pd.DataFrame) -> pd.DataFrame:
        return self.estimator.estimates(X)


def _stability(
    snapshots: Snapshots,
    histories: EventHistories,
    task: Task,
    changes: Mapping[str, Task | str],
    as_of: pd.Timestamp,
    settings: RepeatHarmEstimator,
    *,
    k: int,
    seed: int,
) -> pd.DataFrame:
    """Return how much of one date's list stays, in each of the ways there are."""
    train, _ = split_at(snapshots, as_of)
    fitted, _ = fit_calibrated(train, settings, seed=seed)
    later = stability_later(_Fitted(fitted), histories, task, as_of, k=k, seed=seed)
    seeds = stability_under_seeds(snapshots, as_of, k=k, estimator=settings, seed=seed)
    parts = [seeds.table, later.table]
    if changes:
        # directions name features, which another task may not have: it gets its own
        settings = clone(settings).set_params(monotone=None)
        others = stability_under_tasks(
            histories,
            task,
            changes,
            as_of,
            dates=train.learnable.dates,
            k=k,
            estimator=settings,
            late_allowance_days=snapshots.late_allowance_days,
            seed=seed,
        )
        parts.append(others.table)
    return pd.concat(parts, ignore_index=True)
