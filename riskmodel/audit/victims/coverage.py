"""Whose later harm the lists cover: rates by group of victims, for several lists at once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskmodel.audit.by_group.gaps import GroupTables, joined, rate_tables
from riskmodel.audit.by_group.groups import (
    INTERSECTION,
    MOST_GROUPS,
    recorded_values,
    with_intersections,
)
from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import OF_LIST, Settings, sums_by_groups
from riskmodel.audit.victims.offences import OUTSIDE, SCORED, UNNAMED, LaterOffences

VICTIM_RATES = (
    Rate("share_of_offences", "offences", "offences", of_all=True),
    Rate("coverage", "offences_listed", "offences"),
    Rate("scored_not_listed", "offences_scored", "offences"),
    Rate("outside_cohort", "offences_outside", "offences"),
    Rate("no_suspect_named", "offences_unnamed", "offences"),
    Rate("victim_coverage", "victims_listed", "victims"),
    Rate("harm_coverage", "harm_listed", "harm", cell="offences"),
)
COVERAGE = ("coverage", "victim_coverage", "harm_coverage")
"""The rates that a list moves: of offences, of distinct identified victims, of days of harm."""
_OF_A_LIST = ("offences_listed", "offences_scored", "victims_listed", "harm_listed")


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


def victim_tables(
    offences: LaterOffences,
    groups: pd.DataFrame,
    settings: Settings | None = None,
    *,
    metrics: Sequence[str] | None = None,
) -> dict[str, GroupTables]:
    """Return, for each list, how much of the later harm to each group of victims it covers.

    Parameters
    ----------
    offences : LaterOffences
    groups : DataFrame of str
        From `victim_groups`, aligned with ``offences.rows``.
    settings : Settings, optional
    metrics : sequence of str, optional
        Names in `VICTIM_RATES`; all by default.

    Returns
    -------
    dict of str to GroupTables
        By the name of the list. ``coverage``, ``scored_not_listed``, ``outside_cohort`` and
        ``no_suspect_named`` add up to 1; ``victim_coverage`` is of distinct identified victims,
        ``harm_coverage`` of days.

    Notes
    -----
    Resampling draws whole the suspect named, or the victim where none is: fifteen victims of one
    suspect are not fifteen independent facts. All lists are judged by the same draws.
    """
    chosen = settings or Settings()
    rates = [rate for rate in VICTIM_RATES if metrics is None or rate.name in metrics]
    parts: dict[str, list[GroupTables]] = {str(name): [] for name in offences.covered}
    if not (len(offences) and parts and len(groups.columns)):
        return {name: joined([]) for name in parts}
    drawn = sums_by_groups(_quantities(offences), groups, offences.rows["cluster"], chosen)
    for column, sums in drawn.items():
        for name, tables in parts.items():
            mine = sums.of_list(name)
            tables.append(rate_tables(column, mine, rates, chosen, size="offences"))
    return {name: joined(tables) for name, tables in parts.items()}


def _quantities(offences: LaterOffences) -> pd.DataFrame:
    """Return what is summed; what depends on the list is named ``quantity@list``."""
    rows = offences.rows
    victim = _victims_counted_once(offences)
    found = {
        "offences": 1.0,
        "offences_outside": rows["standing"] == OUTSIDE,
        "offences_unnamed": rows["standing"] == UNNAMED,
        "victims": victim,
        "harm": rows["harm"],
    }
    whose = rows.groupby(["as_of", "victim_id"], dropna=False).ngroup()
    covered_victim = offences.covered.groupby(whose).transform("any")
    for name, covered in offences.covered.items():
        own = (
            covered,
            (rows["standing"] == SCORED) & ~covered,
            victim & covered_victim[name],
            rows["harm"] * covered,
        )
        names = [f"{part}{OF_LIST}{name}" for part in _OF_A_LIST]
        found |= dict(zip(names, own, strict=True))
    return pd.DataFrame(found, index=rows.index).astype(float)


def _victims_counted_once(offences: LaterOffences) -> pd.Series:
    """Return one row of each identified victim of a date: the best covered of their offences."""
    place = offences.rows["standing"].map({SCORED: 0, OUTSIDE: 1, UNNAMED: 2})
    order = offences.rows.assign(place=place, on=-offences.covered.sum(axis=1))
    by_victim = order.sort_values(["on", "place"], kind="stable")
    first = ~by_victim.duplicated(["as_of", "victim_id"]) & by_victim["victim_id"].notna()
    return first.reindex(offences.rows.index)
