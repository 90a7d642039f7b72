"""The columns by their definitions, one person, date and column at a time: slow, plainly right.

It shares no code with the library and none with the other methods; on tiny data the others are held
against it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from words import EVIDENCE, GROUPS, coded_path

DAY = pd.Timedelta(days=1)
FOUR_YEARS_BEFORE = 5


def prepare(folder: Path, columns: list[dict[str, Any]], dates: np.ndarray) -> Any:
    """Read the tables."""
    names = ("events", "updates", "pairs")
    tables = {name: pd.read_parquet(coded_path(folder, name)) for name in names}
    return tables, columns, pd.DatetimeIndex(dates)


def run(state: Any) -> list[tuple[Any, ...]]:
    """Return one tuple a row: date, person, then the columns."""
    tables, columns, dates = state
    rows = []
    for t in dates:
        known = _known(tables["events"], tables["updates"], t)
        for person, records in known.groupby("person"):
            others = _others(tables["pairs"], records, known)
            rows.append((t, person, *(_column(c, records, others) for c in columns)))
    return rows


def as_matrix(state: Any, rows: list[tuple[Any, ...]]) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG001
    """Return the keys (date, person) and the float32 matrix."""
    keys = np.array(
        [[t.to_datetime64().astype("datetime64[us]").astype(int), p] for t, p, *_ in rows]
    )
    return keys, np.array([row[2:] for row in rows], dtype=np.float32)


def _known(events: pd.DataFrame, updates: pd.DataFrame, t: pd.Timestamp) -> pd.DataFrame:
    known = events[(events["event_time"] < t) & (events["recorded_time"] < t)].copy()
    for row in known.index:
        told = updates[
            (updates["event"] == known.at[row, "event"]) & (updates["recorded_time"] < t)
        ]
        if len(told):
            known.at[row, "evidence"] = told.sort_values(["recorded_time", "evidence"])[
                "evidence"
            ].iloc[-1]
    known["age"] = t - known["event_time"]
    return known[known["evidence"] != EVIDENCE.index("cancelled")]


def _others(pairs: pd.DataFrame, records: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    mine = pairs[pairs["event"].isin(records["event"]) & pairs["other_event"].isin(known["event"])]
    return mine.merge(records[["event", "age"]], on="event")


def _column(spec: dict[str, Any], records: pd.DataFrame, others: pd.DataFrame) -> float:
    for kind in ("ratio", "difference"):
        if kind in spec:
            first, second = (_column(part, records, others) for part in spec[kind])
            if kind == "difference":
                return first - second
            return first / second if second else np.nan
    value = _measure(spec, _passing(spec, records), others)
    return value / (spec["window_days"] / 365) if spec.get("per_year_at_risk") else value


def _passing(spec: dict[str, Any], records: pd.DataFrame) -> pd.DataFrame:
    if "group" in spec:
        records = records[records["group"] == GROUPS.index(spec["group"])]
    if "evidence" in spec:
        records = records[records["evidence"] == EVIDENCE.index(spec["evidence"])]
    if "serious" in spec:
        records = records[records["serious"] == spec["serious"]]
    return records


def _measure(spec: dict[str, Any], records: pd.DataFrame, others: pd.DataFrame) -> float:  # noqa: PLR0911
    measure, days = spec["measure"], spec.get("window_days")
    if measure.startswith("days_since"):
        ages = records["age"] / DAY
        return float(ages.max() if measure.endswith("first") else ages.min())
    if measure.startswith("trend"):
        value = "harm" if measure.endswith("harm") else None
        recent = _within(records, 0, days)
        before = _within(records, days, days * FOUR_YEARS_BEFORE)
        recent, before = (part[value].sum() if value else len(part) for part in (recent, before))
        return float(recent - before / 4)
    found = records if days is None else _within(records, 0, days)
    if measure == "count":
        return len(found)
    if measure == "harm_sum":
        return float(found["harm"].sum())
    if measure == "harm_max":
        return float(found["harm"].max()) if len(found) else 0.0
    if measure in ("incidents", "victims", "places"):
        return found[measure[:-1]].nunique()
    if measure == "co_accused":
        return (others if days is None else _within(others, 0, days))["other"].nunique()
    if measure == "repeat_victims":
        return int((found.groupby("victim")["incident"].nunique() >= 2).sum())
    return _gap(records, days)


def _gap(records: pd.DataFrame, days: int | None) -> float:
    ages = records.groupby("incident")["age"].min()
    ages = ages if days is None else ages[ages <= days * DAY]
    if len(ages) < 2:
        return np.nan
    return float((ages.max() - ages.min()) / DAY / (len(ages) - 1))


def _within(records: pd.DataFrame, more_than: int, at_most: int) -> pd.DataFrame:
    age = records["age"]
    return records[(age > more_than * DAY) & (age <= at_most * DAY)]
