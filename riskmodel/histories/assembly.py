"""Checked tables into the parts of a history: persons numbered, rows in order, one order only.

Whatever order the rows came in, what comes out here is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from riskmodel.histories.arrays import codes_of, microseconds
from riskmodel.histories.coercion import Mask, Values
from riskmodel.histories.cross_checks import is_among
from riskmodel.schema import EVIDENCE

MIDDLE_OF_YEAR = pd.Timedelta(days=181)  # 1 July, from 1 January of a common year
LIFE_DATES = ["birth_date", "death_date", "left_date", "recordable_from"]


@dataclass(frozen=True)
class Parts:
    """The tables of a history as `EventHistories` shows them.

    `listed` marks the persons who have a row in people; others are known by events alone.
    """

    persons: npt.NDArray[np.str_]
    listed: Mask
    people: pd.DataFrame
    events: pd.DataFrame
    unnamed: pd.DataFrame
    updates: pd.DataFrame
    spells: pd.DataFrame
    victims: pd.DataFrame
    actions: pd.DataFrame


def assemble(tables: Mapping[str, pd.DataFrame]) -> Parts:
    """Give persons their codes and put every table in its order.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Valid rows of the checked tables: events, people, updates, spells, victims, actions.
    """
    events, people = tables["events"], tables["people"]
    persons = _persons(events["person_id"], people["person_id"])
    named, unnamed = _ordered_events(events, persons)
    return Parts(
        persons=persons,
        listed=np.isin(persons, _strings(people["person_id"])),
        people=_people_table(people, persons),
        events=named,
        unnamed=unnamed,
        updates=_ordered_updates(tables["updates"]),
        spells=_ordered(tables["spells"], ["person_id", "start", "recorded_time", "end", "kind"]),
        victims=_ordered(tables["victims"], ["victim_id"]),
        actions=_ordered(tables["actions"], ["person_id", "start", "recorded_time"], rest=True),
    )


def _strings(ids: Values) -> npt.NDArray[np.str_]:
    return ids.dropna().to_numpy(dtype=np.str_)


def _persons(*ids: Values) -> npt.NDArray[np.str_]:
    distinct = pd.concat(ids).dropna().drop_duplicates()
    return np.sort(_strings(distinct))


def _ordered_events(
    events: pd.DataFrame, persons: npt.NDArray[np.str_]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split into named and unnamed, each by person, time, time recorded and id."""
    code = person_codes(events["person_id"], persons)
    by_id = pc.sort_indices(events["source_id"].array.__arrow_array__()).to_numpy()
    rank = np.empty(len(events), dtype=np.int64)
    rank[by_id] = np.arange(len(events))
    recorded, happened = microseconds(events["recorded_time"]), microseconds(events["event_time"])
    order = np.lexsort((rank, recorded, happened, code))
    own_incident = "\x00" + events["source_id"]
    complete = events.assign(
        incident_id=events["incident_id"].fillna(own_incident), person_code=code
    ).take(order)
    n_unnamed = int((code < 0).sum())
    unnamed, named = complete.iloc[:n_unnamed], complete.iloc[n_unnamed:]
    return named.reset_index(drop=True), unnamed.reset_index(drop=True)


def person_codes(ids: Values, persons: npt.NDArray[np.str_]) -> npt.NDArray[np.int32]:
    """Return the index in `persons` of each id, -1 where it is missing or unknown."""
    return codes_of(ids, persons.tolist()).astype(np.int32)


def _people_table(people: pd.DataFrame, persons: npt.NDArray[np.str_]) -> pd.DataFrame:
    """Return one row a person, in the order of `persons`; a year of birth becomes its 1 July."""
    born = people["birth_date"].fillna(_mid_year(people["birth_year"]))
    table = people.assign(birth_date=born).drop(columns="birth_year").set_index("person_id")
    covariates = sorted(name for name in table.columns if name not in LIFE_DATES)
    index = pd.Index(persons.tolist(), dtype=people["person_id"].dtype, name="person_id")
    return table[LIFE_DATES + covariates].reindex(index)


def _mid_year(years: Values) -> Values:
    text = years.astype("Int64").astype("str") + "-07-01"
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")


def _ordered_updates(updates: pd.DataFrame) -> pd.DataFrame:
    """Order by event and time; of two recorded at one time the later in `EVIDENCE` is last."""
    level = codes_of(updates["evidence"], EVIDENCE)
    ordered = updates.assign(level=level).sort_values(["source_id", "recorded_time", "level"])
    return ordered.drop(columns="level").reset_index(drop=True)


def _ordered(table: pd.DataFrame, by: list[str], *, rest: bool = False) -> pd.DataFrame:
    others = [name for name in table.columns if name not in by] if rest else []
    return table.sort_values(by + others).reset_index(drop=True)


def known_before(parts: Parts, t: pd.Timestamp) -> Parts:
    """Return the parts as they were known at `t`: only what was recorded before it.

    Persons of whom nothing but later events is known drop out; later deaths, departures and ends
    of spells are not known.
    """
    named, unnamed = (_recorded_before(table, t) for table in (parts.events, parts.unnamed))
    seen = np.zeros(len(parts.persons), dtype=bool)
    seen[named["person_code"].to_numpy()] = True
    kept = parts.listed | seen
    new_code = (np.cumsum(kept) - 1).astype(np.int32)
    persons = parts.persons[kept]
    people = parts.people[kept]
    hidden = {name: people[name].mask(people[name] >= t) for name in ("death_date", "left_date")}
    ids = pd.concat([named["source_id"], unnamed["source_id"]])
    updates = _recorded_before(parts.updates, t)
    return Parts(
        persons=persons,
        listed=parts.listed[kept],
        people=people.assign(**hidden),
        events=named.assign(person_code=new_code[named["person_code"].to_numpy()]),
        unnamed=unnamed,
        updates=updates[is_among(updates["source_id"], ids)].reset_index(drop=True),
        spells=_open_ended(_last_told(parts.spells), persons, t),
        victims=parts.victims,
        actions=_open_ended(parts.actions, persons, t),
    )


def _recorded_before(table: pd.DataFrame, t: pd.Timestamp) -> pd.DataFrame:
    return table[table["recorded_time"] < t].reset_index(drop=True)


def _last_told(spells: pd.DataFrame) -> pd.DataFrame:
    """Of spells told twice at one moment keep the later end, before ends become unknown."""
    told = spells.sort_values("end", kind="stable", na_position="first")
    once = told.drop_duplicates(["person_id", "start", "kind", "recorded_time"], keep="last")
    return once.sort_index()


def _open_ended(table: pd.DataFrame, persons: npt.NDArray[np.str_], t: pd.Timestamp) -> Any:
    known = _recorded_before(table, t)
    known = known[person_codes(known["person_id"], persons) >= 0]
    by = [name for name in known.columns if name != "end"]
    hidden = known.assign(end=known["end"].mask(known["end"] >= t))
    return hidden.sort_values([*by[:3], "end", *by[3:]]).reset_index(drop=True)
