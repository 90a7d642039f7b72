"""Desk: answers for one person after another with one model, from plain records.

What does not change from person to person (the pass over records, the prices of offences, room
to work in, what is known of the model) is made once and kept for the model's life.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from numpy.typing import NDArray

from riskmodel.errors import NotScorableError
from riskmodel.histories.moments import to_datetime, to_microseconds
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.person.asked import asked_for, data_start_of, has_what_is_asked
from riskmodel.scoring.person.records import PersonTables
from riskmodel.scoring.reason_rows import reasons_of
from riskmodel.scoring.reply import Reason, ScoreReply
from riskmodel.scoring.sentences import about_the_date, day_of
from riskmodel.scoring.who_answers import (
    EVIDENCE_SHARE,
    FALLBACK,
    LACKING,
    SCORED,
    Missing,
    answer_rows,
    fallback_table,
    number_or_none,
)
from riskmodel.snapshots.default_features import RULES
from riskmodel.snapshots.person_row import PersonRow, PersonRows

_KEPT = threading.local()
_MOST_DESKS = 4  # of one model: starts of the data that callers name


class Desk:
    """One model's answers in one thread.

    Parameters
    ----------
    model : RiskModel
        With a task.
    data_start : date-like or None
        From when the records are complete; None as in the model's training data.

    Raises
    ------
    ModelMismatchError
        The model reads no records, or does not say from when they are complete.
    """

    def __init__(self, model: RiskModel, data_start: Any) -> None:
        self._task = model.required_task
        self._start = data_start_of(model, data_start)
        self._rows = PersonRows(self._task, data_start=to_datetime(self._start))

    def answer(
        self,
        model: RiskModel,
        tables: PersonTables,
        *,
        as_of: Any,
        person_id: str | None,
        having: Mapping[str, Any] | None,
        reasons: int,
        missing: Missing,
    ) -> ScoreReply:
        """Return one person's reply.

        Raises
        ------
        NotScorableError
            There is no usable history, or what the model needs is lacking and `missing` refuses.
        """
        moment = to_microseconds(as_of)
        who = asked_for(tables.events, person_id)
        row = self._rows.row(
            tables.events,
            as_of=to_datetime(moment),
            person_id=who,
            person=tables.person,
            updates=tables.updates,
            spells=tables.spells,
            having=has_what_is_asked(self._task, having),
        )
        if row.status != SCORED:
            raise NotScorableError(
                f"no estimate as of {day_of(moment)}: {row.status} "
                f"(the model is for {self._task.cohort.describe()})",
                status=row.status,
            )
        return self._reply(model, who, row, moment, reasons, missing)

    def _reply(
        self,
        model: RiskModel,
        who: str,
        row: PersonRow,
        moment: int,
        n_reasons: int,
        missing: Missing,
    ) -> ScoreReply:
        answers = answer_rows(
            model, row.features[None, :], row.rules[None, :], row.lacking, missing
        )
        status, why = answers.status[0], answers.warnings[0]
        if status == LACKING:
            raise NotScorableError(f"no estimate: {why}", status=LACKING)
        numbers = {name: number_or_none(column[0]) for name, column in answers.numbers.items()}
        said = [*about_the_date(model, moment, self._start), *row.warnings, *filter(None, [why])]
        return ScoreReply(
            person_id=who,
            as_of=to_datetime(moment),
            status=status,
            probability=numbers["probability"],
            low=numbers["low"],
            high=numbers["high"],
            margin=numbers["margin"],
            expected_harm=numbers["expected_harm"],
            band=model.thresholds.band_of(answers.numbers["probability"][0]),
            evidence_share=number_or_none(row.rules[EVIDENCE_SHARE]),
            model=model.name,
            version=model.version,
            digest=model.digest,
            edition=model.edition,
            thresholds_version=model.thresholds.version,
            warnings=tuple(said),
            reasons=self._reasons(model, row, moment, status, n_reasons),
        )

    def _reasons(
        self, model: RiskModel, row: PersonRow, moment: int, status: str, top: int
    ) -> tuple[Reason, ...]:
        if not top:
            return ()
        table: NDArray[Any] = row.features[None, :]
        scorer, features = model.scorer, self._task.by_name
        if status == FALLBACK and model.fallback is not None:
            scorer, features = model.fallback, RULES
            table = fallback_table(scorer, row.rules[None, :])
        values, _ = scorer.contributions(table)
        return reasons_of(
            scorer.feature_names, features, table[0], values[0], row.records, moment, top=top
        )


def desk_of(model: RiskModel, data_start: Any) -> Desk:
    """Return this thread's desk for a model; it is kept as long as the model."""
    if not hasattr(_KEPT, "desks"):
        _KEPT.desks = WeakKeyDictionary()
    desks = _KEPT.desks.setdefault(model, {})
    start = None if data_start is None else to_microseconds(data_start)
    if start not in desks:
        while len(desks) >= _MOST_DESKS:
            del desks[next(iter(desks))]  # the oldest
        desks[start] = Desk(model, data_start)
    desk: Desk = desks[start]
    return desk
