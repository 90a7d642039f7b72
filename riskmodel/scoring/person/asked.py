"""What is asked of one person's records: of whom, from when they are complete, of which cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from riskmodel.errors import ModelMismatchError, NotScorableError, SchemaError
from riskmodel.histories.moments import to_microseconds
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.task import Task

PlainRow = Mapping[str, Any]


def data_start_of(model: RiskModel, data_start: Any) -> int:
    """Return from when records are complete, in microseconds; by default as in training.

    Raises
    ------
    ModelMismatchError
        The model does not say, and nobody else does.
    """
    start = model.provenance.get("data_start") if data_start is None else data_start
    if start is None:
        raise ModelMismatchError(
            "the model does not say from when its training data are complete; give data_start="
        )
    return to_microseconds(start, "data_start")


def has_what_is_asked(task: Task, characteristics: Mapping[str, Any] | None) -> bool | None:
    """Say whether someone has what the cohort's rule asks for; None where nothing is said."""
    if task.cohort.only is None or characteristics is None:
        return None
    name, wanted = task.cohort.only
    return str(characteristics.get(name)).lower() == wanted.lower()


def asked_for(events: Sequence[PlainRow], person_id: object) -> str:
    """Return who is asked for, or the only one whom the records name."""
    named = {row["person_id"] for row in events if row.get("person_id") is not None}
    if person_id is None and len(named) > 1:
        raise SchemaError(f"records: they name {len(named)} people; say who with person_id=")
    asked = next(iter(named), None) if person_id is None else str(person_id)
    if asked not in named:
        raise NotScorableError("none of the records names the person asked for")
    return str(asked)
