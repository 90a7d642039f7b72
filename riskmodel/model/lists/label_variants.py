"""The same list judged by other readings of the outcome, and in a narrower cohort.

A score was learnt for one outcome. Whether its list also finds what was sustained, or what was
grave, says how far the result hangs on the label; so the scores stay as they are, and only what
counts as having happened changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.arrays import microseconds
from riskmodel.histories.assembly import person_codes
from riskmodel.histories.events import EventHistories
from riskmodel.model.evaluation.evaluation import LEADING, Evaluation
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.membership import membership
from riskmodel.snapshots.outcome import STANDING, Outcome
from riskmodel.snapshots.table import Snapshots

SEVERE_DAYS = 100.0
LAST_YEAR = Cohort(lookback_days=365)
ANY, NOT_UNFOUNDED, SUSTAINED, SEVERE = (
    "any allegation",
    "not unfounded",
    "sustained",
    f"{SEVERE_DAYS:.0f} days of harm or more",
)


def label_variants(outcome: Outcome) -> dict[str, Outcome]:
    """Return stricter readings of an outcome by name, the widest first.

    Any record that stands; those not found to be unfounded (``acquitted``); those sustained
    (``conviction``); and, by the outcome's own evidence, offences of 100 days of harm or more.

    Examples
    --------
    >>> found = label_variants(Outcome(horizon_days=365))
    >>> list(found)
    ['any allegation', 'not unfounded', 'sustained', '100 days of harm or more']
    >>> found["sustained"].evidence
    ('conviction',)
    """
    founded = tuple(level for level in STANDING if level != "acquitted")
    return {
        ANY: replace(outcome, evidence=STANDING),
        NOT_UNFOUNDED: replace(outcome, evidence=founded),
        SUSTAINED: replace(outcome, evidence=("conviction",)),
        SEVERE: replace(outcome, min_harm=SEVERE_DAYS),
    }


def with_outcome(snapshots: Snapshots, outcome: Outcome) -> Snapshots:
    """Return the same rows labelled by another outcome, as known at the same date.

    Features do not depend on the outcome, nor does the cohort: nothing else changes.

    Raises
    ------
    SchemaError
        The rows were not built from histories.
    """
    if snapshots.task is None:
        raise SchemaError("these rows were not built from histories: labels cannot be remade")
    asked = replace(snapshots.task, outcome=outcome)
    unlabelled = replace(snapshots, task=asked, known_at=pd.Timestamp(0))
    return unlabelled.relabelled(snapshots.known_at)


def in_cohort(
    snapshots: Snapshots,
    cohort: Cohort,
    histories: EventHistories,
    groups: pd.DataFrame | None = None,
) -> npt.NDArray[np.bool_]:
    """Return which rows are of people who are in another cohort too, as of their date, (n,).

    Raises
    ------
    SchemaError
        The rows carry no task, or the other cohort has people without a row here.
    """
    if snapshots.task is None:
        raise SchemaError("these rows were not built from histories: who is in cannot be told")
    dates, at = np.unique(microseconds(snapshots.as_of), return_inverse=True)
    own, other = (
        membership(histories, replace(snapshots.task, cohort=asked), dates, groups) == 0
        for asked in (snapshots.task.cohort, cohort)
    )
    if beyond := int((other & ~own).sum()):
        raise SchemaError(
            f"cohort: {beyond} of its people and dates are not in the snapshots' own cohort, "
            f"{snapshots.task.cohort.describe()}",
            advice="Only a narrower cohort can be judged on these rows.",
        )
    return np.asarray(other[at, person_codes(snapshots.person_id, histories.persons)])


def evaluate_variants(
    snapshots: Snapshots,
    scores: Mapping[str, npt.ArrayLike],
    *,
    variants: Mapping[str, Outcome] | None = None,
    **options: Any,
) -> dict[str, Evaluation]:
    """Judge the same scores by each reading of the outcome.

    Parameters
    ----------
    snapshots : Snapshots of n rows
        Built from histories.
    scores : mapping of str to array (n,)
        Such as the predictions of a rolling back-test. No probabilities: those are of one outcome.
    variants : mapping of str to Outcome, optional
        By default `label_variants` of the snapshots' own outcome.
    **options
        Of `riskmodel.model.evaluation.metrics.evaluate_scores`.

    Returns
    -------
    dict of str to Evaluation

    Raises
    ------
    SchemaError
        The rows were not built from histories, or as `evaluate_scores` raises.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(150, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories, Task(offences=world.offences), as_of="2020", late_allowance_days=0)
    >>> scores = {"v100_sum": rows.rules["harm_1y"], "count": rows.rules["incidents_1y"]}
    >>> found = evaluate_variants(rows, scores, n_replicates=10, ks=(50,))
    >>> list(found)[:2], found["sustained"].models
    (['any allegation', 'not unfounded'], ('v100_sum', 'count'))
    """
    if snapshots.task is None:
        raise SchemaError("these rows were not built from histories: labels cannot be remade")
    chosen = label_variants(snapshots.task.outcome) if variants is None else variants
    return {
        name: evaluate_scores(with_outcome(snapshots, outcome), scores, **options)
        for name, outcome in chosen.items()
    }


def evaluate_cohort(
    snapshots: Snapshots,
    scores: Mapping[str, npt.ArrayLike],
    histories: EventHistories,
    *,
    cohort: Cohort = LAST_YEAR,
    groups: pd.DataFrame | None = None,
    probabilities: Mapping[str, npt.ArrayLike] | None = None,
    **options: Any,
) -> Evaluation:
    """Judge the same scores on the rows of a narrower cohort: by default, recorded in a year.

    The shares captured are still of everyone's offences, in the cohort or not.
    """
    inside = in_cohort(snapshots, cohort, histories, groups)
    given, chances = (
        {name: np.asarray(values, dtype=np.float64)[inside] for name, values in part.items()}
        for part in (scores, probabilities or {})
    )
    return evaluate_scores(snapshots.subset(inside), given, probabilities=chances, **options)


def variants_table(found: Mapping[str, Evaluation], metric: str = LEADING) -> pd.DataFrame:
    """Return one metric of every score under every variant, beside its reference.

    Returns
    -------
    DataFrame
        variant, model, n, value, low, high, difference, difference_low, difference_high.
    """
    parts = []
    for name, evaluation in found.items():
        rows = [evaluation.row(metric, model) for model in evaluation.models]
        parts.append(pd.DataFrame(rows)[list(_SHOWN)].assign(variant=name))
    return pd.concat(parts, ignore_index=True)[["variant", *_SHOWN]]


_SHOWN = (
    "model",
    "n",
    "value",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
)
