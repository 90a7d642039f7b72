"""Every measure by its definition, in plain pandas, one person and one date at a time."""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd

from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.pairs import Difference, Ratio

DAY = pd.Timedelta(days=1)
LEAST_AT_RISK = 30 * DAY
TEXTS = (
    "source_id",
    "person_id",
    "incident_id",
    "victim_id",
    "place",
    "evidence",
    "origin",
    "group",
)


class PandasOracle:
    """Answers what a feature was for a person as of a date, from the tables alone."""

    def __init__(self, tables, offences, standing=EVIDENCE[:-1]):
        self.tables, self.standing = tables, standing
        named = tables.events[tables.events["person_id"].notna()]
        own = "only " + named["source_id"]
        priced = named.assign(
            incident_id=named["incident_id"].fillna(own),
            evidence=named["evidence"].fillna("allegation"),
            origin=named["origin"].fillna("reported"),
        ).merge(offences.frame, on="offence", how="left", validate="many_to_one")
        self.events = priced.astype(dict.fromkeys(TEXTS, object))  # far quicker than Arrow's
        self.people = tables.people.set_index("person_id")
        for name in ("known", "own", "passing", "inside", "start", "time_at_risk"):
            setattr(self, name, cache(getattr(self, name)))

    def known(self, t):
        """Return the records known at `t`, with the evidence they had then."""
        events, updates = self.events, self.tables.updates
        told = updates[updates["recorded_time"] < t]
        rank = told["evidence"].map(EVIDENCE.index)
        told = told.assign(rank=rank).sort_values(["recorded_time", "rank"])
        latest = told.groupby("source_id")["evidence"].last().astype(object)
        level = latest.reindex(events["source_id"]).set_axis(events.index)
        level = level.fillna(events["evidence"])
        known = (events["event_time"] < t) & (events["recorded_time"] < t)
        known &= level.isin(self.standing)
        return events.assign(evidence=level)[known]

    def listed(self, t):
        """Return who has a record at `t` and is not known to have died or left before it."""
        gone = (self.people[["death_date", "left_date"]] < t).any(axis=1)
        return sorted(set(self.known(t)["person_id"]) - set(self.people.index[gone]))

    def own(self, person, t):
        """Return the person's known records, oldest first."""
        known = self.known(t)
        own = known[known["person_id"] == person].sort_values("event_time")
        return own.drop(columns=["source_id", "person_id", "offence", "recorded_time"]).copy()

    def passing(self, filters, person, t):
        """Return the person's known records that pass all filters."""
        group, evidence, serious, victim, place, origin = filters
        records = self.own(person, t)
        keep = records["event_time"].notna()
        for column, wanted in (("group", group), ("serious", serious), ("origin", origin)):
            if wanted is not None:
                keep &= records[column] == wanted
        for column, wanted in (("victim_id", victim), ("place", place)):
            if isinstance(wanted, bool):
                keep &= records[column].notna() == wanted
        if evidence is not None:
            keep &= records["evidence"].isin(np.atleast_1d(evidence))
        if place is not None and not isinstance(place, bool):
            keep &= records["place"].isin(np.atleast_1d(place))
        return records[keep]

    def inside(self, filters, length, person, t):
        """Return those of the passing records that are at most `length` old."""
        records = self.passing(filters, person, t)
        return records if length is None else records[records["event_time"] >= t - length]

    def start(self, person):
        """Return from when on the person could be recorded."""
        if person in self.people.index:
            row = self.people.loc[person]
            since = row["recordable_from"]
            since = self.born(person) if pd.isna(since) else since
            if pd.notna(since):
                return max(self.tables.data_start, since)
        return self.tables.data_start

    def born(self, person):
        """Return the date of birth; of a year alone its 1 July."""
        row = self.people.loc[person]
        if pd.isna(row["birth_date"]) and pd.notna(row["birth_year"]):
            return pd.Timestamp(int(row["birth_year"]), 7, 1)
        return row["birth_date"]

    def value(self, f, person, t, *, masked=True):
        """Return the feature's value and the size of the terms that it is the difference of."""
        if isinstance(f, Ratio | Difference):
            return self._pair(f, person, t, masked)
        if f.measure in ("age", "days_since_date", "covariate"):
            return self._from_people(f, person, t)
        length = None if f.window_days is None else f.window_days * DAY
        start = self.start(person)
        if length is not None and masked and t - length < start:
            return np.nan, np.nan
        filters = (f.group, f.evidence, f.serious, f.victim, f.place, f.origin)
        if f.measure.startswith("trend"):
            return trend(self.passing(filters, person, t), f.measure, t, length, start)
        inside = self.inside(filters, length, person, t)
        value = float(self._measure(f.measure, inside, person, t))
        if f.per_year_at_risk:
            begin = start if length is None else max(t - length, start)
            free = self.time_at_risk(person, begin, t)
            value = value / (free / DAY / 365) if free >= LEAST_AT_RISK else np.nan
        return value, abs(value)

    def _measure(self, measure, inside, person, t):
        if measure == "count":
            return len(inside)
        if measure in ("harm_sum", "harm_max"):
            return inside["harm"].sum() if measure == "harm_sum" else max([0.0, *inside["harm"]])
        if measure in ("incidents", "victims", "places"):
            return inside[KEYS[measure]].nunique()
        if measure in ("co_accused", "neighbours"):
            key = KEYS[measure]
            others = self.known(t)[lambda known: known["person_id"] != person]
            shared = others[key].isin(inside[key].dropna())
            return others.loc[shared, "person_id"].nunique()
        if measure in ("repeat_victims", "repeat_places"):
            return (inside.groupby(KEYS[measure])["incident_id"].nunique() >= 2).sum()
        if measure == "days_since_first":
            return (t - inside["event_time"].min()) / DAY
        if measure == "days_since_last":
            return (t - inside["event_time"].max()) / DAY
        dated = inside.groupby("incident_id")["event_time"].max()
        if measure == "gap":
            apart = dated.max() - dated.min()
            return apart / DAY / (len(dated) - 1) if len(dated) >= 2 else np.nan
        assert measure == "decayed", measure
        return (0.5 ** ((t - dated) / DAY / 730)).sum()

    def time_at_risk(self, person, begin, t):
        """Return the time from `begin` to `t` outside custody, as it was told before `t`."""
        spells = self.tables.spells
        told = spells[(spells["person_id"] == person) & (spells["recorded_time"] < t)]
        told = told.sort_values(["recorded_time", "end"], na_position="first")
        last = told.fillna({"kind": "custody"}).groupby(["start", "kind"])["end"]
        ends = last.apply(lambda end: end.iloc[-1]) if len(told) else last.last()
        held = [
            (start, t if pd.isna(end) else end)
            for (start, kind), end in ends.items()
            if kind == "custody"
        ]
        cuts = {begin, t} | {moment for spell in held for moment in spell if begin < moment < t}
        cuts = sorted(cuts) if begin < t else []
        pieces = pairwise(cuts)
        free = [b - a for a, b in pieces if not any(start <= a < end for start, end in held)]
        return sum(free, pd.Timedelta(0))

    def _from_people(self, f, person, t):
        if person not in self.people.index:
            return np.nan, np.nan
        if f.measure == "covariate":
            value = self.people.at[person, f.column]
        elif f.measure == "age":
            value = (t - self.born(person)) / DAY / 365.25
        else:
            days = (t - self.people.at[person, f.column]) / DAY
            value = days if days > 0 else np.nan
        return value, abs(value)

    def _pair(self, f, person, t, masked):
        (a, size_a), (b, size_b) = (
            self.value(part, person, t, masked=masked) for part in (f.first, f.second)
        )
        if isinstance(f, Difference):
            return a - b, size_a + size_b
        if abs(b) <= 1e-12 * size_b:  # nothing or, after cancelling, rounding: no ratio to compare
            return np.nan, np.inf if size_b else 0.0
        return a / b, size_a / abs(b) + abs(a / b) * size_b / abs(b)


KEYS = {
    "incidents": "incident_id", "victims": "victim_id", "places": "place",
    "co_accused": "incident_id", "neighbours": "place",
    "repeat_victims": "victim_id", "repeat_places": "place",
}  # fmt: skip


def trend(records, measure, t, length, start):
    """Return this window less the mean of up to four before it, and the size of both terms."""
    spans = min(4.0, (t - length - start) / length)
    if spans < 1:
        return np.nan, np.nan
    happened = records["event_time"]
    amount = records["harm"] if measure == "trend_harm" else happened.notna().astype(float)
    recent = amount[happened >= t - length].sum()
    before = (happened < t - length) & (happened >= t - 5 * length) & (happened >= start)
    usual = amount[before].sum() / spans
    return recent - usual, recent + usual
