"""Part of a history: that of some people, or all but some records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.assembly import Parts, person_codes
from riskmodel.histories.coercion import Mask, Values, coerce
from riskmodel.histories.cross_checks import is_among
from riskmodel.histories.events import EventHistories


def of_people(histories: EventHistories, ids: Iterable[Any]) -> EventHistories:
    """Return the histories of these people alone; events without a named person go too.

    Parameters
    ----------
    histories : EventHistories
    ids : iterable of str
        Ids of persons; those that the histories don't know are passed over.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> histories = make_histories(50, seed=1).histories
    >>> of_people(histories, ["P000007", "P000011"]).persons.tolist()
    ['P000007', 'P000011']
    """
    wanted = _ids(ids, "people")

    def change(parts: Parts) -> Parts:
        kept = np.zeros(len(parts.persons), dtype=bool)
        code = person_codes(wanted, parts.persons)
        kept[code[code >= 0]] = True
        return _with_persons(parts, kept)

    return histories.revised(change)


def without_records(histories: EventHistories, source_ids: Iterable[Any]) -> EventHistories:
    """Return the histories without some events, and without what became of them.

    Persons stay, also those of whom no event is left.

    Parameters
    ----------
    histories : EventHistories
    source_ids : iterable of str

    Raises
    ------
    SchemaError
        Ids that are in no row of events.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> histories = make_histories(50, seed=1).histories
    >>> fewer = without_records(histories, histories.events["source_id"].head(10))
    >>> len(histories) - len(fewer)
    10
    """
    gone = _ids(source_ids, "source_ids")
    known = pd.concat([histories.events["source_id"], histories.unnamed["source_id"]])
    if unknown := int((~is_among(gone, known)).sum()):
        raise SchemaError(f"source_ids: {unknown:,} of {len(gone):,} are in no row of events")
    if gone.empty:
        return histories

    def change(parts: Parts) -> Parts:
        return replace(
            parts,
            events=_rows(parts.events, ~is_among(parts.events["source_id"], gone)),
            unnamed=_rows(parts.unnamed, ~is_among(parts.unnamed["source_id"], gone)),
            updates=_rows(parts.updates, ~is_among(parts.updates["source_id"], gone)),
        )

    return histories.revised(change)


def _ids(ids: Iterable[Any], name: str) -> Values:
    given = ids if isinstance(ids, pd.Series) else pd.Series(list(ids), dtype=object)
    text = coerce(given, "text")
    if text.bad.any() or text.values.isna().any():
        raise SchemaError(f"{name}: ids are text or whole numbers, and none is missing")
    return text.values


def _with_persons(parts: Parts, kept: Mask) -> Parts:
    new_code = (np.cumsum(kept) - 1).astype(np.int32)
    code = parts.events["person_code"].to_numpy()
    events = _rows(parts.events, kept[code])
    persons = parts.persons[kept]
    return Parts(
        persons=persons,
        listed=parts.listed[kept],
        people=parts.people[kept],
        events=events.assign(person_code=new_code[code[kept[code]]]),
        unnamed=parts.unnamed.iloc[:0],
        updates=_rows(parts.updates, is_among(parts.updates["source_id"], events["source_id"])),
        spells=_rows(parts.spells, person_codes(parts.spells["person_id"], persons) >= 0),
        victims=parts.victims,
        actions=_rows(parts.actions, person_codes(parts.actions["person_id"], persons) >= 0),
    )


def _rows(table: pd.DataFrame, kept: Mask) -> pd.DataFrame:
    return table[kept].reset_index(drop=True)
