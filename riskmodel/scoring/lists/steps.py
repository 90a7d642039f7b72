"""From one list to the next, step by step: what each step does to each person's margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.scoring.what_if.case_answers import Answering, CaseAnswers
from riskmodel.scoring.what_if.person_case import PersonCase
from riskmodel.scoring.who_answers import FALLBACK, SCORED

STEPS = {
    "rewritten": "records that were changed or removed without a date",
    "time": "time passing, records ageing out of windows",
    "new_records": "new records",
    "evidence": "evidence updates",
    "model": "another model",
    "edition": "another harm edition",
}
"""Column of each step and what it is, in the order in which they are taken."""

Having: TypeAlias = Sequence[bool | None]


@dataclass(frozen=True)
class Ends:
    """The two lists' dates, in microseconds, and what answers at each."""

    before: int
    after: int
    answering_before: Answering
    answering_after: Answering

    @property
    def same_model(self) -> bool:
        """Whether one model made both lists."""
        return self.answering_before.model.digest == self.answering_after.model.digest

    @property
    def editions_differ(self) -> bool:
        """Whether the two models read the offences by two tables."""
        both = (self.answering_before, self.answering_after)
        return len({one.model.required_task.offences.digest() for one in both}) > 1

    @property
    def shared(self) -> list[str]:
        """By which columns one of the models counts other people."""
        both = (self.answering_before, self.answering_after)
        return list(dict.fromkeys(name for one in both for name in one.shares))

    @property
    def windows(self) -> set[int]:
        """Lengths in days of the windows that the first model's features look back over."""
        columns = self.answering_before.model.required_task.columns
        leaves = (leaf for column in columns for leaf in column.leaves)
        return {leaf.window_days for leaf in leaves if leaf.window_days is not None}


@dataclass(frozen=True)
class Path:
    """Where n people stood after each step.

    Attributes
    ----------
    steps : tuple of str
        What led to each stand but the first.
    margin : float array of shape (n, 1 + len(steps))
        NaN where nothing is known of the person; given out of the cohort too.
    status : object array of str, of the same shape
    """

    steps: tuple[str, ...]
    margin: NDArray[np.float64]
    status: NDArray[np.object_]


def has_estimate(status: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say where a status is that of an estimate."""
    return np.isin(status, [SCORED, FALLBACK])


def walk(cases: Sequence[PersonCase], ends: Ends, having: tuple[Having, Having]) -> Path:
    """Take the steps from the first date and model to the second, for each case.

    Parameters
    ----------
    cases : sequence of PersonCase
        As the histories stand today.
    ends : Ends
    having : two sequences of bool or None
        Whether each person has what the cohort's rule of each model asks for.
    """
    first, last = ends.answering_before, ends.answering_after
    old = [case.recorded_before(ends.before) for case in cases]
    grown = [case.recorded_before(ends.after, updates_before=ends.before) for case in cases]

    def stand(answering: Answering, some: Sequence[PersonCase], moment: int) -> CaseAnswers:
        has = having[0] if answering is first else having[1]
        return answering.answers(some, moment, having=has, whoever=True)

    stands = {
        "": stand(first, old, ends.before),
        "time": stand(first, old, ends.after),
        "new_records": stand(first, grown, ends.after),
        "evidence": stand(first, cases, ends.after),
    }
    if not ends.same_model:
        between = _under_edition_of(last, first)
        if between is not None:
            stands["model"] = stand(between, cases, ends.after)
        stands["edition" if between else "model"] = stand(last, cases, ends.after)
    return Path(
        tuple(stands)[1:],
        np.column_stack([answers.numbers["margin"] for answers in stands.values()]),
        np.column_stack([answers.status for answers in stands.values()]),
    )


def _under_edition_of(later: Answering, earlier: Answering) -> Answering | None:
    """Return the later model reading the earlier one's offences; None where nothing lies between.

    The two cannot be told apart where the editions are the same, or where the later model has
    features of offence groups that the earlier edition lacks.
    """
    task, offences = later.model.required_task, earlier.model.required_task.offences
    if task.offences.digest() == offences.digest():
        return None
    try:
        changed = replace(task, offences=offences)
    except SchemaError:
        return None
    if changed.feature_names != task.feature_names:
        return None
    return replace(later, model=replace(later.model, task=changed))
