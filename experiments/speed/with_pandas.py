"""The columns with pandas: a groupby for each window, as one would write it; or tuned by hand.

Tuned, records fall into the smallest window that holds them, distinct things are counted at their
newest record, and sums over windows come from one groupby over (person, window) and a running sum.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from words import EVIDENCE, GROUPS, LONG_WINDOWS, WINDOWS, coded_path

LONG_BUCKET = np.array([LONG_WINDOWS.index(w) for w in (365, 365, 365, 365, 1825, 1825, None)])
THINGS = {
    "incidents": "incident", "victims": "victim", "repeat_victims": "victim", "places": "place",
}  # fmt: skip
CATEGORIES = {None: 1, "serious": 2, "group": len(GROUPS), "evidence": len(EVIDENCE)}
KEPT = ["event", "person", "event_time", "incident", "victim", "place", "harm", "group", "serious"]
DAY = np.timedelta64(1, "D")
EDGES = np.array([days for days in WINDOWS if days], dtype="timedelta64[D]").astype(
    "timedelta64[us]"
)


def prepare(
    folder: Path, columns: list[dict[str, Any]], dates: np.ndarray, *, tuned: bool = False
) -> Any:
    """Read the tables; missing victims and places are -1."""
    events = pd.read_parquet(coded_path(folder, "events"))
    for name in ("victim", "place"):
        events[name] = events[name].fillna(-1).astype(np.int64)
    updates = pd.read_parquet(coded_path(folder, "updates"))
    updates = updates.sort_values(["recorded_time", "event", "evidence"], ignore_index=True)
    tables = events, updates, pd.read_parquet(coded_path(folder, "pairs"))
    return tables, columns, pd.DatetimeIndex(dates), TunedSums if tuned else Sums


def run(state: Any) -> pd.DataFrame:
    """Return the matrix, indexed by date and person."""
    tables, columns, dates, sums = state
    parts = [features_at(*tables, columns, t, sums) for t in dates]
    return pd.concat(parts, keys=dates)


def as_matrix(state: Any, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG001
    """Return the keys (date, person) and the float32 matrix."""
    dates = table.index.get_level_values(0).to_numpy().astype("datetime64[us]").astype(np.int64)
    return np.stack([dates, table.index.get_level_values(1)], axis=1), table.to_numpy()


def features_at(
    events: pd.DataFrame,
    updates: pd.DataFrame,
    pairs: pd.DataFrame,
    columns: list[dict[str, Any]],
    t: pd.Timestamp,
    kind: type[Sums],
) -> pd.DataFrame:
    """Return the columns as of one date, one row a person with a known record."""
    known = known_at(events, updates, t)
    row, people = pd.factorize(known["person"])
    known["row"] = row
    sums = kind(known, len(people), pairs)
    table = {column["name"]: sums.column(column).astype(np.float32) for column in columns}
    return pd.DataFrame(table, index=people, copy=False)


def known_at(events: pd.DataFrame, updates: pd.DataFrame, t: pd.Timestamp) -> pd.DataFrame:
    """Return the records known at a date with the evidence, age and window as of then."""
    told = updates.iloc[: updates["recorded_time"].searchsorted(t)]
    last = told.drop_duplicates("event", keep="last")
    evidence = events["evidence"].to_numpy(copy=True)
    evidence[last["event"]] = last["evidence"]
    keep = (events["event_time"] < t) & (events["recorded_time"] < t)
    keep &= evidence != EVIDENCE.index("cancelled")
    known = events.loc[keep, KEPT]
    age = t.to_datetime64() - known["event_time"].to_numpy()
    bucket = np.searchsorted(EDGES, age, side="left")
    return known.assign(
        evidence=evidence[keep], age=age, bucket=bucket, long_bucket=LONG_BUCKET[bucket]
    )


class Sums:
    """Sums over windows of the records known at one date, each made when first asked for."""

    def __init__(self, known: pd.DataFrame, n: int, pairs: pd.DataFrame) -> None:
        self.known, self.n, self.pairs = known, n, pairs
        self.tables: dict[Any, np.ndarray] = {}
        self.frames: dict[Any, Any] = {}

    def column(self, spec: dict[str, Any]) -> np.ndarray:
        """Return the values of one column."""
        if "ratio" in spec:
            first, second = (self.column(part) for part in spec["ratio"])
            return np.divide(first, second, out=np.full(self.n, np.nan), where=second != 0)
        if "difference" in spec:
            first, second = (self.column(part) for part in spec["difference"])
            return first - second
        measure, days = spec["measure"], spec.get("window_days")
        if measure.startswith("days_since"):
            return self.days_since(spec)
        if measure.startswith("trend"):
            whole = "harm_sum" if measure == "trend_harm" else "count"
            recent, all_five = (self.table(whole, None, n * days)[0] for n in (1, 5))
            return recent - (all_five - recent) / 4
        if measure == "gap":
            return self.gap(days)
        value = self.filtered(spec, days)
        return value / (days / 365) if spec.get("per_year_at_risk") else value

    def filtered(self, spec: dict[str, Any], days: int | None) -> np.ndarray:
        """Return the values over one window."""
        if "group" in spec:
            return self.table(spec["measure"], "group", days)[GROUPS.index(spec["group"])]
        if "evidence" in spec:
            return self.table(spec["measure"], "evidence", days)[EVIDENCE.index(spec["evidence"])]
        if "serious" in spec:
            return self.table(spec["measure"], "serious", days)[int(spec["serious"])]
        return self.table(spec["measure"], None, days)[0]

    def table(self, measure: str, by: str | None, days: int | None) -> np.ndarray:
        """Return the values over one window by category, shape (categories, n)."""
        if (measure, by, days) not in self.tables:
            found = self.grouped(measure, by, days)
            table = np.zeros((CATEGORIES[by], self.n))
            category = found.index.get_level_values(by).astype(np.int64) if by else 0
            table[category, found.index.get_level_values("row")] = found
            self.tables[measure, by, days] = table
        return self.tables[measure, by, days]

    def grouped(self, measure: str, by: str | None, days: int | None) -> pd.Series:
        """Return the values of one window, by person and category."""
        if measure == "co_accused":
            return self.within(self.others(), days).groupby("row").size()
        thing = THINGS.get(measure)
        if measure == "repeat_victims":
            named = self.groups(days, ["row", "victim"], "victim")["incident"].nunique()
            return named[named >= 2].groupby("row").size()
        groups = self.groups(days, ["row", by] if by else ["row"], thing)
        if thing:
            return groups[thing].nunique()
        if measure in ("harm_sum", "harm_max"):
            return groups["harm"].sum() if measure == "harm_sum" else groups["harm"].max()
        return groups.size()

    def groups(self, days: int | None, keys: list[str], thing: str | None) -> Any:
        """Return the records of a window that show a thing, grouped; kept for the next measure."""
        name = days, *keys, thing if thing != "incident" else None
        if name not in self.frames:
            if days not in self.frames:
                self.frames[days] = self.within(self.known, days)
            found = self.frames[days]
            if thing in ("victim", "place"):
                found = found[found[thing] >= 0]
            self.frames[name] = found.groupby(keys, sort=False)
        return self.frames[name]

    @staticmethod
    def within(records: pd.DataFrame, days: int | None) -> pd.DataFrame:
        """Return the records of a window."""
        return records[records["age"] <= days * DAY] if days else records

    def incidents(self) -> pd.DataFrame:
        """Return the newest record of each incident."""
        return self.known.drop_duplicates(["row", "incident"], keep="last")

    def others(self) -> pd.DataFrame:
        """Return the newest record that each person shares with each other person."""
        known = self.known.set_index("event")
        both = self.pairs["event"].isin(known.index) & self.pairs["other_event"].isin(known.index)
        pairs = self.pairs[both]
        mine = known.loc[pairs["event"], ["row", "bucket", "age"]].reset_index(drop=True)
        mine["other"] = pairs["other"].to_numpy()
        return mine.sort_values("bucket").drop_duplicates(["row", "other"])

    def days_since(self, spec: dict[str, Any]) -> np.ndarray:
        """Return the days since the first or last record that passes."""
        found = self.known
        if "serious" in spec:
            found = found[found["serious"]]
        if "group" in spec:
            found = found[found["group"] == GROUPS.index(spec["group"])]
        first = spec["measure"].endswith("first")
        edge = found.drop_duplicates("row", keep="first" if first else "last")
        days = np.full(self.n, np.nan)
        days[edge["row"]] = edge["age"] / DAY
        return days

    def gap(self, days: int | None) -> np.ndarray:
        """Return the mean days between the incidents of a window."""
        dated = self.within(self.incidents(), days)
        found = dated.groupby("row", sort=False)["age"].agg(["min", "max", "size"])
        span = (found["max"] - found["min"]) / DAY
        gap = np.full(self.n, np.nan)
        gap[found.index] = (span / (found["size"] - 1)).where(found["size"] > 1)
        return gap


class TunedSums(Sums):
    """The same with one groupby for all windows."""

    def table(self, measure: str, by: str | None, days: int | None) -> np.ndarray:
        """Return the values over one window by category, shape (categories, n)."""
        windows = LONG_WINDOWS if by in ("group", "evidence") else WINDOWS
        if (measure, by) not in self.tables:
            self.tables[measure, by] = self._table(measure, by, len(windows))
        return self.tables[measure, by][windows.index(days)]

    def incidents(self) -> pd.DataFrame:
        """Return the newest record of each incident."""
        return self.records("incidents", None)

    def _table(self, measure: str, by: str | None, n_windows: int) -> np.ndarray:
        frame = self.records(measure, by)
        shape = (n_windows, CATEGORIES[by], self.n)
        bucket = frame["bucket" if n_windows == len(WINDOWS) else "long_bucket"]
        key = frame["row"] + bucket * (shape[1] * self.n)
        if by:
            key = key + frame[by].astype(np.int64) * self.n
        if measure in ("harm_sum", "harm_max"):
            grouped = frame["harm"].groupby(key.to_numpy(), sort=False)
            found = grouped.sum() if measure == "harm_sum" else grouped.max()
        else:
            found = key.value_counts(sort=False)
        flat = np.zeros(shape[0] * shape[1] * shape[2])
        flat[found.index] = found
        table = flat.reshape(shape)
        join = np.maximum if measure == "harm_max" else np.add
        for k in range(1, shape[0]):  # a longer window holds the shorter ones
            join(table[k], table[k - 1], out=table[k])
        return table

    def records(self, measure: str, by: str | None) -> pd.DataFrame:
        """Return the records that count, distinct things at their newest record."""
        if measure in ("count", "harm_sum", "harm_max"):
            return self.known
        if (measure, by) not in self.frames:
            self.frames[measure, by] = self._newest(measure, by)
        return self.frames[measure, by]

    def _newest(self, measure: str, by: str | None) -> pd.DataFrame:
        if measure == "co_accused":
            return self.others()
        name = THINGS[measure]
        named = self.known[["row", "bucket", "long_bucket", "age", "serious", "incident", name]]
        named = named.loc[:, ~named.columns.duplicated()]
        if name != "incident":
            named = named[named[name] >= 0]
        thing = named["row"] + named[name] * self.n  # one number a person and thing
        if measure == "repeat_victims":
            once = named.assign(thing=thing).drop_duplicates(["thing", "incident"], keep="last")
            return once[once.groupby("thing", sort=False).cumcount(ascending=False) == 1]
        if by:
            thing = thing * 2 + named["serious"]
        return named[~thing.duplicated(keep="last")]
