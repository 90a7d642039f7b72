"""Whose later harm the list covers: serious offences by victim, and who was named for them.

One offence here is one victim in one incident. It is covered where any suspect named for it was
on the list as of the date; no list of named suspects covers those with no suspect named.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.gaps import GroupTables, joined, rate_tables, warn_withheld
from riskmodel.audit.groups import INTERSECTION, MOST_GROUPS, recorded_values, with_intersections
from riskmodel.audit.rates import Rate, Settings, sums_by_group
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.outcomes import outcome_events
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

LISTED = "on the list"
SCORED = "scored, not listed"
OUTSIDE = "named, not in the cohort"
UNNAMED = "no suspect named"
STANDINGS = (LISTED, SCORED, OUTSIDE, UNNAMED)

VICTIM_RATES = (
    Rate("share_of_offences", "offences", "offences", of_all=True),
    Rate("coverage", "offences_listed", "offences"),
    Rate("scored_not_listed", "offences_scored", "offences"),
    Rate("outside_cohort", "offences_outside", "offences"),
    Rate("no_suspect_named", "offences_unnamed", "offences"),
    Rate("victim_coverage", "victims_listed", "victims"),
    Rate("harm_coverage", "harm_listed", "harm", cell="offences"),
)


def later_offences(
    snapshots: Snapshots,
    histories: EventHistories,
    task: Task,
    listed: ArrayLike,
) -> pd.DataFrame:
    """Return the serious offences of each date's outcome window, and where their suspect stood.

    Parameters
    ----------
    snapshots : Snapshots
        The people scored; only dates whose outcome was observed are read.
    histories : EventHistories
    task : Task
        Its outcome says what counts.
    listed : array of bool, shape (n,)
        Who was on the list, row by row.

    Returns
    -------
    DataFrame
        One row per (date, incident, victim): as_of, incident_id, victim_id (missing where not
        recorded), cluster (whom to resample whole), standing (one of `STANDINGS`), harm (days).
    """
    rows = pd.DataFrame(
        {
            "as_of": snapshots.as_of,
            "person_id": snapshots.person_id,
            "standing": np.where(np.asarray(listed, dtype=bool), 0, 1),
        }
    )
    dates = snapshots.as_of[snapshots.observed].drop_duplicates().sort_values()
    parts = []
    for date in dates:
        events = outcome_events(histories, task, date, snapshots.known_at)
        stood = rows[rows["as_of"] == date].set_index("person_id")["standing"]
        parts.append(_offences_of(events[events["serious"]], stood).assign(as_of=date))
    return pd.concat(parts, ignore_index=True) if parts else _offences_of(_no_events(), None)


def _no_events() -> pd.DataFrame:
    names = ["person_id", "incident_id", "victim_id", "offence", "harm"]
    return pd.DataFrame({name: pd.Series(dtype="str") for name in names}).astype({"harm": float})


def _offences_of(events: pd.DataFrame, stood: pd.Series | None) -> pd.DataFrame:
    standing = events["person_id"].map(stood) if stood is not None else np.nan
    level = np.where(events["person_id"].isna(), 3, pd.Series(standing).fillna(2).to_numpy())
    table = events.assign(standing=level.astype(int)).sort_values("standing", kind="stable")
    # co-accused stand in several records of one offence, which hurt its victim once
    keys = ["incident_id", "victim_id"]
    harm = table.groupby([*keys, "offence"], dropna=False)["harm"].max()
    first = table.drop_duplicates(keys).set_index(keys)
    result = pd.DataFrame(
        {
            "standing": first["standing"].map(dict(enumerate(STANDINGS))),
            "cluster": first["person_id"],
            "harm": harm.groupby(level=[0, 1], dropna=False).sum().reindex(first.index),
        }
    ).reset_index()
    own = result["victim_id"].fillna(result["incident_id"])
    return result.assign(cluster=("person " + result["cluster"]).fillna("victim " + own))


def victim_groups(
    offences: pd.DataFrame,
    victims: pd.DataFrame,
    *,
    intersections: Sequence[tuple[str, ...]] = (),
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the characteristics of each offence's victim, and notes on columns left out.

    Unknown is "Not recorded". An intersection needs all of its columns in the victims table. A
    column with more than `MOST_GROUPS` values is no characteristic, and is left out.

    Examples
    --------
    >>> offences = pd.DataFrame({"victim_id": ["v1", None]})
    >>> victims = pd.DataFrame({"victim_id": ["v1"], "sex": ["female"]})
    >>> victim_groups(offences, victims)[0]["sex"].tolist()
    ['female', 'Not recorded']
    """
    table = victims.drop(columns=["person_id"], errors="ignore").set_index("victim_id")
    aligned = recorded_values(table.reindex(offences["victim_id"].to_numpy(dtype=object)))
    wide = [name for name in aligned.columns if aligned[name].nunique() > MOST_GROUPS]
    kept = aligned.drop(columns=wide)
    joint = [names for names in intersections if set(names) <= set(kept.columns)]
    notes = [f"victims.{name} has more than {MOST_GROUPS} values and is left out" for name in wide]
    notes += [
        f"the intersection {INTERSECTION.join(names)} is not measured for victims: the victims "
        "table lacks a column of it"
        for names in intersections
        if names not in joint
    ]
    return with_intersections(kept, joint), tuple(notes)


def victim_table(
    offences: pd.DataFrame,
    groups: pd.DataFrame,
    settings: Settings | None = None,
    *,
    warn: bool = True,
) -> GroupTables:
    """Return how much of the later harm to each group of victims the list covers.

    Parameters
    ----------
    offences : DataFrame
        From `later_offences`.
    groups : DataFrame of str
        From `victim_groups`, aligned with `offences`.
    settings : Settings, optional
    warn : bool, default True
        One `SmallGroupWarning` that counts the withheld rates.

    Returns
    -------
    GroupTables
        Rates: ``coverage``, ``scored_not_listed``, ``outside_cohort`` and ``no_suspect_named`` add
        up to 1; ``victim_coverage`` is of distinct identified victims, ``harm_coverage`` of days.

    Notes
    -----
    Resampling draws whole the suspect named, or the victim where none is: fifteen victims of one
    suspect are not fifteen independent facts.
    """
    chosen = settings or Settings()
    quantities = _quantities(offences)
    parts = []
    for name in groups.columns:
        sums = sums_by_group(quantities, groups[name], offences["cluster"], chosen)
        parts.append(rate_tables(str(name), sums, VICTIM_RATES, chosen, size="offences"))
    tables = joined(parts)
    if warn:
        warn_withheld(tables.rates, chosen.minimum_cell)
    return tables


def _quantities(offences: pd.DataFrame) -> pd.DataFrame:
    standing = offences["standing"]
    on_list = (standing == LISTED).to_numpy()
    # a victim of several offences counts once a date, as covered if any of them is
    by_victim = offences.sort_values("standing", key=_order, kind="stable")
    first = ~by_victim.duplicated(["as_of", "victim_id"]) & by_victim["victim_id"].notna()
    identified = first.reindex(offences.index).to_numpy()
    return pd.DataFrame(
        {
            "offences": 1.0,
            "offences_listed": on_list,
            "offences_scored": standing == SCORED,
            "offences_outside": standing == OUTSIDE,
            "offences_unnamed": standing == UNNAMED,
            "victims": identified,
            "victims_listed": identified & on_list,
            "harm": offences["harm"],
            "harm_listed": offences["harm"] * on_list,
        },
        index=offences.index,
    ).astype(float)


def _order(standing: pd.Series) -> pd.Series:
    return standing.map({name: place for place, name in enumerate(STANDINGS)})


def coverage_by_date(offences: pd.DataFrame) -> pd.DataFrame:
    """Return, per date and standing of the suspect, offences, distinct victims and harm in days."""
    grouped = offences.groupby(["as_of", "standing"])
    table = grouped.agg(
        offences=("incident_id", "size"), victims=("victim_id", "nunique"), harm=("harm", "sum")
    )
    every = pd.MultiIndex.from_product(
        [sorted(offences["as_of"].unique()), STANDINGS], names=["as_of", "standing"]
    )
    return table.reindex(every, fill_value=0).reset_index()
