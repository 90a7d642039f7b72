"""Every measure by its definition, as a query that DuckDB answers from the raw tables."""

from functools import cache

import duckdb
import numpy as np
import pandas as pd

from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.pairs import Difference, Ratio

DAY_US = 86_400_000_000
FEATURES_A_QUERY = 40  # the planner takes far longer over many at once
EVER_US = 4_000 * 365 * DAY_US

KNOWN = """
CREATE OR REPLACE TEMP TABLE known AS
WITH latest AS (
    SELECT t, source_id, updates.evidence
    FROM updates JOIN dates ON updates.recorded_time < dates.t
    JOIN levels ON levels.evidence = updates.evidence
    QUALIFY row_number() OVER (
        PARTITION BY t, source_id ORDER BY recorded_time DESC, levels.rank DESC) = 1
)
SELECT epoch_us(d.t) AS t, e.person_id, epoch_us(e.event_time) AS happened,
    coalesce('in ' || e.incident_id, 'by ' || e.source_id) AS incident, e.victim_id, e.place,
    coalesce(e.origin, 'reported') AS origin, o.harm, o."group" AS kind, o.serious,
    coalesce(l.evidence, e.evidence, 'allegation') AS standing
FROM dates d
JOIN events e ON e.event_time < d.t AND e.recorded_time < d.t
LEFT JOIN latest l ON l.t = d.t AND l.source_id = e.source_id
LEFT JOIN offences o ON o.offence = e.offence
WHERE e.person_id IS NOT NULL
    AND list_contains($standing, coalesce(l.evidence, e.evidence, 'allegation'))
"""

CUSTODY = """
CREATE OR REPLACE TEMP TABLE custody AS
WITH told AS (
    SELECT epoch_us(t) AS t, person_id, epoch_us(start) AS opens, "end", kind
    FROM (SELECT start, "end", person_id, recorded_time, coalesce(kind, 'custody') AS kind
          FROM spells) JOIN dates ON recorded_time < t
    QUALIFY row_number() OVER (
        PARTITION BY t, person_id, start, kind
        ORDER BY recorded_time DESC, "end" DESC NULLS LAST) = 1
), held AS (
    SELECT t, person_id, opens, least(coalesce(epoch_us("end"), t), t) AS closes
    FROM told WHERE kind = 'custody'
)
SELECT t, person_id, closes, greatest(opens, coalesce(max(closes) OVER (
    PARTITION BY t, person_id ORDER BY opens, closes
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), opens)) AS opens
FROM held
"""

ASKED = """
CREATE OR REPLACE TEMP TABLE asked AS
SELECT p.person_id, epoch_us(d.t) AS t, epoch_us(greatest($data_start::TIMESTAMP,
    coalesce(recordable_from, born, $data_start::TIMESTAMP))) AS since, epoch_us(born) AS born,
    joined, points
FROM dates d CROSS JOIN (
    SELECT *, coalesce(birth_date, make_timestamp(birth_year::BIGINT, 7, 1, 0, 0, 0)) AS born
    FROM people
    RIGHT JOIN (SELECT person_id FROM events UNION SELECT person_id FROM people) USING (person_id)
) p WHERE p.person_id IS NOT NULL
"""

OF_RECORDS = {
    "count": "count(*) FILTER ({inside})",
    "incidents": "count(DISTINCT incident) FILTER ({inside})",
    "harm_sum": "coalesce(sum(harm) FILTER ({inside}), 0)",
    "harm_max": "coalesce(max(harm) FILTER ({inside}), 0)",
    "victims": "count(DISTINCT victim_id) FILTER ({inside})",
    "places": "count(DISTINCT place) FILTER ({inside})",
    "days_since_first": f"(a.t - min(happened) FILTER ({{inside}})) / {DAY_US}",
    "days_since_last": f"(a.t - max(happened) FILTER ({{inside}})) / {DAY_US}",
}
TREND = """CASE WHEN {spans} >= 1 THEN coalesce(sum({amount}) FILTER ({inside}), 0)
    - coalesce(sum({amount}) FILTER ({before}), 0) / {spans} END"""
OF_SHARED = {"co_accused": "incident", "neighbours": "place"}
OF_KEYS = {"repeat_victims": "victim_id", "repeat_places": "place"}
OF_INCIDENTS = {
    "decayed": f"coalesce(sum(0.5 ** ((a.t - {{newest}}) / {DAY_US} / 730)), 0)",
    "gap": f"""CASE WHEN count(*) FILTER ({{dated}}) >= 2
        THEN (max({{newest}}) FILTER ({{dated}}) - min({{newest}}) FILTER ({{dated}}))
        / ((count(*) FILTER ({{dated}}) - 1) * {DAY_US}) END""",
}
WITH_RECORDS = "asked a LEFT JOIN known k ON k.person_id = a.person_id AND k.t = a.t"


class Query:
    """One query for many features: each measure over records is a column of a common table.

    Common tables differ in what a row of them is made from: records, records of others that share
    an incident or place with them, records grouped by victim or place, or by incident.
    """

    def __init__(self, features, *, masked=True):
        self.inner, self.columns = {}, {}
        self.free = {}
        self.masked = masked
        self.answers = [self.answer(f) for f in features]

    def __str__(self):
        """Write the query; its columns are numbered like the features."""
        tables = [self.common_table(key) for key in self.columns]
        if self.free:
            parts = ", ".join(f"{value} AS {name}" for name, value in self.free.items())
            tables.append(
                f"""of_custody AS (SELECT a.person_id, a.t, {parts} FROM asked a
                LEFT JOIN custody c ON c.person_id = a.person_id AND c.t = a.t
                GROUP BY a.person_id, a.t, a.since)"""
            )
        names = [table.split()[0] for table in tables]
        joins = " ".join(f"JOIN {name} USING (person_id, t)" for name in names)
        selected = ", ".join(f'{value} AS "{i}"' for i, value in enumerate(self.answers))
        start = f"WITH {', '.join(tables)}" if tables else ""
        return f"{start} SELECT person_id, make_timestamp(t) AS t, {selected} FROM asked a {joins}"

    def answer(self, f):
        """Return the expression of a feature for one row of `asked`; NULL is missing."""
        if isinstance(f, Ratio | Difference):
            first, second = self.answer(f.first), self.answer(f.second)
            ratio = isinstance(f, Ratio)
            return f"({first} / nullif({second}, 0))" if ratio else f"({first} - {second})"
        if f.measure == "age":
            return f"(a.t - a.born) / ({DAY_US} * 365.25)"
        if f.measure == "days_since_date":
            since = f"epoch_us(a.{f.column})"
            return f"CASE WHEN a.t > {since} THEN (a.t - {since}) / {DAY_US} END"
        if f.measure == "covariate":
            return f"a.{f.column}"
        value = self.measure(f)
        if f.per_year_at_risk:
            free = self.time_at_risk(f)
            value = (
                f"CASE WHEN {free} >= {30 * DAY_US} THEN {value} / ({free} / {365 * DAY_US}) END"
            )
        if f.window_days is None or not self.masked:
            return value
        return f"CASE WHEN {begin_of(f)} >= a.since THEN {value} END"

    def measure(self, f):
        """Add a measure to the common table that it is worked out in; return its column there."""
        inside = f"{passes(f)} AND k.happened >= {begin_of(f)}"
        if f.measure in OF_RECORDS:
            return self.column("records", OF_RECORDS[f.measure].format(inside=inside))
        if f.measure.startswith("trend"):
            length = f.window_days * DAY_US
            parts = {
                "amount": "harm" if f.measure == "trend_harm" else "1",
                "spans": f"least(4, ({begin_of(f)} - a.since) / {length})",
                "before": f"{passes(f)} AND k.happened < {begin_of(f)} "
                f"AND k.happened >= a.t - 5 * {length} AND k.happened >= a.since",
            }
            return self.column("records", TREND.format(inside=inside, **parts))
        if f.measure in OF_SHARED:
            others = f"count(DISTINCT k.other) FILTER ({inside})"
            return self.column(OF_SHARED[f.measure], others, kind="shared")
        if f.measure in OF_KEYS:
            inner = self.inner_column(
                OF_KEYS[f.measure], f"count(DISTINCT incident) FILTER ({inside})"
            )
            return self.column(OF_KEYS[f.measure], f"count(*) FILTER ({inner} >= 2)", kind="by")
        newest = self.inner_column("incident", f"max(k.happened) FILTER ({passes(f)})")
        dated = f"{newest} >= {begin_of(f)}"
        value = OF_INCIDENTS[f.measure].format(newest=newest, dated=dated)
        return self.column("incident", value, kind="by")

    def column(self, key, value, kind="of"):
        columns = self.columns.setdefault((kind, key), {})
        return columns.setdefault(value, f"{kind}_{key}.v{len(columns)}")

    def inner_column(self, key, value):
        columns = self.inner.setdefault(key, {})
        return columns.setdefault(value, f"n{len(columns)}")

    def time_at_risk(self, f):
        begin = f"greatest(a.since, {begin_of(f)})"
        inside = f"sum(greatest(0, c.closes - greatest(c.opens, {begin})))"
        name = f"free_{f.window_days or 'ever'}"
        self.free[name] = f"a.t - {begin} - coalesce({inside}, 0)"
        return f"of_custody.{name}"

    def common_table(self, which):
        """Write one common table, a row for each row of `asked`."""
        kind, key = which
        columns = ", ".join(
            f"{value} AS {name.split('.')[1]}" for value, name in self.columns[which].items()
        )
        source = WITH_RECORDS
        if kind == "shared":
            source = f"""asked a LEFT JOIN (SELECT k.*, o.person_id AS other FROM known k
                JOIN known o ON o.t = k.t AND o.{key} = k.{key} AND o.person_id <> k.person_id)
                k ON k.person_id = a.person_id AND k.t = a.t"""
        if kind == "by":
            inner = ", ".join(f"{value} AS {name}" for value, name in self.inner[key].items())
            source = f"""(SELECT a.person_id, a.t, a.since, {inner} FROM {WITH_RECORDS}
                AND k.{key} IS NOT NULL GROUP BY a.person_id, a.t, a.since, k.{key}) a"""
        return f"""{kind}_{key} AS (SELECT a.person_id, a.t, {columns} FROM {source}
            GROUP BY a.person_id, a.t, a.since)"""


def begin_of(f):
    """Return where the feature's window begins."""
    return f"(a.t - {EVER_US if f.window_days is None else f.window_days * DAY_US})"


def passes(f):
    """Return which records pass the feature's filters."""
    parts = ["k.t IS NOT NULL"]
    for column, wanted in (("kind", f.group), ("origin", f.origin)):
        parts += [f"k.{column} = '{wanted}'"] if wanted is not None else []
    if f.serious is not None:
        parts.append("k.serious" if f.serious else "NOT k.serious")
    for column, wanted in (("victim_id", f.victim), ("place", f.place)):
        if isinstance(wanted, bool):
            parts.append(f"k.{column} IS {'NOT ' if wanted else ''}NULL")
    if f.evidence is not None:
        parts.append(among("standing", f.evidence))
    if f.place is not None and not isinstance(f.place, bool):
        parts.append(among("place", f.place))
    return " AND ".join(parts)


def among(column, values):
    texts = (values,) if isinstance(values, str) else values
    return f"k.{column} IN ({', '.join(repr(text) for text in texts)})"


@cache
def connection():
    """Return a database in memory; one is enough, and opening it takes long."""
    return duckdb.connect(config={"threads": 1})


class SqlOracle:
    """Answers features for everyone at several dates at once; the latest made holds the tables."""

    def __init__(self, tables, offences, dates, standing=EVIDENCE[:-1]):
        self.database = connection()
        for name in ("events", "updates", "people", "spells"):
            self.database.register(name, getattr(tables, name))
        self.database.register("offences", offences.frame)
        self.database.register("dates", pd.DataFrame({"t": pd.DatetimeIndex(dates).as_unit("us")}))
        levels = pd.DataFrame({"evidence": EVIDENCE, "rank": range(len(EVIDENCE))})
        self.database.register("levels", levels)
        self.database.execute(KNOWN, {"standing": list(standing)})
        self.database.execute(CUSTODY)
        self.database.execute(ASKED, {"data_start": str(tables.data_start)})

    def values(self, features, *, masked=True):
        """Return the features' values, a column each, indexed by person and date."""
        parts = [self.people_asked()]
        for first in range(0, len(features), FEATURES_A_QUERY):
            query = Query(features[first : first + FEATURES_A_QUERY], masked=masked)
            answer = self.database.execute(str(query)).df().set_index(["person_id", "t"])
            parts.append(answer.astype(np.float64))
        return pd.concat(parts, axis=1).set_axis(range(len(features)), axis=1)

    def people_asked(self):
        """Return a table without columns, a row for everyone at each date."""
        rows = self.database.execute("SELECT person_id, make_timestamp(t) AS t FROM asked").df()
        return rows.set_index(["person_id", "t"])
