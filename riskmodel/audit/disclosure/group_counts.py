"""The counts of tables of rates, entered with how groups, intersections and bands add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.audit.by_group.rates import SMALLEST_CELL
from riskmodel.audit.disclosure.ledger import Key, Ledger, Row
from riskmodel.audit.disclosure.measures import (
    NO_PEOPLE,
    OVER_EXPECTED,
    SHARE,
    SPLITS,
    WORKED,
    Measure,
)

ALL = ""
"""Stands for characteristic and group of everyone."""
COUNTED = ("rate", SHARE)


def key_of(root: str, characteristic: str, group: str, quantity: str, within: Key = ()) -> Key:
    """Return the name of a count: which table, whose, within which band or reading, of what."""
    return (root, characteristic, group, *within, quantity)


def enter_rates(
    ledger: Ledger,
    root: str,
    table: pd.DataFrame,
    measures: Mapping[str, Measure],
    within: tuple[str, ...] = (),
) -> None:
    """Enter every count of a table of rates (``RATE_COLUMNS``), and how they add up.

    Parameters
    ----------
    root : str
        "list", "victims", "band" or "label".
    within : tuple of str
        Columns beside characteristic and group, such as ``("band",)``.
    """
    known = table[table["metric"].isin(measures)] if len(table) else table
    for row in known.to_dict("records"):
        _enter_row(ledger, root, row, measures[row["metric"]], tuple(str(row[c]) for c in within))
    members = _members(known, within)
    quantities = sorted(
        {
            part
            for one in measures.values()
            if one.kind in COUNTED
            for part in (one.top, one.bottom)
            if part != "of_group"  # not every group has every band
        }
    )
    for (name, group), inner in members.items():
        for each in inner:
            _enter_splits(ledger, root, (name, group), each)
    _enter_totals(ledger, root, members, quantities)
    _enter_margins(ledger, root, members, quantities)


def _enter_row(ledger: Ledger, root: str, row: Row, measure: Measure, within: Key) -> None:
    if measure.kind not in {*COUNTED, OVER_EXPECTED}:
        return
    name, group = str(row["characteristic"]), str(row["group"])
    top = float(row["numerator"])
    people = _different_people(row, measure)
    worked = (root, measure.top) in WORKED
    ledger.count(key_of(root, name, group, measure.top, within), top, people=people, worked=worked)
    bottom = float(row["denominator"])
    if measure.kind == SHARE:
        ledger.count(key_of(root, ALL, ALL, measure.bottom, within), bottom, last=True)
    elif measure.kind == "rate":
        worked = (root, measure.bottom) in WORKED
        ledger.count(key_of(root, name, group, measure.bottom, within), bottom, worked=worked)


def _different_people(row: Row, measure: Measure) -> float:
    """Return how few people are behind a count of eight or more; inf where its size says it."""
    people = row.get("people", np.nan)
    top, bottom = float(row["numerator"]), float(row["denominator"])
    rest = bottom - top if measure.rest else 0.0
    explained = measure.kind == OVER_EXPECTED or 0 < rest < SMALLEST_CELL
    return np.inf if explained or pd.isna(people) else float(people)


def _members(table: pd.DataFrame, within: tuple[str, ...]) -> dict[tuple[str, str], list[Key]]:
    """Return, for each characteristic and group, the bands or readings that it has."""
    found: dict[tuple[str, str], list[Key]] = {}
    if len(table):
        names = ["characteristic", "group", *within]
        for row in table[names].drop_duplicates().astype(str).itertuples(index=False):
            found.setdefault((row[0], row[1]), []).append(tuple(row[2:]))
    return found


def _enter_splits(ledger: Ledger, root: str, whose: tuple[str, str], within: Key) -> None:
    """Enter what lies between a part and its whole, where no row says it."""
    for rows, guarded in ((SPLITS[root], True), (NO_PEOPLE[root], False)):
        for parts in rows:
            whole, part, rest = (key_of(root, *whose, name, within) for name in parts)
            ledger.rest(whole, part, rest, guarded=guarded)


def _enter_totals(
    ledger: Ledger,
    root: str,
    members: Mapping[tuple[str, str], list[Key]],
    quantities: Iterable[str],
) -> None:
    """Enter that the groups of each characteristic add up to everyone."""
    for name in dict.fromkeys(name for name, _ in members):
        inner = {each for (c, _), found in members.items() if c == name for each in found}
        for within in sorted(inner):
            groups = [g for (c, g), found in members.items() if c == name and within in found]
            for quantity in quantities:
                parts = [key_of(root, name, group, quantity, within) for group in groups]
                ledger.total(key_of(root, ALL, ALL, quantity, within), parts)


def _enter_margins(
    ledger: Ledger,
    root: str,
    members: Mapping[tuple[str, str], list[Key]],
    quantities: Iterable[str],
) -> None:
    """Enter that the groups of an intersection add up to those of its characteristics."""
    margins: dict[tuple[Key, tuple[str, str]], list[tuple[str, str]]] = {}
    names = {name for name, _ in members}
    for (name, group), found in members.items():
        parents, levels = name.split(INTERSECTION), group.split(INTERSECTION)
        if len(parents) < 2 or len(parents) != len(levels) or not names >= set(parents):
            continue
        for parent, level in zip(parents, levels, strict=True):
            for within in found:
                margins.setdefault((within, (parent, level + "\x1f" + name)), []).append(
                    (name, group)
                )
    for (within, (parent, tagged)), groups in margins.items():
        level = tagged.split("\x1f")[0]
        for quantity in quantities:
            parts = [key_of(root, *each, quantity, within) for each in groups]
            ledger.add_up(key_of(root, parent, level, quantity, within), parts)


def add_bands_up(ledger: Ledger, bands: pd.DataFrame) -> None:
    """Enter that the bands of a group add up to the group."""
    if bands.empty:
        return
    names = ["characteristic", "group"]
    for (name, group), rows in bands.groupby(names, sort=False):
        inner = [(str(band),) for band in rows["band"].unique()]
        for quantity in ("people", "observed", "outcome"):
            parts = [key_of("band", str(name), str(group), quantity, each) for each in inner]
            ledger.add_up(key_of("list", str(name), str(group), quantity), parts)
        for each in inner:
            of_group = key_of("band", str(name), str(group), "of_group", each)
            ledger.add_up(of_group, [key_of("list", str(name), str(group), "people")])
