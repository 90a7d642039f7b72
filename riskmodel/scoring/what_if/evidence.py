"""evidence(): what each incident does to a person's estimate, by leaving it out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelWarning, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.person.asked import PlainRow
from riskmodel.scoring.scored_rows import about_the_end, scoring_date
from riskmodel.scoring.sentences import about_the_date
from riskmodel.scoring.what_if.case_answers import CaseAnswers
from riskmodel.scoring.what_if.cases_of_histories import cases_of
from riskmodel.scoring.what_if.person_case import PersonCase, incident_of
from riskmodel.scoring.what_if.what_if import answering_for, having
from riskmodel.scoring.who_answers import Missing
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant_us

EVIDENCE_COLUMNS = [
    "person_id",
    "incident_id",
    "source_ids",
    "event_time",
    "offences",
    "evidence",
    "harm",
    "margin_effect",
    "probability_effect",
    "status_without",
]


def evidence(
    histories: EventHistories,
    model: RiskModel,
    people: str | Iterable[str] | pd.DataFrame,
    *,
    as_of: Any,
    use: str,
    groups: pd.DataFrame | None = None,
    missing: Missing = "fallback",
    today: date | None = None,
) -> pd.DataFrame:
    """Show how far people's estimates rest on each of their incidents, by leaving it out.

    Each incident is left out on its own, whole, as `what_if` does it, by what was recorded before
    `as_of`. Effects do not add up to the estimate, nor to one another: two reports of one window
    can each move little and much together. And they are no causes: they say what the model
    reads in the records.

    Parameters
    ----------
    histories : EventHistories
    model : RiskModel
    people : str, iterable of str, or DataFrame
        Person ids; of a table from `score` or `rank`, those who have an estimate.
    as_of : date-like
    use : str
        One of the model's permitted uses.
    groups, missing, today : optional
        As for `score`.

    Returns
    -------
    DataFrame
        One row for each incident of each person that was known before `as_of`, the largest effects
        first: person_id; incident_id (missing where a record is an incident of its own);
        source_ids, offences and evidence (as it stood then) of the person's records in it, joined
        by ``"; "`` in one order; event_time of the first; harm, summed (days); margin_effect and
        probability_effect, the estimate with less that without it (missing where one of the two
        is); status_without. A cancelled record is shown, and moves nothing.

    Raises
    ------
    NotScorableError
        The histories don't know someone.
    ModelExpiredError, ModelMismatchError, SchemaError
        As for `score`.

    Warns
    -----
    RiskModelWarning
        As for `score`.

    Examples
    --------
    ``evidence(histories, model, rank(scores, 10), as_of="2012-01-01", use="prioritise")`` has a
    row for each incident of the first ten people.
    """
    model.check_use(use, today)
    moment = scoring_date(histories, as_of)
    as_of_us, data_start = instant_us(moment), instant_us(histories.data_start)
    for text in (*about_the_date(model, as_of_us, data_start), *about_the_end(histories, moment)):
        warnings.warn(text, RiskModelWarning, stacklevel=2)
    answering = answering_for(histories, model, missing)
    cases = cases_of(histories, _ids(people), shared=answering.shares)
    incidents = [_by_incident(case, as_of_us) for case in cases]
    variants = [
        variant
        for case, known in zip(cases, incidents, strict=True)
        for variant in (case, *(case.without([incident]) for incident in known))
    ]
    has = having(model.required_task, [variant.person_id for variant in variants], groups)
    answers = answering.answers(variants, as_of_us, having=has)
    rows, place = [], 0
    for case, known in zip(cases, incidents, strict=True):
        rows += _rows(case, known, model.required_task, answers, place, as_of_us)
        place += 1 + len(known)
    return pd.DataFrame(rows, columns=EVIDENCE_COLUMNS)


def _ids(people: str | Iterable[str] | pd.DataFrame) -> list[str]:
    if isinstance(people, str):
        return [people]
    if isinstance(people, pd.DataFrame):
        if missing := [name for name in ("person_id", "margin") if name not in people.columns]:
            raise SchemaError(
                f"people: no columns {', '.join(missing)}; give person ids, or a table from score()"
            )
        people = people.loc[people["margin"].notna(), "person_id"]
    return list(dict.fromkeys(str(person) for person in people))


def _by_incident(case: PersonCase, as_of: int) -> dict[str, list[PlainRow]]:
    """Return the person's records that were known before a moment, by incident."""
    found: dict[str, list[PlainRow]] = {}
    for record in case.known(as_of):
        found.setdefault(incident_of(record), []).append(record)
    return found


def _rows(
    case: PersonCase,
    incidents: Mapping[str, Sequence[PlainRow]],
    task: Task,
    answers: CaseAnswers,
    place: int,
    as_of: int,
) -> list[tuple[Any, ...]]:
    """Return one person's rows, largest effects first; `place` is that of the whole case."""
    with_all = {name: column[place] for name, column in answers.numbers.items()}
    rows = []
    for number, records in enumerate(incidents.values(), start=place + 1):
        offences = [record["offence"] for record in records]
        margin, probability = (
            with_all[name] - answers.numbers[name][number] for name in ("margin", "probability")
        )
        row = (
            case.person_id,
            records[0]["incident_id"],
            "; ".join(record["source_id"] for record in records),
            min(record["event_time"] for record in records),
            "; ".join(offences),
            "; ".join(case.evidence(record, as_of) for record in records),
            float(task.offences.lookup(offences, unmapped=task.unmapped)[0].sum()),
            margin,
            probability,
            answers.status[number],
        )
        rows.append((-np.inf if np.isnan(margin) else -abs(margin), number, row))
    return [row for *_, row in sorted(rows, key=lambda entry: entry[:2])]
