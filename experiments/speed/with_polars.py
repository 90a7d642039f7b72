"""The columns with Polars: one lazy query a date, all of them collected together.

Every column is one filtered expression in one group_by. Distinct incidents, victims and places are
``n_unique()``, as one would write it; or, tuned by hand, each record is flagged where it is the
newest that shows one, and the flags are counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from leaves import leaf_name, leaves_of
from words import DAY_US, EVIDENCE, GROUPS, coded_path

FLAGS = (
    ("incident", False),
    ("incident", True),
    ("victim", False),
    ("victim", True),
    ("place", False),
)
THINGS = {"incidents": "incident", "victims": "victim", "places": "place"}


def prepare(
    folder: Path, columns: list[dict[str, Any]], dates: np.ndarray, *, tuned: bool = False
) -> Any:
    """Read the tables; events are sorted by person and time, updates by time and evidence."""
    events = pl.read_parquet(coded_path(folder, "events"))
    updates = pl.read_parquet(coded_path(folder, "updates")).sort("recorded_time", "evidence")
    pairs = pl.read_parquet(coded_path(folder, "pairs"))
    return events, updates, pairs, columns, dates.tolist(), tuned


def run(state: Any) -> pl.DataFrame:
    """Return the matrix with the columns date and person before it."""
    events, updates, pairs, columns, dates, tuned = state
    tables = events.lazy(), updates.lazy(), pairs.lazy()
    queries = [features_at(*tables, columns, t, tuned) for t in dates]
    return pl.concat(pl.collect_all(queries))


def as_matrix(state: Any, table: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG001
    """Return the keys (date, person) and the float32 matrix."""
    keys = table.select(pl.col("date").cast(pl.Int64), pl.col("person").cast(pl.Int64)).to_numpy()
    return keys, table.drop("date", "person").to_numpy()


def features_at(
    events: pl.LazyFrame,
    updates: pl.LazyFrame,
    pairs: pl.LazyFrame,
    columns: list[dict[str, Any]],
    t: dt.datetime,
    tuned: bool,
) -> pl.LazyFrame:
    """Return the query for one date."""
    flags = FLAGS if tuned else FLAGS[:1]
    known = known_at(events, updates, t).with_columns(
        newest(*shown).alias(flag(*shown)) for shown in flags
    )
    leaves = [part for column in columns for part in leaves_of(column)]
    own = {leaf_name(leaf): leaf for leaf in leaves if leaf["measure"] not in OTHER_TABLES}
    table = known.group_by("person").agg(
        *(aggregate(leaf, tuned).alias(name) for name, leaf in own.items())
    )
    table = table.join(others(known, pairs, leaves), on="person", how="left")
    table = table.join(repeats(known, leaves), on="person", how="left")
    values = [value_of(column).cast(pl.Float32).alias(column["name"]) for column in columns]
    return table.select(pl.lit(t).alias("date"), "person", *values)


def known_at(events: pl.LazyFrame, updates: pl.LazyFrame, t: dt.datetime) -> pl.LazyFrame:
    """Return the records known at a date, with the evidence of then and the age in microseconds."""
    told = (
        updates.filter(pl.col("recorded_time") < t)
        .group_by("event")
        .agg(pl.col("evidence").last().alias("last"))
    )
    known = events.filter(pl.col("event_time") < t, pl.col("recorded_time") < t)
    known = known.join(told, on="event", how="left", maintain_order="left")
    evidence = pl.coalesce("last", "evidence")
    known = known.with_columns(evidence=evidence).filter(
        pl.col("evidence") != EVIDENCE.index("cancelled")
    )
    age = t - pl.col("event_time")
    return known.with_columns(age=age.dt.total_microseconds())


def newest(name: str, serious: bool) -> pl.Expr:
    """Return whether a record is the newest of its person that shows this thing."""
    shown, there = one_number(name), pl.col(name).is_not_null()
    if serious:
        shown, there = pl.when(pl.col("serious")).then(shown), there & pl.col("serious")
    return shown.is_last_distinct() & there


def one_number(name: str) -> pl.Expr:
    """Return one number for a person and an incident, victim or place."""
    return pl.col("person").cast(pl.Int64) + pl.col(name) * 2**24


def flag(name: str, serious: bool) -> str:
    """Return the name of a flag's column."""
    return f"newest_{name}{'_serious' if serious else ''}"


OTHER_TABLES = ("co_accused", "repeat_victims")


def aggregate(leaf: dict[str, Any], tuned: bool) -> pl.Expr:
    """Return the expression of a plain feature within one person's records."""
    measure, harm, age = leaf["measure"], pl.col("harm"), pl.col("age")
    conditions = list(filters(leaf))
    if measure.startswith("days_since"):
        ages = age.filter(*conditions) if conditions else age
        return (ages.max() if measure.endswith("first") else ages.min()) / DAY_US
    if leaf.get("window_days"):
        conditions.append(age <= leaf["window_days"] * DAY_US)
    if measure == "gap":
        ages = age.filter(pl.col(flag("incident", False)), *conditions)
        return (ages.max() - ages.min()) / DAY_US / (ages.len().cast(pl.Int64) - 1)
    if measure in THINGS and not tuned:
        thing = pl.col(THINGS[measure])
        return thing.filter(thing.is_not_null(), *conditions).n_unique()
    if measure in THINGS:
        conditions.append(pl.col(flag(THINGS[measure], "serious" in leaf)))
    found = harm.filter(*conditions) if conditions else harm
    if measure == "harm_max":
        return found.max().fill_null(0.0)
    return found.sum() if measure == "harm_sum" else found.len()


def filters(leaf: dict[str, Any]) -> Iterable[pl.Expr]:
    """Return the conditions on a record but for its age."""
    if "group" in leaf:
        yield pl.col("group") == GROUPS.index(leaf["group"])
    if "evidence" in leaf:
        yield pl.col("evidence") == EVIDENCE.index(leaf["evidence"])
    if "serious" in leaf:
        yield pl.col("serious")


def others(known: pl.LazyFrame, pairs: pl.LazyFrame, leaves: list[dict[str, Any]]) -> pl.LazyFrame:
    """Count, by person, the other people in the incidents of each window."""
    mine = known.select("event", "person", "age")
    theirs = known.select(other_event="event")
    shared = pairs.join(mine, on="event").join(theirs, on="other_event", how="semi")
    newest_shared = shared.group_by("person", "other").agg(pl.col("age").min())
    return newest_shared.group_by("person").agg(counted(leaves, "co_accused"))


def repeats(known: pl.LazyFrame, leaves: list[dict[str, Any]]) -> pl.LazyFrame:
    """Count, by person, the victims of two or more incidents in each window."""
    named = known.filter(pl.col("victim").is_not_null())
    twice = named.filter(one_number("victim").is_duplicated())
    dated = twice.group_by("person", "victim", "incident").agg(pl.col("age").min())
    second = dated.group_by("person", "victim").agg(
        pl.col("age").bottom_k(2).max(), pl.len().alias("n")
    )
    second = second.filter(pl.col("n") > 1)
    return second.group_by("person").agg(counted(leaves, "repeat_victims"))


def counted(leaves: list[dict[str, Any]], measure: str) -> list[pl.Expr]:
    """Return how many rows fall in each window in which a measure is wanted."""
    found = {}
    for leaf in leaves:
        if leaf["measure"] == measure:
            days = leaf.get("window_days")
            count = (pl.col("age") <= days * DAY_US).sum() if days else pl.len()
            found[leaf_name(leaf)] = count.alias(leaf_name(leaf))
    return list(found.values())


def value_of(column: dict[str, Any]) -> pl.Expr:
    """Return a column from those of its plain features."""
    parts = [pl.col(leaf_name(leaf)).cast(pl.Float64) for leaf in leaves_of(column)]
    if "ratio" in column:
        return pl.when(parts[1] != 0).then(parts[0] / parts[1]).otherwise(float("nan"))
    if "difference" in column:
        return parts[0] - parts[1]
    if column["measure"].startswith("trend"):
        return parts[0] - (parts[1] - parts[0]) / 4
    if column.get("per_year_at_risk"):
        return parts[0] / (column["window_days"] / 365)
    missing = 0.0 if column["measure"] in OTHER_TABLES else float("nan")
    return parts[0].fill_null(missing)
