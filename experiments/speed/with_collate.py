"""The peers' columns with triage's Collate on PostgreSQL, in the environment that `peers` makes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from cluster import server_cpu_seconds, server_peak_mb, start_cluster
from sqlalchemy import Engine, create_engine, text
from triage.component.collate import Aggregate, SpacetimeAggregation
from words import EVIDENCE, GROUPS, LONG_WINDOWS, WINDOWS, coded_path

TABLES = """
CREATE TABLE events (entity_id integer, event_time timestamp, harm double precision,
                     offence_group smallint, evidence smallint);
CREATE TABLE cohort (entity_id integer, as_of_date date);
"""
INDEXES = "CREATE INDEX ON events (event_time); CREATE INDEX ON cohort (as_of_date);"
FUNCTIONS = {"count": "count", "harm_sum": "sum", "harm_max": "max"}
MISSING = {"all": {"type": "zero_noflag"}, "coltype": "aggregate"}


def prepare(folder: Path, columns: list[dict[str, Any]], dates: np.ndarray) -> Any:
    """Start a server, copy the tables into it, index and analyse them."""
    events = pd.read_parquet(coded_path(folder, "events"))
    events = events[events["evidence"] != EVIDENCE.index("cancelled")]
    days = [str(date.astype("datetime64[D]")) for date in dates]
    known = [events.loc[events["event_time"] < day, ["person"]].drop_duplicates() for day in days]
    cohort = pd.concat([people.assign(date=day) for people, day in zip(known, days)])  # noqa: B905
    cluster = start_cluster()
    engine = create_engine(f"postgresql+psycopg2://postgres@/postgres?host={cluster.socket}")
    with engine.begin() as connection:
        connection.execute(text(TABLES))
    _copy(engine, "events", events[["person", "event_time", "harm", "group", "evidence"]])
    _copy(engine, "cohort", cohort)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(INDEXES))
        connection.execute(text("VACUUM ANALYZE"))
    return engine, cluster, aggregations(days), columns


def _copy(engine: Engine, name: str, table: pd.DataFrame) -> None:
    lines = io.StringIO(table.to_csv(index=False, header=False))
    connection = engine.raw_connection()
    connection.cursor().copy_expert(f"COPY {name} FROM STDIN WITH (FORMAT csv)", lines)
    connection.commit()
    connection.close()


def aggregations(days: list[str]) -> list[SpacetimeAggregation]:
    """Return one aggregation for all records, and one each for groups and evidence."""
    everything = [Aggregate({"all": "harm"}, ["count", "sum", "max"], MISSING)]
    groups = [Aggregate(_by_category("offence_group", GROUPS), ["count", "sum"], MISSING)]
    evidence = [Aggregate(_by_category("evidence", EVIDENCE[:-1]), ["count"], MISSING)]
    wanted = {
        "a": (everything, WINDOWS),
        "g": (groups, LONG_WINDOWS),
        "e": (evidence, LONG_WINDOWS),
    }
    return [
        SpacetimeAggregation(
            aggregates,
            groups=["entity_id"],
            intervals=[interval(window) for window in windows],
            from_obj="events",
            dates=days,
            state_table="cohort",
            state_group="entity_id",
            prefix=prefix,
            date_column="event_time",
            output_date_column="as_of_date",
        )
        for prefix, (aggregates, windows) in wanted.items()
    ]


def _by_category(name: str, words: tuple[str, ...]) -> dict[str, str]:
    return {word: f"CASE WHEN {name} = {code} THEN harm END" for code, word in enumerate(words)}


def interval(days: int | None) -> str:
    """Return how Collate names a window."""
    return f"{days} days" if days else "all"


def run(state: Any) -> Any:
    """Make its tables, missing values filled in, one for each aggregation."""
    engine, _, wanted, _ = state
    for aggregation in wanted:
        aggregation.execute(engine)
    return engine


def as_matrix(state: Any, engine: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys (date, person) and the float32 matrix."""
    _, _, wanted, columns = state
    query = f"SELECT * FROM {wanted[0].get_table_name(imputed=True)}"
    for aggregation in wanted[1:]:
        query += f" JOIN {aggregation.get_table_name(imputed=True)} USING (entity_id, as_of_date)"
    with engine.connect() as connection:
        table = pd.read_sql_query(text(query), connection)
    engine.dispose()
    dates = pd.to_datetime(table["as_of_date"]).to_numpy().astype("datetime64[us]").astype(np.int64)
    matrix = table[[its_name(column) for column in columns]].to_numpy(dtype=np.float32)
    return np.stack([dates, table["entity_id"]], axis=1), matrix


def its_name(column: dict[str, Any]) -> str:
    """Return how it names a column."""
    prefix = "g" if "group" in column else "e" if "evidence" in column else "a"
    word = column.get("group") or column.get("evidence") or "all"
    window = interval(column.get("window_days"))
    return f"{prefix}_entity_id_{window}_{word}_{FUNCTIONS[column['measure']]}"


def cpu_seconds_elsewhere(state: Any) -> float:
    """Return the server's CPU seconds."""
    return server_cpu_seconds(state[1])


def peak_mb_elsewhere(state: Any) -> float:
    """Return the server's largest process."""
    return server_peak_mb(state[1])
