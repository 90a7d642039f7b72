"""The peers' columns with timeseriesflattener, in the environment that `peers` makes.

Its windows are closed at both ends: an event at the time of prediction counts. So that time is put
one microsecond earlier, which makes them [t - w, t) for times in whole seconds.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from timeseriesflattener import (
    CountAggregator,
    Flattener,
    MaxAggregator,
    PredictionTimeFrame,
    PredictorSpec,
    SumAggregator,
    ValueFrame,
)
from words import EVIDENCE, GROUPS, LONG_WINDOWS, WINDOWS, coded_path

MOMENT = dt.timedelta(microseconds=1)
EVER_DAYS = 20_000
AGGREGATORS = {"count": CountAggregator(), "harm_sum": SumAggregator(), "harm_max": MaxAggregator()}


def prepare(folder: Path, columns: list[dict[str, Any]], dates: np.ndarray) -> Any:
    """Read the tables; a value's column is missing where a record is not of its category."""
    events = pl.read_parquet(coded_path(folder, "events"))
    events = events.filter(pl.col("evidence") != EVIDENCE.index("cancelled"))
    people = [
        events.filter(pl.col("event_time") < t)
        .select("person")
        .unique()
        .with_columns(time=t - MOMENT)
        for t in dates.tolist()
    ]
    values = {
        "all": events.select("person", "event_time", value_all="harm"),
        "group": _by_category(events, "group", GROUPS),
        "evidence": _by_category(events, "evidence", EVIDENCE[:-1]),
    }
    return pl.concat(people), values, columns


def _by_category(events: pl.DataFrame, name: str, words: tuple[str, ...]) -> pl.DataFrame:
    columns = {
        f"value_{word}_": pl.when(pl.col(name) == code).then("harm")
        for code, word in enumerate(words)
    }
    return events.select("person", "event_time", **columns)


def run(state: Any) -> pl.DataFrame:
    """Return its flat table."""
    people, values, _ = state
    specs = [
        spec(values["all"], WINDOWS, ("count", "harm_sum", "harm_max")),
        spec(values["group"], LONG_WINDOWS, ("count", "harm_sum")),
        spec(values["evidence"], LONG_WINDOWS, ("count",)),
    ]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        frame = PredictionTimeFrame(
            init_df=people, entity_id_col_name="person", timestamp_col_name="time"
        )
        return Flattener(predictiontime_frame=frame).aggregate_timeseries(specs=specs).df


def spec(
    values: pl.DataFrame, windows: tuple[int | None, ...], measures: tuple[str, ...]
) -> PredictorSpec:
    """Return the specification of some measures over some windows."""
    return PredictorSpec(
        value_frame=ValueFrame(
            init_df=values, entity_id_col_name="person", value_timestamp_col_name="event_time"
        ),
        lookbehind_distances=[dt.timedelta(days=days or EVER_DAYS) for days in windows],
        aggregators=[AGGREGATORS[measure] for measure in measures],
        fallback=0,
    )


def as_matrix(state: Any, table: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys (date, person) and the float32 matrix."""
    columns = state[2]
    date = (pl.col("time") + MOMENT).cast(pl.Datetime("us")).cast(pl.Int64)
    keys = table.select(date, pl.col("person").cast(pl.Int64)).to_numpy()
    return keys, table.select([pl.col(its_name(c)).cast(pl.Float32) for c in columns]).to_numpy()


def its_name(column: dict[str, Any]) -> str:
    """Return how it names a column."""
    word = column.get("group") or column.get("evidence")
    value = f"value_{word}_" if word else "value_all"
    days = column.get("window_days") or EVER_DAYS
    function = AGGREGATORS[column["measure"]].name
    return f"pred_{value}_within_0_to_{days}_days_{function}_fallback_0"
