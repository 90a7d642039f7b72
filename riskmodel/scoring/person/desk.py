"""Desk: answers for one person after another with one model, from plain records.

What does not change from person to person (the pass over records, the prices of offences, room
to work in, what is known of the model) is made once and kept for the model's life.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import NotScorableError, SchemaError
from riskmodel.histories.moments import to_microseconds
from riskmodel.model.needs import lacking, lacking_names
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scorer import Scorer
from riskmodel.scoring.person.asked import asked_for, data_start_of, has_what_is_asked
from riskmodel.scoring.person.records import PersonTables
from riskmodel.scoring.reason_rows import reasons_of
from riskmodel.scoring.reply import Reason, ScoreReply
from riskmodel.scoring.sentences import about_the_date, about_the_fallback, day_of
from riskmodel.scoring.who_answers import (
    EVIDENCE_SHARE,
    FALLBACK,
    LACKING,
    SCORED,
    Missing,
    fallback_table,
    why_lacking,
)
from riskmodel.snapshots.default_features import RULES
from riskmodel.snapshots.person_row import PersonRow, PersonRows

_EPOCH = datetime(1970, 1, 1)
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
        self._rows = PersonRows(self._task, data_start=_datetime(self._start))

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
        if moment < self._start:
            raise SchemaError(
                f"as_of: {day_of(moment)} given, before the data begin on {day_of(self._start)}"
            )
        who = asked_for(tables.events, person_id)
        row = self._rows.row(
            tables.events,
            as_of=_datetime(moment),
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
        why = _why_not_full(model, row)
        scorer, table = _answering(model, row, why, missing)
        estimates = scorer.estimates(table)
        numbers = {name: _number(column[0]) for name, column in estimates._asdict().items()}
        said = [*about_the_date(model, moment, self._start), *row.warnings]
        return ScoreReply(
            person_id=who,
            as_of=_datetime(moment),
            status=FALLBACK if why else SCORED,
            probability=numbers["probability"],
            low=numbers["low"],
            high=numbers["high"],
            margin=numbers["margin"],
            expected_harm=numbers["expected_harm"],
            band=model.thresholds.band_of(float(estimates.probability[0])),
            evidence_share=_number(row.rules[EVIDENCE_SHARE]),
            model=model.name,
            version=model.version,
            digest=model.digest,
            edition=model.edition,
            thresholds_version=model.thresholds.version,
            warnings=(*said, about_the_fallback(why)) if why else tuple(said),
            reasons=self._reasons(row, moment, scorer, table, not why, n_reasons),
        )

    def _reasons(
        self, row: PersonRow, moment: int, scorer: Scorer, table: NDArray[Any], full: bool, top: int
    ) -> tuple[Reason, ...]:
        if not top:
            return ()
        features = self._task.by_name if full else RULES
        values, _ = scorer.contributions(table)
        return reasons_of(
            scorer.feature_names, features, table[0], values[0], row.records, moment, top=top
        )


def _why_not_full(model: RiskModel, row: PersonRow) -> str:
    mask = lacking(row.features, model.reference)
    names = () if row.lacking else lacking_names(model.feature_names, mask)
    return why_lacking(row.lacking, names)


def _answering(
    model: RiskModel, row: PersonRow, why: str, missing: Missing
) -> tuple[Scorer, NDArray[Any]]:
    """Return who answers, and the row (1, p) that it reads."""
    if not why:
        return model.scorer, row.features[None, :]
    if model.fallback is None or missing == "refuse":
        raise NotScorableError(f"no estimate: {why}", status=LACKING)
    return model.fallback, fallback_table(model.fallback, row.rules[None, :])


def _datetime(moment: int) -> datetime:
    return _EPOCH + timedelta(microseconds=moment)


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


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
