"""what_if(): one person's estimate without a contested record, from histories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.groups import check_groups
from riskmodel.model.risk_model import RiskModel
from riskmodel.schema import NOT_RECORDED
from riskmodel.scoring.person.asked import has_what_is_asked
from riskmodel.scoring.person.records import checked_records
from riskmodel.scoring.scored_rows import about_the_end, scoring_date
from riskmodel.scoring.sentences import about_the_date
from riskmodel.scoring.what_if.case_answers import Answering
from riskmodel.scoring.what_if.cases_of_histories import cases_of
from riskmodel.scoring.what_if.reply import WhatIfReply
from riskmodel.scoring.what_if.what_if_person import reply_for
from riskmodel.scoring.who_answers import Missing, check_missing
from riskmodel.snapshots.build import absent_columns, check_people_columns
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant_us


def what_if(
    histories: EventHistories,
    model: RiskModel,
    person_id: str,
    *,
    as_of: Any,
    use: str,
    without: Iterable[Any] = (),
    add: Any = (),
    groups: pd.DataFrame | None = None,
    missing: Missing = "fallback",
    today: date | None = None,
) -> WhatIfReply:
    """Estimate for one person without some incidents, or with more records.

    A record that is contested, or was cancelled, is left out with its whole incident: leaving out
    one of two duplicates would show nothing. All records of the incident go, those of other
    people too, so that whoever is named in the same incidents is counted anew. Four estimates are
    made, each with the same model, which is not trained again:

    * as known then, as it stands and changed: only what was recorded before `as_of`, with the
      evidence that it had then, as `score` gives it;
    * as known now, as it stands and changed: all that the histories hold that happened before
      `as_of`, with its last evidence, read as if it had been recorded in time.

    Parameters
    ----------
    histories : EventHistories
    model : RiskModel
    person_id : str
    as_of : date-like
    use : str
        One of the model's permitted uses.
    without : iterable of str
        Ids of records or of incidents. An id that is both is read as that of a record.
    add : list of dict, or DataFrame
        Records that the histories do not hold, with the columns of the events table, to be added
        after the others were left out. What names nobody is of this person; other people in the
        same incident are counted. What was recorded at or after `as_of` counts as known now only.
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic.
    missing : {"fallback", "refuse"}
        As for `score`.
    today : date, optional
        For the model's expiry.

    Returns
    -------
    WhatIfReply
        ``known_then`` and ``known_now``, each with the estimate before and after, their
        differences, and the features that differ, in sentences; the records left out; notes that
        have to stand beside the numbers. ``print`` shows a page, ``to_frame()`` a table. Someone
        who cannot be scored any more has a status that says why.

    Raises
    ------
    NotScorableError
        The histories don't know the person.
    ModelExpiredError, ModelMismatchError, SchemaError
        As for `score`; ids that no record has that bears on the person; added records that cannot
        be, or whose source_id is there already.

    Examples
    --------
    A contested report, and the page about it::

        print(what_if(histories, model, "P000007", as_of="2012-01-01", use="prioritise",
                      without=["r7"]))
    """
    model.check_use(use, today)
    moment = scoring_date(histories, as_of)
    answering = answering_for(histories, model, missing)
    added = checked_records(add)
    case = cases_of(histories, [str(person_id)], shared=answering.shares, beside=added)[0]
    has = having(model.required_task, [case.person_id], groups)[0]
    data_start = instant_us(histories.data_start)
    said = about_the_date(model, instant_us(moment), data_start)
    return reply_for(
        answering,
        case,
        instant_us(moment),
        without=without,
        add=added,
        having=has,
        warnings=[*said, *about_the_end(histories, moment)],
    )


def answering_for(histories: EventHistories, model: RiskModel, missing: Missing) -> Answering:
    """Return how a model answers from histories.

    Raises
    ------
    ModelMismatchError
        As for `score`.
    """
    check_missing(missing)
    task = model.required_task
    if missing == "refuse" or model.fallback is None:
        check_people_columns(histories, task)
    absent = tuple(absent_columns(histories, task))
    return Answering(model, histories.data_start, missing, absent)


def having(task: Task, people: Sequence[str], groups: pd.DataFrame | None) -> list[bool | None]:
    """Say of each person whether the groups table has what the cohort's rule asks for.

    Raises
    ------
    SchemaError
        A rule asks for a characteristic that is not there.
    """
    if task.cohort.only is None:
        return [None] * len(people)
    name = task.cohort.only[0]
    if groups is None or name not in groups.columns:
        raise SchemaError(f"the cohort is restricted by {name!r}: pass groups= with that column")
    values = check_groups(groups).set_index("person_id")[name].reindex(list(people))
    return [has_what_is_asked(task, {name: value}) for value in values.fillna(NOT_RECORDED)]
