"""Who does the harm that the list covers: later serious offences by group of the people named.

Rates of people listed speak of the people scored. These speak of everybody named for later harm,
in the cohort or not: women may be 2 of 100 listed and 12 in 100 of those named.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.by_group.gaps import GroupTables, joined, rate_tables
from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import Settings, sums_by_groups
from riskmodel.audit.victims.window_events import observed_dates, rows_of_events, window_events
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

SUSPECT_RATES = (
    Rate("share_of_offences", "offences", "offences", of_all=True),
    Rate("share_of_covered", "offences_listed", "offences_listed", of_all=True),
    Rate("coverage", "offences_listed", "offences"),
    Rate("outside_cohort", "offences_outside", "offences"),
    Rate("harm_coverage", "harm_listed", "harm", cell="offences"),
)
"""Each offence counts once for each person named for it."""
_KEYS = ["as_of", "person_id", "incident_id"]


def named_offences(
    snapshots: Snapshots, histories: EventHistories, task: Task, listed: ArrayLike
) -> pd.DataFrame:
    """Return the serious offences of each date's outcome window by person named.

    Returns
    -------
    DataFrame
        One row per (date, person, incident): as_of, person_id, incident_id, harm (days of the
        serious offences), and bool: scored (in the cohort on the date), listed.
    """
    events = window_events(histories, task, observed_dates(snapshots), snapshots.known_at)
    events = events[events["person_id"].notna()].reset_index(drop=True)
    row = rows_of_events(snapshots, events)
    on_list = np.asarray(listed, dtype=bool)
    table = events.assign(scored=row >= 0, listed=on_list[row] & (row >= 0))
    grouped = table.groupby(_KEYS)
    return grouped.agg(
        harm=("harm", "sum"), scored=("scored", "any"), listed=("listed", "any")
    ).reset_index()


def suspect_tables(
    offences: pd.DataFrame, groups: pd.DataFrame, settings: Settings | None = None
) -> GroupTables:
    """Return how much of the later harm that each group of people does the list covers.

    Parameters
    ----------
    offences : DataFrame
        From `named_offences`.
    groups : DataFrame of str
        Characteristics of the people named, aligned with it.
    settings : Settings, optional

    Returns
    -------
    GroupTables
        ``share_of_offences`` against ``share_of_covered`` shows whose harm the list sees;
        ``outside_cohort`` is of people who were not scored on the date: no list of this cohort
        holds them.
    """
    chosen = settings or Settings()
    if not (len(offences) and len(groups.columns)):
        return joined([])
    scored, on_list = offences["scored"], offences["listed"]
    quantities = pd.DataFrame(
        {
            "offences": 1.0,
            "offences_listed": on_list,
            "offences_outside": ~scored,
            "harm": offences["harm"],
            "harm_listed": offences["harm"] * on_list,
        }
    ).astype(float)
    drawn = sums_by_groups(quantities, groups, offences["person_id"], chosen)
    return joined(
        [
            rate_tables(name, sums, SUSPECT_RATES, chosen, size="offences")
            for name, sums in drawn.items()
        ]
    )
