"""What the compiled pass reads besides data, made once a task; and the room that it works in."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmodel.schema import EVIDENCE
from riskmodel.snapshots import operations as ops
from riskmodel.snapshots.default_features import RULES
from riskmodel.snapshots.plan import Plan, make_plan
from riskmodel.snapshots.programme import columns, programme
from riskmodel.snapshots.task import Task

RULE_COLUMNS = tuple(RULES)
"""What the rules in use read; always computed, never masked."""


def counted(levels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return, for each evidence code, whether it is among `levels`."""
    return np.array([level in levels for level in EVIDENCE])


@dataclass(frozen=True)
class Pass:
    """A plan made ready for one task: what the compiled pass reads besides data."""

    plan: Plan
    programme: ops.Programme
    columns: ops.Columns
    rules: ops.Columns

    @classmethod
    def of(cls, task: Task) -> Pass:
        """Return the pass of a task's columns and of the rules in use; made once a task."""
        if id(task) not in _PASSES:
            plan = make_plan(task.columns, RULES.values())
            _PASSES[id(task)] = cls(
                plan,
                programme(plan, task.groups),
                columns(plan, plan.columns, masked=True),
                columns(plan, plan.rules, masked=False),
            )
            weakref.finalize(task, _PASSES.pop, id(task))
        return _PASSES[id(task)]


_PASSES: dict[int, Pass] = {}  # by identity: comparing tasks would compare their offences


def make_room(programme: ops.Programme, most: int, longest: int) -> ops.Room:
    """Return room for one thread.

    Parameters
    ----------
    programme : Programme
    most : int
        Codes that one person has at most.
    longest : int
        Events that one person has at most.
    """
    most_operations = int(np.diff(programme.start[:: ops.N_KINDS]).max(initial=0))
    n_found = longest * most_operations + 1
    return ops.Room(
        values=programme.initial.copy(),
        seen=_ints(most * programme.n_rooms),
        repeat_seen=_ints(most * programme.n_repeats),
        repeat_incident=_ints(most * programme.n_repeats),
        found=ops.Found(
            time=_ints(longest + 1),
            bucket=_ints(longest + 1),
            harm=np.zeros(longest + 1),
            harm_start=_ints(longest + 1),
            harm_cell=_ints(n_found),
            sum_start=_ints(longest + 1),
            sum_cell=_ints(n_found),
            sum_amount=np.zeros(n_found),
            top_start=_ints(longest + 1),
            top_cell=_ints(n_found),
            top_amount=np.zeros(n_found),
            trend_cell=_ints(n_found),
            trend_time=_ints(n_found),
            trend_length=_ints(n_found),
            trend_amount=np.zeros(n_found),
            waiting_cell=_ints(n_found),
            waiting_time=_ints(n_found),
        ),
        n=_ints(6),
        stale=_ints(programme.windows.size),
    )


def _ints(n: int) -> NDArray[np.int64]:
    return np.zeros(n, dtype=np.int64)
