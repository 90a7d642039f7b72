"""Ids that stand for one person become one, where nothing known contradicts it.

Finding who is one person is left to a linkage tool, such as Splink, whose predictions are taken
as they come.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.assembly import LIFE_DATES, Parts, assemble, person_codes
from riskmodel.histories.events import EventHistories
from riskmodel.histories.person_links import (
    THRESHOLD,
    Codes,
    is_any_known,
    read_links,
    representatives,
)

OnConflict: TypeAlias = Literal["raise", "keep_apart", "merge"]

ON_CONFLICT = ("raise", "keep_apart", "merge")
ONE_DAY = pd.Timedelta(days=1)

_TAKEN: dict[str, Any] = {
    "birth_date": "min",
    "death_date": "max",
    "left_date": "max",
    "recordable_from": "min",
}
_DROPPED = {
    "an event under one id is before birth_date": "birth_date",
    "an event under one id is after death_date": "death_date",
    **{f"{name} is before birth_date": name for name in LIFE_DATES[1:]},
}
"""Contradiction between the ids of a person -> the date that is dropped if merged nonetheless."""


def merge_persons(
    histories: EventHistories,
    links: Any,
    *,
    threshold: float = THRESHOLD,
    on_conflict: OnConflict = "raise",
) -> EventHistories:
    """Return the histories with the ids of each linked person replaced by one of them.

    Links chain: where a is b and b is c, all three are one person, under the id that is first in
    order. The histories given stay as they are. No record goes: one that was entered under both
    ids is then there twice (see `identity_report`).

    Parameters
    ----------
    histories : EventHistories
    links : DataFrame or pyarrow.Table
        One row a pair: person_id_l and person_id_r, or unique_id_l and unique_id_r, as Splink's
        predictions have them; match_probability (without the column every pair counts). Other
        columns are not read. Ids that the histories don't know take part in chains only.
    threshold : float
        Pairs of at least this match probability count.
    on_conflict : {"raise", "keep_apart", "merge"}
        What to do with persons whose ids contradict each other: other dates of birth, death or
        leaving, dates out of order, an event before the birth or after the death. "keep_apart"
        leaves all their ids as they are. "merge" takes the earliest birth, the latest death and
        leaving, and drops a date that an event or the birth still contradicts.

    Returns
    -------
    EventHistories
        In people: dates that are known for any of the ids (the earliest recordable_from), and of
        each covariate the first value that is not missing, ids in order.

    Raises
    ------
    SchemaError
        Columns missing, probabilities not from 0 to 1, ids missing or linked to themselves, links
        of which no id is known; contradictions, with counts. No id is shown.

    Examples
    --------
    >>> events = pd.DataFrame(
    ...     {"source_id": ["r1", "r2"], "person_id": ["p1", "p7"], "offence": "105A",
    ...      "event_time": ["2010-05-01T12:00", "2011-02-01T09:30"],
    ...      "recorded_time": ["2010-05-02T09:00", "2011-02-01T11:00"]}
    ... )
    >>> links = pd.DataFrame(
    ...     {"unique_id_l": ["p1"], "unique_id_r": ["p7"], "match_probability": [0.99]}
    ... )
    >>> merge_persons(EventHistories(events), links).persons.tolist()
    ['p1']
    """
    if on_conflict not in ON_CONFLICT:
        raise SchemaError('on_conflict: give "raise", "keep_apart" or "merge"')
    pairs = read_links(links, threshold)
    if pairs.empty:
        return histories
    if not is_any_known(histories.persons, pairs):
        raise SchemaError(
            "links: no id of a linked pair is in these histories; give the ids of events.person_id"
        )
    stands_for = representatives(histories.persons, pairs)
    lives, wrong = _lives(histories, stands_for), _contradictions(histories, stands_for)
    if on_conflict == "raise":
        _refuse(wrong)
    if on_conflict == "keep_apart":
        apart = np.isin(stands_for, wrong.index[wrong.any(axis=1)])
        stands_for = np.where(apart, np.arange(len(stands_for)), stands_for).astype(np.int32)
    else:
        lives = _without_contradicted(lives, wrong)
    return histories.revised(lambda parts: _merged(parts, stands_for, lives))


def contradicted(histories: EventHistories, pairs: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return the ids of those linked persons whose ids contradict each other.

    Parameters
    ----------
    histories : EventHistories
    pairs : DataFrame
        From `riskmodel.histories.person_links.read_links`.

    Examples
    --------
    >>> events = pd.DataFrame(
    ...     {"source_id": ["r1"], "person_id": ["p1"], "offence": "105A",
    ...      "event_time": ["2010-05-01T12:00"], "recorded_time": ["2010-05-02T09:00"]}
    ... )
    >>> born = ["1980-02-03", "1980-03-02"]
    >>> people = pd.DataFrame({"person_id": ["p1", "p7"], "birth_date": born})
    >>> pairs = pd.DataFrame({"person_id_l": ["p1"], "person_id_r": ["p7"]})
    >>> contradicted(EventHistories(events, people), pairs).tolist()
    ['p1', 'p7']
    """
    stands_for = representatives(histories.persons, pairs)
    wrong = _contradictions(histories, stands_for)
    return histories.persons[np.isin(stands_for, wrong.index[wrong.any(axis=1)])]


def _several(stands_for: Codes) -> Any:
    """Return a mask of the persons who are linked to others."""
    return np.bincount(stands_for, minlength=len(stands_for))[stands_for] > 1


def _lives(histories: EventHistories, stands_for: Codes) -> pd.DataFrame:
    """Return the dates of each merged person, by the code of the id that stands for it."""
    linked = _several(stands_for)
    lives: Any = histories.people[LIFE_DATES].iloc[linked].groupby(stands_for[linked])
    taken: pd.DataFrame = lives.agg(_TAKEN)
    return taken


def _contradictions(histories: EventHistories, stands_for: Codes) -> pd.DataFrame:
    """Return a mask for each rule that the ids of a merged person may break together."""
    linked, lives, events = _several(stands_for), _lives(histories, stands_for), histories.events
    dates = histories.people[LIFE_DATES[:3]].iloc[linked].groupby(stands_for[linked]).nunique()
    wrong = {f"different values of {name}": dates[name] > 1 for name in dates.columns}
    code = events["person_code"].to_numpy()
    times = events["event_time"][linked[code]].groupby(stands_for[code[linked[code]]])
    first, last = times.min().reindex(lives.index), times.max().reindex(lives.index)
    # a year of birth is held as its 1 July: earlier in that year is no contradiction
    after_death = last >= lives["death_date"].dt.normalize() + ONE_DAY
    broken = [first.dt.year < lives["birth_date"].dt.year, after_death]
    broken += [lives[name] < lives["birth_date"] for name in LIFE_DATES[1:]]
    wrong |= dict(zip(_DROPPED, broken, strict=True))
    return pd.DataFrame(wrong, index=lives.index, dtype=bool)


def _refuse(wrong: pd.DataFrame) -> None:
    counts = {str(rule): int(n) for rule, n in wrong.sum().items()}
    problems = [f"people: {rule}, in {n:,} linked persons" for rule, n in counts.items() if n]
    if problems:
        raise SchemaError(
            problems,
            advice='Review their links, or leave their ids as they are: on_conflict="keep_apart".',
        )


def _without_contradicted(lives: pd.DataFrame, wrong: pd.DataFrame) -> pd.DataFrame:
    hidden = {name: lives[name] for name in LIFE_DATES}
    for rule, name in _DROPPED.items():
        hidden[name] = hidden[name].mask(wrong[rule])
    return pd.DataFrame(hidden)


def _merged(parts: Parts, stands_for: Codes, lives: pd.DataFrame) -> Parts:
    """Return the parts with every id replaced, put in order anew."""
    ids = parts.people.index

    def renamed(table: pd.DataFrame) -> pd.DataFrame:
        code = person_codes(table["person_id"], parts.persons)
        replaced = pd.Series(ids.take(stands_for[code]), index=table.index)
        return table.assign(person_id=replaced.where(code >= 0, table["person_id"]))

    return assemble(
        {
            "events": pd.concat([renamed(parts.events), parts.unnamed], ignore_index=True),
            "people": _merged_people(parts, stands_for, lives),
            "updates": parts.updates,
            "spells": renamed(parts.spells),
            "victims": renamed(parts.victims),
            "actions": renamed(parts.actions),
        }
    )


def _merged_people(parts: Parts, stands_for: Codes, lives: pd.DataFrame) -> pd.DataFrame:
    """Return one row a person of those listed: of each covariate the first value known."""
    rows = parts.people.reset_index().assign(birth_year=np.nan)
    alone = ~_several(stands_for)
    member = parts.listed & ~alone
    together: Any = rows[member].groupby(stands_for[member]).first()
    together[LIFE_DATES] = lives.reindex(together.index)
    together["person_id"] = parts.people.index.take(together.index.to_numpy(dtype=np.int64))
    people: pd.DataFrame = pd.concat([rows[parts.listed & alone], together], ignore_index=True)
    return people
