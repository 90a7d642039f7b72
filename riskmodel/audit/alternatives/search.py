"""find_alternatives: models that are not worse than the chosen one, and whose gaps are smaller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.alternatives.candidates import (
    CHOSEN,
    COMPARATORS,
    Candidate,
    Described,
    candidates_of,
    variations,
)
from riskmodel.audit.alternatives.dates import HeldOut
from riskmodel.audit.alternatives.fitting import Tell, same_model, scored, settings_of
from riskmodel.audit.alternatives.rates import METRICS, Bools
from riskmodel.audit.by_group.groups import birth_dates, group_columns
from riskmodel.audit.by_group.rates import SMALLEST_CELL, Settings
from riskmodel.errors import LeakageError, RiskModelError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.search.result import SearchResult
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray

GATE_LENGTH = "5%"
"""The list that verdicts are judged on, unless another length is asked for."""

_RULE = (
    "A model is not worse where its precision is not below the interval of the chosen one's, and "
    "the interval of their paired difference does not lie below 0 as a whole."
)
_BLIND = (
    "No model that could be chosen reads anybody's group when it is fitted or when it scores; "
    "groups only measure."
)
_OPTIMISM = (
    "The models were compared on the dates that measure them: of several, the smallest gap is "
    "smaller than it will be elsewhere."
)


def find_alternatives(
    chosen: RiskModel | RepeatHarmEstimator,
    train: Snapshots,
    test: Snapshots,
    groups: pd.DataFrame,
    *,
    histories: EventHistories | None = None,
    search: SearchResult | Sequence[Mapping[str, Any] | Candidate] | None = None,
    metric: str = "precision",
    characteristics: Sequence[str] | None = None,
    intersections: Sequence[tuple[str, ...]] = (),
    k: int | str | None = None,
    n_models: int = 10,
    minimum_cell: int = SMALLEST_CELL,
    reference_groups: Mapping[str, str] | None = None,
    reference: str = "largest",
    n_replicates: int = 1000,
    seed: int = 0,
    comparators: Sequence[str] = (),
    progress: Tell | None = None,
) -> Alternatives:
    """Look for models that list as precisely as the chosen one, with smaller gaps between groups.

    Each candidate learns from the rows that the chosen model learns from, and lists the same
    people's dates. Nothing is chosen: the frontier is for those who have to answer for the choice.

    Parameters
    ----------
    chosen : RiskModel or RepeatHarmEstimator
        Its settings are learnt anew from `train`, so that all models stand on the same rows.
    train, test : Snapshots
        What `split_at` returned: what was known before the first date of `test`, and the dates
        to measure on.
    groups : DataFrame
        ``person_id`` and one column per protected characteristic. They measure; beyond that they
        choose which features some of the declared variations leave out, and comparators read them.
    histories : EventHistories, optional
        Whose birth dates add the age band to the characteristics.
    search : SearchResult, or sequence of settings or Candidate, optional
        What to try: the best trials of a search, or what is given. `variations` unless given.
    metric : str, default "precision"
        Whose widest gap is measured: precision, recall, false_positive_rate, false_negative_rate
        or selection_rate.
    characteristics, intersections
        As in `audit_fairness`; all characteristics unless given.
    k : int or str, optional
        Length of the list of each date, in people or as a share such as ``"5%"``, the default.
    n_models : int
        At most so many beside the chosen one.
    minimum_cell : int
        A candidate that counts fewer people of a group that is compared has no gap: no model does
        well by listing few. Compared are the groups of whom the chosen model counts as many, and
        for precision, whose counts differ from list to list, twice as many.
    reference_groups, reference
        As in a policy: what groups are compared with.
    n_replicates, seed : int
        Resamples of people, the same for all models; the seed also breaks ties.
    comparators : sequence of str
        ``"reductions"`` and ``"threshold optimiser"`` of fairlearn: they read groups, raise the
        legal question in ``legal_note``, and are never on the frontier. None by default.
    progress : callable, optional
        Called with the number of models done, of how many, and the next one's name.

    Returns
    -------
    Alternatives

    Raises
    ------
    SchemaError
        Arguments that can't be, all at once.
    LeakageError
        `train` knows more than was known on the first date of `test`.
    RiskModelError
        Nothing to learn from, or no outcome was observed in `test`.

    Notes
    -----
    The rule is that of `within_interval`. The frontier is picked on the dates that measure it,
    so the smallest gap flatters. With two dates or more the models are also compared on the
    earlier half of the dates alone, and that frontier is measured on the later half (``later``).

    References
    ----------
    Black, Raghavan & Barocas (2022), "Model multiplicity: opportunities, concerns, and solutions".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"priors": rng.poisson(2, 800), "stops": rng.poisson(2, 800)})
    >>> rows = Snapshots.from_table(X, rng.random(800) < X["priors"] / 10)
    >>> groups = pd.DataFrame({"person_id": rows.person_id, "half": ["first", "second"] * 400})
    >>> half = np.arange(800) < 400
    >>> found = find_alternatives(
    ...     RepeatHarmEstimator(n_estimators=10, n_jobs=1), rows.subset(half), rows.subset(~half),
    ...     groups, search=[Candidate("without stops", without=("stops",))], k=100,
    ...     n_replicates=20,
    ... )
    >>> found.frontier["name"].tolist()
    ['chosen', 'without stops']
    """
    length = ListLength.read(GATE_LENGTH if k is None else k)
    _check(train, test, metric, n_models, comparators)
    settings = Settings(
        n_replicates=n_replicates,
        seed=seed,
        minimum_cell=minimum_cell,
        reference=reference,
        reference_groups=dict(reference_groups or {}),
    )
    learnt, judged = train.learnable, test.followed
    before, columns = (
        group_columns(
            rows.person_id,
            groups,
            characteristics=characteristics,
            intersections=intersections,
            birth_date=birth_dates(histories, rows.person_id),
            as_of=rows.as_of,
        )
        for rows in (learnt, judged)
    )
    estimator = settings_of(chosen, learnt)
    if search is None:
        tried = variations(estimator, learnt, before, n_models=n_models)
    else:
        tried = candidates_of(search, estimator, n_models)
    models = [Candidate(CHOSEN, kind=CHOSEN), *tried]
    margins = scored(models, estimator, learnt, judged.X, progress)
    held_out = HeldOut(
        rows=judged, columns=columns, metric=metric, length=length, settings=settings
    )
    listed, described = held_out.lists(margins), [model.described for model in models]
    if comparators:
        theirs = _compared(comparators, held_out, learnt, before, listed)
        described += list(theirs)
        listed = np.hstack([listed, held_out.lists({one.name: theirs[one] for one in theirs})])
    table = held_out.table(listed, described)
    later = held_out.on_later_dates(listed, described)
    return Alternatives(
        frontier=table,
        later=later,
        candidates=tuple(tried),
        model_digest=chosen.digest if isinstance(chosen, RiskModel) else "",
        metric=metric,
        k=str(length),
        level=settings.level,
        as_of=_texts(judged.dates),
        later_as_of=_texts(held_out.halves()[1]) if len(later) else (),
        notes=(_RULE, _BLIND, *same_model(chosen, margins[CHOSEN], judged), *_notes(table, later)),
    )


def _check(
    train: Snapshots, test: Snapshots, metric: str, n_models: int, comparators: Sequence[str]
) -> None:
    train.check_any("find_alternatives()")
    problems = []
    if metric not in METRICS:
        problems.append(f"metric: {metric!r} given, one of {', '.join(METRICS)} is allowed")
    if n_models < 1:
        problems.append(f"n_models: {n_models} given, 1 or more is allowed")
    if isinstance(comparators, str) or not set(comparators) <= set(COMPARATORS):
        problems.append(f"comparators: a list of {' and '.join(map(repr, COMPARATORS))} is allowed")
    if list(train.X.columns) != list(test.X.columns):
        problems.append("train and test: they have different features")
    if problems:
        raise SchemaError(problems)
    if train.task is not None and len(test) and train.known_at > test.dates[0]:
        raise LeakageError(
            f"train has the labels known on {train.known_at:%Y-%m-%d}, and test begins on "
            f"{test.dates[0]:%Y-%m-%d}. Give the two parts that split_at returns."
        )
    if not test.observed.any():
        raise RiskModelError(
            "no outcome was observed in test, so nothing can be measured. Take earlier as_of "
            "dates, whose outcome windows have closed"
        )
    if train.learnable.y.nunique() < 2:
        raise RiskModelError(
            "train needs labelled rows with the outcome and without it, to learn from"
        )


def _compared(
    names: Sequence[str],
    held_out: HeldOut,
    learnt: Snapshots,
    before: pd.DataFrame,
    listed: Bools,
) -> dict[Described, FloatArray]:
    """Return the scores of comparators, for the characteristic whose gap is widest."""
    from riskmodel.audit.alternatives.fairlearn_comparators import comparator_scores  # noqa: PLC0415  # heavy

    widest = held_out.measured(listed[:, :1]).widest[0].characteristic
    characteristic = widest or str(held_out.columns.columns[0])
    return comparator_scores(
        names,
        learnt,
        held_out.rows.X,
        (before[characteristic], held_out.columns[characteristic]),
        metric=held_out.metric,
        share=float(listed[:, 0].mean()),
        settings=held_out.settings,
    )


def _notes(table: pd.DataFrame, later: pd.DataFrame) -> list[str]:
    notes = [_OPTIMISM]
    if table["gap"].isna().iloc[0]:
        notes.append(
            "No gap of the chosen model rests on enough people, so there is no frontier. Join "
            "small groups, pool more dates or take a longer list."
        )
    elif len(later):
        notes.append(
            "So the frontier of the earlier dates was measured on the later ones, which did not "
            "pick it. The same people may stand on both."
        )
        if later["gap"].isna().all():
            notes.append("On the later dates too few people are counted for any gap.")
    else:
        notes.append("Give two dates or more to measure what was picked on dates that did not.")
    return notes


def _texts(dates: pd.DatetimeIndex) -> tuple[str, ...]:
    return tuple(f"{date:%Y-%m-%d}" for date in dates)
