"""score_person(): one person's records, as plain dicts, to one estimate with its reasons.

No table library is loaded, and what does not change from person to person is made once: the
first answer of a process takes about a second, the next ones well under a thousandth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from riskmodel.errors import NotScorableError
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.person.desk import desk_of
from riskmodel.scoring.person.records import checked_tables
from riskmodel.scoring.reply import ScoreReply
from riskmodel.scoring.who_answers import Missing, check_missing


def score_person(
    records: Any,
    model: RiskModel,
    *,
    as_of: Any,
    use: str,
    person_id: str | None = None,
    person: Mapping[str, Any] | None = None,
    updates: Any = (),
    spells: Any = (),
    having: Mapping[str, Any] | None = None,
    data_start: Any = None,
    reasons: int = 5,
    missing: Missing = "fallback",
    today: date | None = None,
) -> ScoreReply:
    """Estimate serious harm still to come for one person, from that person's records.

    The same numbers as `score` gives, bit for bit, if `records` holds all of the person's events
    and those of other people in the same incidents (and, where a feature counts neighbours, at the
    same places): without these, other people can't be counted. `person` has to hold what the people
    table has of the dates from which the person could be recorded: windows reach back no further.

    Parameters
    ----------
    records : list of dict, or DataFrame; one dict is one record
        Events, with the columns of the events table. A time is ISO text, a date or a datetime; a
        date means its midnight, and an event on a day is not known as of that day.
    model : RiskModel
    as_of : date-like
    use : str
        What the score is for: one of the model's permitted uses.
    person_id : str, optional
        Who is asked for; needed where `records` name several people.
    person : mapping, optional
        Columns of the people table, such as ``birth_date`` and ``recordable_from``. One that is
        None is not known; one that a feature reads and that is not said at all is lacking.
    updates, spells : list of dict, or DataFrame
        What became of the records; custody and other absences.
    having : mapping, optional
        The person's row of the groups table; only for a cohort that a published rule restricts
        by a characteristic. No feature reads it.
    data_start : date-like, optional
        From when the records are complete; default: as in the model's training data. Windows
        that reach further back are missing, not small.
    reasons : int
        How many reasons at most; 0 for none.
    missing : {"fallback", "refuse"}
        What to do where the person lacks what the full model needs: a column that a feature reads,
        or a value that was always known where the model learnt. The fallback answers with the
        status ``fallback`` and says why; or the person is refused.
    today : date, optional
        For the model's expiry.

    Returns
    -------
    ScoreReply
        The columns of a row of `score`, and the reasons.

    Raises
    ------
    NotScorableError
        There is no usable history, or what the model needs is lacking; it says why.
    ModelExpiredError, ModelMismatchError, SchemaError
        As for `score`.

    Examples
    --------
    A model, and one report of one person::

        report = {"source_id": "r1", "person_id": "p1", "event_time": "2011-03-01",
                  "recorded_time": "2011-03-05", "offence": "105A"}
        reply = score_person([report], model, as_of="2012-01-01", use="prioritise",
                             person={"birth_year": 1980})
        reply.probability, reply.reasons[0].sentence
    """
    model.check_use(use, today)
    check_missing(missing)
    desk = desk_of(model, data_start)
    tables = checked_tables(records, updates=updates, spells=spells, person=person)
    if not tables.events:
        raise NotScorableError("no record was given: there is no history to estimate from")
    return desk.answer(
        model,
        tables,
        as_of=as_of,
        person_id=person_id,
        having=having,
        reasons=reasons,
        missing=missing,
    )
