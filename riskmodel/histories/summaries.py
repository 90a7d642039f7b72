"""What can be said of a history without showing a person: digest, shares missing, lags, repeats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.histories.assembly import Parts
from riskmodel.histories.coercion import Values

TABLES_IN_ORDER = ("events", "unnamed", "people", "updates", "spells", "victims", "actions")
LAG_QUANTILES = {"median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "longest": 1.0}


def digest(parts: Parts, data_start: pd.Timestamp, data_end: pd.Timestamp) -> str:
    """Return the SHA-256 of the content as 64 hexadecimal digits.

    The tables are in an order that their content fixes, so the order in which rows or columns
    came does not matter.
    """
    sha = hashlib.sha256(f"riskmodel histories 1|{data_start}|{data_end}".encode())
    for name in TABLES_IN_ORDER:
        table: pd.DataFrame = getattr(parts, name)
        frame = (
            table.reset_index()
            if name == "people"
            else table.drop(columns="person_code", errors="ignore")
        )
        sha.update(f"|{name}|{len(frame)}".encode())
        for column in sorted(frame.columns):
            sha.update(f"|{column}|".encode())
            sha.update(_content(frame[column]))
    return sha.hexdigest()


def _content(values: Values) -> bytes:
    """Return bytes that stand for a column's values, whatever its dtype."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.to_numpy(dtype="datetime64[us]").astype("<i8").tobytes()
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        return np.where(np.isnan(numbers), np.nan, numbers + 0.0).astype("<f8").tobytes()
    texts = values.astype("str").astype(object).where(values.notna(), None)
    return json.dumps(texts.tolist()).encode()


def summary(parts: Parts, set_aside: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row a table: rows, rows set aside, share of values missing where they may be."""
    events = pd.concat([parts.events, parts.unnamed])
    own_incident = events["incident_id"].str.startswith("\x00")
    shown = {
        "events": events.assign(incident_id=events["incident_id"].mask(own_incident)),
        "updates": parts.updates,
        "people": parts.people[parts.listed],
        "spells": parts.spells,
        "victims": parts.victims,
        "actions": parts.actions,
    }
    rows = [
        {
            "table": name,
            "rows": len(table),
            "set_aside": len(set_aside.get(name, ())),
            "share_missing": float(table.isna().to_numpy().mean()) if table.size else np.nan,
        }
        for name, table in shown.items()
    ]
    return pd.DataFrame(rows).set_index("table")


def duplicates(parts: Parts) -> pd.DataFrame:
    """Count rows that repeat another under a likely meaning of "the same".

    Records that name no victim are counted apart: they are alike on weaker grounds.
    """
    events = parts.events.assign(day=parts.events["event_time"].dt.normalize())
    victim = events["victim_id"].notna()
    alike = ["person_code", "day", "offence"]
    counted = {
        "events: same person, day, offence and victim": (events[victim], [*alike, "victim_id"]),
        "events: same person, day and offence, no victim named": (events[~victim], alike),
        "events: same person, offence and incident": (
            events,
            ["person_code", "offence", "incident_id"],
        ),
        "updates: same record, time and evidence": (parts.updates, list(parts.updates.columns)),
        "spells: same person, start and kind": (parts.spells, ["person_id", "start", "kind"]),
    }
    rows = [_count_repeats(kind, table, by) for kind, (table, by) in counted.items()]
    return pd.DataFrame(rows).set_index("kind")


def _count_repeats(kind: str, table: pd.DataFrame, by: list[str]) -> dict[str, Any]:
    every, beyond_first = table.duplicated(by, keep=False), table.duplicated(by)
    groups = int(every.sum()) - int(beyond_first.sum())
    return {"kind": kind, "groups": groups, "rows_beyond_first": int(beyond_first.sum())}


def reporting_lag(parts: Parts, offences: Iterable[str] | None = None) -> pd.DataFrame:
    """Return quantiles of recorded_time less event_time in days: all events, then by offence."""
    events = pd.concat([parts.events, parts.unnamed])
    days = (events["recorded_time"] - events["event_time"]).dt.total_seconds() / 86_400
    rows = {"all": days}
    for offence in offences or ():
        rows[str(offence)] = days[(events["offence"] == str(offence)).to_numpy()]
    table = {
        name: {"n": len(lags), "mean": lags.mean()}
        | {label: lags.quantile(level) for label, level in LAG_QUANTILES.items()}
        for name, lags in rows.items()
    }
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("offence")
