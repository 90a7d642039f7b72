"""What is likely in the records twice: events under one id, persons under two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.aggregate import price_events
from riskmodel.snapshots.outcomes import evidence_before
from riskmodel.snapshots.passes import counted
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import DAY_US, YEAR_DAYS, instant_us

KINDS = ("victim named", "no victim named")
EVENT_COLUMNS = [
    "group",
    "kind",
    "surplus",
    "source_id",
    "person_id",
    "event_time",
    "recorded_time",
    "offence",
    "victim_id",
    "incident_id",
    "harm",
    "in_last_year",
]
RULES: dict[str, tuple[str, ...]] = {
    "same moment": ("event_time", "offence"),
    "same day": ("day", "offence"),
    "same place": ("place",),
}
"""What two records of people with one birth date and one victim share besides, by rule."""

ALWAYS_ALLOWED, TIMES_EVEN, DAYS_OF_YEAR = 5, 10, 366


def known_rows(histories: EventHistories, task: Task, as_of: Any) -> pd.DataFrame:
    """Return one row a named record that counts in features as of a date, as numbers.

    Parameters
    ----------
    histories : EventHistories
    task : Task
        Its edition gives the harm, its `feature_evidence` what counts: never a cancelled record.
    as_of : date-like

    Returns
    -------
    DataFrame
        row (in ``histories.events``), person, event_time, day, offence, victim (-1 where none is
        named), harm (days), in_last_year.
    """
    moment, arrays = instant_us(as_of), histories.arrays
    known = (arrays.event_time < moment) & (arrays.recorded_time < moment)
    known &= counted(task.feature_evidence)[evidence_before(histories, moment)]
    row = np.flatnonzero(known)
    happened = arrays.event_time[row]
    return pd.DataFrame(
        {
            "row": row,
            "person": histories.events["person_code"].to_numpy()[row],
            "event_time": happened,
            "day": happened // DAY_US,
            "offence": arrays.offence_code[row],
            "victim": pd.factorize(histories.events["victim_id"].iloc[row])[0],
            "harm": price_events(histories, task).harm[row],
            "in_last_year": moment - happened <= YEAR_DAYS * DAY_US,
        }
    )


def duplicate_events(histories: EventHistories, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the records of one person, day, offence and victim of which there are several.

    Parameters
    ----------
    histories : EventHistories
    rows : DataFrame
        From `known_rows`.

    Returns
    -------
    DataFrame
        group (numbered from 0), kind (the weaker where no victim is named), surplus (all of a
        group but the one recorded first), and the record: source_id, person_id, event_time,
        recorded_time, offence, victim_id, incident_id (missing where it has none), harm (days),
        in_last_year.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(100, seed=1)
    >>> rows = known_rows(world.histories, Task(offences=world.offences), "2024-01-01")
    >>> alike = duplicate_events(world.histories, rows)
    >>> bool((alike.groupby("group")["surplus"].sum() == alike.groupby("group").size() - 1).all())
    True
    """
    key = ["person", "day", "offence", "victim"]
    alike = rows[rows.duplicated(key, keep=False)]
    records = histories.events.iloc[alike["row"]].reset_index(drop=True)
    table = records.assign(
        group=alike.groupby(key, sort=False).ngroup().to_numpy(),
        kind=np.where(alike["victim"] >= 0, *KINDS),
        incident_id=records["incident_id"].mask(records["incident_id"].str.startswith("\x00")),
        harm=alike["harm"].to_numpy(),
        in_last_year=alike["in_last_year"].to_numpy(),
    ).sort_values(["group", "recorded_time", "source_id"], ignore_index=True)
    return table.assign(surplus=table.duplicated("group"))[EVENT_COLUMNS]


def birth_dates(
    histories: EventHistories, rows: pd.DataFrame
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return the birth dates of persons with a record: those that tell them apart, and the others.

    A date, or a day of the year, that is held by more than five people and ten times an even
    spread is a stand-in (the 1 July that a year of birth is held as, a 1 January for "unknown"):
    sharing it says nothing.

    Parameters
    ----------
    histories : EventHistories
    rows : DataFrame
        From `known_rows`.

    Returns
    -------
    two Series of datetime64
        By person code.
    """
    person = np.unique(rows["person"])
    born = histories.people["birth_date"].iloc[person].set_axis(person).dropna().dt.normalize()
    if born.empty:
        return born, born
    span = (born.max() - born.min()).days + 1
    shared = _too_many(born, span) | _too_many(born.dt.month * 31 + born.dt.day, DAYS_OF_YEAR)
    return born[~shared], born[shared]


def _too_many(values: pd.Series[Any], spread: int) -> pd.Series[bool]:
    holders = values.map(values.value_counts())
    return holders > ALWAYS_ALLOWED + TIMES_EVEN * len(values) / spread


def likely_pairs(
    histories: EventHistories, rows: pd.DataFrame, born: pd.Series[Any]
) -> pd.DataFrame:
    """Return pairs of ids with one birth date and records that a single person would leave.

    Parameters
    ----------
    histories : EventHistories
    rows : DataFrame
        From `known_rows`.
    born : Series
        Birth dates that tell people apart, by person code: from `birth_dates`.

    Returns
    -------
    DataFrame
        person_id_l, person_id_r (the former first in order), and a bool for each of `RULES`.
    """
    near = _near(rows, born)
    near = near.assign(place=pd.factorize(histories.events["place"].iloc[near["row"]])[0])
    found = {rule: _pairs(near, columns) for rule, columns in RULES.items()}
    both = ["person_l", "person_r"]
    pairs = pd.concat(found.values()).drop_duplicates().sort_values(both, ignore_index=True)
    fired = {
        rule: pairs.merge(table.assign(fired=True), "left", on=both)["fired"].notna()
        for rule, table in found.items()
    }
    ids = histories.people.index
    names = {f"person_id_{side}": ids.take(pairs[f"person_{side}"].to_numpy()) for side in "lr"}
    return pd.DataFrame({**names, **fired})


def _near(rows: pd.DataFrame, born: pd.Series[Any]) -> pd.DataFrame:
    """Return the rows of people who share both a victim and a birth date with another."""
    victims = rows.loc[rows["victim"] >= 0, ["person", "victim"]].drop_duplicates()
    victims = victims[victims.duplicated("victim", keep=False)]
    victims = victims.assign(born=born.reindex(victims["person"]).to_numpy()).dropna()
    shared = victims[victims.duplicated(["victim", "born"], keep=False)]
    return rows.merge(shared, on=["person", "victim"])


def _pairs(near: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return the pairs of persons with a row each that agree on birth date, victim and columns."""
    key = ["born", "victim", *columns]
    known = near[near["place"] >= 0] if "place" in columns else near
    each = known[["person", *key]].drop_duplicates()
    both = each.merge(each, on=key, suffixes=("_l", "_r"))
    pairs = both.loc[both["person_l"] < both["person_r"], ["person_l", "person_r"]]
    return pairs.drop_duplicates().astype(np.int64)
