"""The columns with DuckDB: conditional aggregates in SQL, written out from the declarations.

Two forms of the same query: ``count(DISTINCT ...) FILTER (WHERE ...)``, as one would write it; and
tuned by hand, where distinct incidents, victims and places are first grouped to their newest record
and the filters are written as count_if and sum(CASE ...), which DuckDB 2.0 runs twice as fast.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from leaves import leaf_name, leaves_of
from words import DAY_US, EVIDENCE, GROUPS, coded_path

THINGS = {"incidents": "incident", "victims": "victim", "places": "place"}
KNOWN = f"""
CREATE OR REPLACE TEMP TABLE known AS
WITH told AS (
    SELECT event, max(struct_pack(r := recorded_time, e := evidence)).e AS evidence
    FROM updates WHERE recorded_time < $t GROUP BY event
)
SELECT e.event, e.person, e.incident, e.victim, e.place, e.harm, e."group", e.serious,
       coalesce(told.evidence, e.evidence) AS evidence,
       epoch_us($t::TIMESTAMP) - epoch_us(e.event_time) AS age
FROM events e LEFT JOIN told ON told.event = e.event
WHERE e.event_time < $t AND e.recorded_time < $t
  AND coalesce(told.evidence, e.evidence) <> {EVIDENCE.index("cancelled")}
"""


def prepare(
    folder: Path, columns: list[dict[str, Any]], dates: np.ndarray, *, tuned: bool = False
) -> Any:
    """Copy the tables into a database in memory and write the query."""
    connection = duckdb.connect()
    for name in ("events", "updates", "pairs"):
        path = coded_path(folder, name)
        connection.execute(f"CREATE TABLE {name} AS FROM read_parquet('{path}')")
    return connection, query(columns, tuned=tuned), dates.tolist()


def run(state: Any) -> Any:
    """Make the table ``features``: date, person and the columns."""
    connection, text, dates = state
    connection.execute("DROP TABLE IF EXISTS features")
    for k, t in enumerate(dates):
        connection.execute(KNOWN, {"t": t})
        verb = "INSERT INTO features" if k else "CREATE TABLE features AS"
        connection.execute(f"{verb} {text}", {"t": t})
    return connection


def as_matrix(state: Any, connection: Any) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG001
    """Return the keys (date, person) and the float32 matrix."""
    found = connection.execute("FROM features").fetchnumpy()
    dates, person, *values = found.values()
    keys = np.stack([dates.astype("datetime64[us]").astype(np.int64), person], axis=1)
    filled = [np.ma.filled(value, np.nan) for value in values]
    return keys, np.stack(filled, axis=1, dtype=np.float32)


def query(columns: list[dict[str, Any]], *, tuned: bool) -> str:
    """Return the query over the records known at a date."""
    leaves = {leaf_name(leaf): leaf for column in columns for leaf in leaves_of(column)}
    tables = {name: [] for name in ("own", "shared", "repeated", "dated", "shown", "placed")}
    for leaf in leaves.values():
        tables[table_of(leaf, tuned)].append(leaf)
    tables = {name: found for name, found in tables.items() if found}
    parts = [f"{name} AS ({selects(name, found, tuned)})" for name, found in tables.items()]
    joins = " ".join(f"LEFT JOIN {name} USING (person)" for name in tables if name != "own")
    values = ", ".join(f'({value_of(c)})::FLOAT AS "{c["name"]}"' for c in columns)
    return (
        f"WITH {', '.join(parts)} SELECT $t::TIMESTAMP AS date, person, {values} FROM own {joins}"
    )


def table_of(leaf: dict[str, Any], tuned: bool) -> str:
    """Return which part of the query computes a plain feature."""
    measure = leaf["measure"]
    if measure in ("co_accused", "repeat_victims", "gap"):
        return {"co_accused": "shared", "repeat_victims": "repeated", "gap": "dated"}[measure]
    if tuned and measure in THINGS:
        return {"incidents": "dated", "victims": "shown", "places": "placed"}[measure]
    return "own"


SOURCES = {
    "own": "known",
    "shared": "(SELECT k.person, p.other, min(k.age) AS age "
    "FROM known k JOIN pairs p USING (event) "
    "SEMI JOIN known o ON o.event = p.other_event GROUP BY ALL)",
    "repeated": "(SELECT person, list_sort(list(age))[2] AS age FROM (SELECT person, victim, "
    "incident, min(age) AS age FROM known WHERE victim IS NOT NULL GROUP BY ALL) "
    "GROUP BY person, victim HAVING count(*) > 1)",
}  # the second newest incident of a victim says in which windows there are two
NEWEST = (
    "(SELECT person, {thing}, min(age) AS age, min(age) FILTER (WHERE serious) AS serious_age "
    "FROM known WHERE {thing} IS NOT NULL GROUP BY ALL)"
)
for _name, _thing in (("dated", "incident"), ("shown", "victim"), ("placed", "place")):
    SOURCES[_name] = NEWEST.format(thing=_thing)


def selects(table: str, leaves: list[dict[str, Any]], tuned: bool) -> str:
    """Return the SELECT of one part of the query."""
    columns = ", ".join(
        f'{aggregate(table, leaf, tuned)} AS "{leaf_name(leaf)}"' for leaf in leaves
    )
    return f"SELECT person, {columns} FROM {SOURCES[table]} GROUP BY person"


def aggregate(table: str, leaf: dict[str, Any], tuned: bool) -> str:
    """Return the aggregate of a plain feature within one person's rows."""
    measure, age = leaf["measure"], "age"
    conditions = [] if table in ("dated", "shown", "placed") else list(filters(leaf))
    if table != "own" and "serious" in leaf:
        age = "serious_age"
        conditions.append("serious_age IS NOT NULL")
    if leaf.get("window_days"):
        conditions.append(f"{age} <= {leaf['window_days'] * DAY_US}")
    where = " AND ".join(conditions)
    keep = f" FILTER (WHERE {where})" if where else ""
    if measure.startswith("days_since"):
        return f"{'max' if measure.endswith('first') else 'min'}(age){keep} / {float(DAY_US)}"
    if measure == "gap":
        span = f"(max(age){keep} - min(age){keep}) / {float(DAY_US)}"
        return f"{span} / nullif(count(*){keep} - 1, 0)"
    if measure in ("harm_sum", "harm_max"):
        if tuned and where:
            return f"{measure[5:]}(CASE WHEN {where} THEN harm ELSE 0 END)"
        return f"coalesce({measure[5:]}(harm){keep}, 0)"
    what = f"DISTINCT {THINGS[measure]}" if table == "own" and measure in THINGS else "*"
    return f"count_if({where})" if tuned and where else f"count({what}){keep}"


def filters(leaf: dict[str, Any]) -> list[str]:
    """Return the conditions on a record but for its age."""
    found = []
    if "group" in leaf:
        found.append(f'"group" = {GROUPS.index(leaf["group"])}')
    if "evidence" in leaf:
        found.append(f"evidence = {EVIDENCE.index(leaf['evidence'])}")
    if "serious" in leaf:
        found.append("serious")
    return found


def value_of(column: dict[str, Any]) -> str:
    """Return the expression of a column from those of its plain features."""
    parts = [f'"{leaf_name(leaf)}"' for leaf in leaves_of(column)]
    if "ratio" in column:
        return f"{parts[0]} / nullif({parts[1]}, 0)"
    if "difference" in column:
        return f"coalesce({parts[0]}, 0) - coalesce({parts[1]}, 0)"
    measure = column["measure"]
    if measure.startswith("trend"):
        return f"{parts[0]} - ({parts[1]} - {parts[0]}) / 4"
    if column.get("per_year_at_risk"):
        return f"coalesce({parts[0]}, 0) / {column['window_days'] / 365}"
    return parts[0] if measure.startswith(("days_since", "gap")) else f"coalesce({parts[0]}, 0)"
