"""What likely duplicates do to the list: everyone ranked anew with them removed or merged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.histories.cross_checks import is_among
from riskmodel.histories.events import EventHistories
from riskmodel.histories.groups import check_groups
from riskmodel.histories.merging import merge_persons
from riskmodel.histories.person_links import is_any_known, representatives
from riskmodel.histories.selection import of_people, without_records
from riskmodel.schema import NOT_RECORDED
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.duplicates import KINDS, duplicate_events, known_rows
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import YEAR_DAYS, instant
from riskmodel.statistics.ranking import rank_descending

SCENARIOS = (
    "surplus events removed",
    "the weaker kind removed too",
    "persons merged",
    "persons merged, surplus events removed",
)
CHANGE_COLUMNS = ["scenario", "person_id", "change", "rank_before", "rank_after"]
FAR = 10
RULE = "harm_1y"


def rule_in_use(
    histories: EventHistories, task: Task, as_of: Any, groups: pd.DataFrame | None = None
) -> pd.Series[Any]:
    """Return last year's summed harm (days) of everyone in the cohort, by person_id.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of : date-like
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic.
    """
    least = replace(task, features=(Feature("count", 365),))  # the rules are always computed
    found = features_at(histories, least, as_of, groups=groups, require_people=False)
    ids = pd.Index(found.person_id[found.scored], dtype=object)
    return pd.Series(found.rules[RULE].to_numpy(), index=ids)


def ranks(values: pd.Series[Any], seed: int) -> pd.Series[Any]:
    """Return the rank of each person who has one, ties by a seeded hash of the id."""
    rank = rank_descending(values.to_numpy(dtype=np.float64), values.index.to_numpy(), seed).rank
    return pd.Series(rank, index=values.index)[rank > 0]


def touched_people(
    histories: EventHistories, task: Task, as_of: Any, events: pd.DataFrame, pairs: pd.DataFrame
) -> EventHistories:
    """Return, as known at a date, those whom removing or merging can change: the rest stay as is.

    Surplus records before the window of the rule and of the cohort change neither.
    """
    lookback = task.cohort.lookback_days
    recent = np.ones(len(events), dtype=bool)
    if lookback is not None:
        start = instant(as_of) - pd.Timedelta(days=max(lookback, YEAR_DAYS))
        recent = (events["event_time"] >= start).to_numpy()
    ids = [events.loc[recent, "person_id"], pairs["person_id_l"], pairs["person_id_r"]]
    return of_people(histories, pd.concat(ids).drop_duplicates()).before(instant(as_of))


def changes(
    touched: EventHistories,
    task: Task,
    as_of: Any,
    *,
    before: pd.Series[Any],
    events: pd.DataFrame,
    pairs: pd.DataFrame,
    k: int,
    seed: int = 0,
    groups: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return who is on the list of `k` before or after, scenario by scenario.

    Parameters
    ----------
    touched : EventHistories
        From `touched_people`: only they are computed anew.
    task : Task
    as_of : date-like
    before : Series
        From `rule_in_use`.
    events : DataFrame
        From `riskmodel.snapshots.duplicates.duplicate_events`.
    pairs : DataFrame
        person_id_l, person_id_r: whom to merge.
    k, seed : int
        Length of the list; of the order among equals.
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic.

    Returns
    -------
    DataFrame
        scenario, person_id (of merged persons the first id), change (entered, left, stayed),
        rank_before (the best of the ids), rank_after (missing where the person has no rank).
    """
    stands_for = _standing(touched, pairs)
    others, was = before.drop(touched.persons, errors="ignore"), ranks(before, seed)
    best = was.groupby(_one_of(was.index, stands_for)).min()
    found = []
    for name, variant in _variants(touched, task, as_of, events, pairs).items():
        merged = name in SCENARIOS[2:]
        after = others
        if len(variant.persons):
            seen = _collapsed(groups, stands_for) if merged else groups
            after = pd.concat([others, rule_in_use(variant, task, as_of, seen)])
        changed = _on_either(best if merged else was, ranks(after, seed), k)
        found.append(changed.assign(scenario=name))
    return pd.concat(found, ignore_index=True)[CHANGE_COLUMNS]


def _standing(touched: EventHistories, pairs: pd.DataFrame) -> pd.Series[Any]:
    ids = pd.Series(touched.persons.astype(object), index=touched.persons.astype(object))
    return ids.iloc[representatives(touched.persons, pairs)].set_axis(ids.index)


def _variants(
    touched: EventHistories, task: Task, as_of: Any, events: pd.DataFrame, pairs: pd.DataFrame
) -> dict[str, EventHistories]:
    there = is_among(events["source_id"], touched.events["source_id"])
    surplus = events[events["surplus"] & there]
    sure = surplus.loc[surplus["kind"] == KINDS[0], "source_id"]
    merged = merge_persons(touched, pairs) if is_any_known(touched.persons, pairs) else touched
    again = duplicate_events(merged, known_rows(merged, task, as_of))
    twice = again.loc[again["surplus"] & (again["kind"] == KINDS[0]), "source_id"]
    variants = (
        without_records(touched, sure),
        without_records(touched, surplus["source_id"]),
        merged,
        without_records(merged, twice),
    )
    return dict(zip(SCENARIOS, variants, strict=True))


def _collapsed(groups: pd.DataFrame | None, stands_for: pd.Series[Any]) -> pd.DataFrame | None:
    """Return one row a merged person: of each characteristic the first value recorded."""
    if groups is None:
        return None
    table = check_groups(groups).replace(NOT_RECORDED, pd.NA)
    one = _one_of(table["person_id"], stands_for)
    return table.assign(person_id=one).groupby("person_id", as_index=False).first()


def _one_of(ids: Any, stands_for: pd.Series[Any]) -> Any:
    """Return for each id the one that stands for it; its own where it is not among the touched."""
    return stands_for.reindex(ids).where(lambda one: one.notna(), list(ids)).to_numpy()


def _on_either(before: pd.Series[Any], after: pd.Series[Any], k: int) -> pd.DataFrame:
    """Return everyone on either list, by rank: after, or before for those who left."""
    table = pd.DataFrame({"rank_before": before, "rank_after": after}).astype("Int64")
    listed = (table <= k).fillna(False).astype(bool)
    was, is_now = listed["rank_before"], listed["rank_after"]
    table["change"] = np.select([is_now & ~was, was & ~is_now], ["entered", "left"], "stayed")
    table = table[was | is_now].rename_axis("person_id").reset_index()
    return table.sort_values(["rank_after", "rank_before"], ignore_index=True)


def counted_changes(changed: pd.DataFrame) -> pd.DataFrame:
    """Count, scenario by scenario, who entered, who left, and who moved by more than ten places."""
    far = (changed["rank_after"] - changed["rank_before"]).abs().fillna(FAR + 1) > FAR
    marks = {
        "entered": changed["change"] == "entered",
        "left": changed["change"] == "left",
        "moved_over_10": far.astype(bool),
    }
    counts = pd.DataFrame(marks).groupby(changed["scenario"]).sum()
    return counts.reindex(list(SCENARIOS), fill_value=0).astype(np.int64)
