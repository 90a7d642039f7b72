"""Tables as Parquet files, and what snapshots streamed from them should hold."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from riskmodel.snapshots.aggregate import aggregate
from riskmodel.snapshots.membership import membership

TABLES = ("events", "people", "updates", "spells")
DATES = pd.to_datetime(["2019-07-01", "2021-01-01", "2022-03-01"])


def write(folder, tables, *, row_group_size=None):
    """Write data frames as Parquet files; return their paths."""
    paths = {}
    for name, frame in tables.items():
        paths[name] = Path(folder) / f"{name}.parquet"
        table = (
            frame
            if isinstance(frame, pa.Table)
            else pa.Table.from_pandas(frame, preserve_index=False)
        )
        pq.write_table(table, paths[name], row_group_size=row_group_size)
    return paths


def in_one_piece(histories, task, dates):
    """Return what the stream should hold: features, rules and ids, by person, then date."""
    ticks = pd.DatetimeIndex(dates).to_numpy("datetime64[us]").astype(np.int64)
    member = membership(histories, task, ticks) == 0
    rows = np.full(member.T.shape, -1, dtype=np.int64)
    rows[member.T] = np.arange(member.sum())
    X, rules = aggregate(histories, task, ticks, np.ascontiguousarray(rows.T))
    person, date = np.nonzero(member.T)
    return X.to_numpy(), rules.to_numpy(), histories.persons[person].tolist(), date.tolist()


def joined(chunks):
    chunks = list(chunks)
    return (
        np.concatenate([chunk.X for chunk in chunks]),
        np.concatenate([chunk.rules for chunk in chunks]),
        [str(name) for chunk in chunks for name in chunk.person_id.to_pylist()],
        [int(date) for chunk in chunks for date in chunk.date],
    )


def assert_same_bits(found, expected):
    assert found[2:] == expected[2:]
    for one, two in zip(found[:2], expected[:2], strict=True):
        assert one.dtype == two.dtype
        assert one.tobytes() == np.ascontiguousarray(two).tobytes()


def span(world):
    return {"data_start": world.histories.data_start, "data_end": world.histories.data_end}
