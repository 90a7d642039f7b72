"""The same histories for the other libraries: ids as whole numbers, offences looked up.

Everything here is done once, outside the timed part, and depends on no date: it is what the
library's own arrays hold as well. Persons, incidents and victims are numbers, every event has its
harm, group and seriousness, and the pairs of events of different people in one incident are listed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from data import Chunk, offence_table
from words import GROUPS, coded_path

TABLES = ("events", "updates", "pairs")


def write_coded(folder: Path, chunks: list[Chunk]) -> None:
    """Write coded_events.parquet, coded_updates.parquet and coded_pairs.parquet."""
    events = pd.concat([_events(chunk) for chunk in chunks], ignore_index=True)
    updates = pd.concat([_updates(chunk) for chunk in chunks], ignore_index=True)
    for name, table in zip(TABLES, (events, updates, _pairs(events)), strict=True):
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), coded_path(folder, name))


def _events(chunk: Chunk) -> pd.DataFrame:
    offences = offence_table().iloc[chunk.offence].reset_index(drop=True)
    return pd.DataFrame(
        {
            "event": chunk.source,
            "person": chunk.person.astype(np.int32),
            "event_time": _times(chunk.event_time),
            "recorded_time": _times(chunk.recorded_time),
            "incident": chunk.incident,
            "victim": _with_missing(chunk.victim),
            "place": _with_missing(chunk.place),
            "harm": offences["harm"],
            "group": offences["group"].map(GROUPS.index).astype(np.int8),
            "serious": offences["serious"],
            "evidence": chunk.evidence,
        }
    )


def _with_missing(codes: np.ndarray) -> pd.Series:
    return pd.Series(codes, dtype="Int64").where(codes >= 0)


def _updates(chunk: Chunk) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event": chunk.update_source,
            "recorded_time": _times(chunk.update_time),
            "evidence": chunk.update_evidence,
        }
    )


def _times(seconds: np.ndarray) -> np.ndarray:
    return seconds.astype("datetime64[s]").astype("datetime64[us]")


def _pairs(events: pd.DataFrame) -> pd.DataFrame:
    """Return event, other_event and other: events of other people in the same incident."""
    named = events[["event", "person", "incident"]]
    shared = named[named["incident"].duplicated(keep=False)]
    both = shared.merge(shared, on="incident", suffixes=("", "_other"))
    both = both[both["person"] != both["person_other"]]
    return both.rename(columns={"event_other": "other_event", "person_other": "other"})[
        ["event", "other_event", "other"]
    ]
