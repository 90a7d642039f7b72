"""What an identity report found: counts to print and pass on, ids for the owner of the data."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from riskmodel.histories.events import EventHistories
from riskmodel.histories.merging import OnConflict, merge_persons
from riskmodel.histories.person_links import LINK_COLUMNS
from riskmodel.histories.selection import without_records
from riskmodel.snapshots.duplicates import KINDS

_RULE_WORDS = {
    "same moment": "records of the same moment, offence and victim",
    "same day": "records of the same day, offence and victim",
    "same place": "records at the same place against the same victim",
}


@dataclass(frozen=True, eq=False, repr=False)
class IdentityReport:
    """Likely duplicate events and persons as of a date; printed, it shows counts and no id.

    Attributes
    ----------
    as_of : Timestamp
    k, seed : int
        Length of the list; of the order among equals.
    threshold : float
        From which match probability a given link counts.
    event_counts : DataFrame
        By kind ("victim named", and the weaker "no victim named"): groups, surplus_records,
        people, surplus_harm, surplus_harm_1y (days; of records that happened in the last year).
    pair_counts : DataFrame
        By rule ("same moment", "same day", "same place", "linked", and "any of them"): pairs;
        persons (ids in them); contradicted (pairs that dates of life speak against).
    birth_dates : DataFrame
        Whether a birth date tells people apart: dates, persons. Those that it doesn't are shared
        by too many, stand-ins such as a year of birth: no rule reads them.
    listed : DataFrame
        Of the first k by the rule in use, and by the scores given: listed, with_surplus (people
        with a surplus record, victim named), in_pairs (people in a pair), shared_places (places
        held by further ids of a person who is listed already).
    effects : DataFrame
        What would change in the first k by the rule in use, by scenario: entered, left,
        moved_over_10 (of the people on either list).
    events, pairs, changes : DataFrame
        The records, the pairs of ids and the people listed behind these counts, for the owner of
        the data: with ids.
    """

    as_of: pd.Timestamp
    k: int
    seed: int
    threshold: float
    event_counts: pd.DataFrame
    pair_counts: pd.DataFrame
    birth_dates: pd.DataFrame
    listed: pd.DataFrame
    effects: pd.DataFrame
    events: pd.DataFrame
    pairs: pd.DataFrame
    changes: pd.DataFrame

    def __repr__(self) -> str:
        return _as_text(self)

    def to_frame(self) -> pd.DataFrame:
        """Return every count in one table without ids: part, of, measure, value."""
        parts = ("event_counts", "pair_counts", "birth_dates", "listed", "effects")
        tables = [
            getattr(self, part)
            .rename_axis("of")
            .reset_index()
            .melt(id_vars="of", var_name="measure")
            .assign(part=part)
            for part in parts
        ]
        counts: pd.DataFrame = pd.concat(tables, ignore_index=True)
        return counts[["part", "of", "measure", "value"]]

    def merged(
        self, histories: EventHistories, *, on_conflict: OnConflict = "raise"
    ) -> EventHistories:
        """Return the histories with the ids of each pair replaced by one; see `merge_persons`.

        Pairs that dates of life speak against are left out.
        """
        pairs = self.pairs[~self.pairs["contradicted"]]
        return merge_persons(histories, pairs[LINK_COLUMNS[:2]], on_conflict=on_conflict)

    def without_surplus(self, histories: EventHistories) -> EventHistories:
        """Return the histories without the surplus records that name a victim."""
        sure = self.events["surplus"] & (self.events["kind"] == KINDS[0])
        return without_records(histories, self.events.loc[sure, "source_id"])


def _as_text(report: IdentityReport) -> str:
    """Return the report as lines of text, without an id."""
    return "\n".join(
        [
            f"Likely duplicates as of {report.as_of:%Y-%m-%d}, and the first {report.k} by last "
            "year's summed harm",
            "",
            "Duplicate events: same person, day, offence and victim",
            *_event_lines(report),
            "",
            "Likely duplicate persons: two ids, with one date of birth and",
            *_pair_lines(report),
            "",
            f"The first {report.k}",
            *_list_lines(report),
            *_effect_lines(report),
        ]
    )


def _event_lines(report: IdentityReport) -> list[str]:
    names = ("victim named", "no victim named (weaker)")
    return [
        f"  {name}: {row.groups:,} groups of {row.people:,} people, {row.surplus_records:,} "
        f"surplus records, {row.surplus_harm:,.0f} days of harm "
        f"({row.surplus_harm_1y:,.0f} of the last year)"
        for name, row in zip(names, report.event_counts.itertuples(), strict=True)
    ]


def _pair_lines(report: IdentityReport) -> list[str]:
    by_rule = report.pair_counts.to_dict(orient="index")
    every = by_rule["any of them"]
    shared = report.birth_dates.to_dict(orient="index")["shared by too many"]
    return [
        *(f"  {words}: {by_rule[rule]['pairs']:,} pairs" for rule, words in _RULE_WORDS.items()),
        f"  or linked by the table given, match probability from {report.threshold:g}: "
        f"{by_rule['linked']['pairs']:,} pairs",
        f"  in all {every['pairs']:,} pairs of {every['persons']:,} ids; dates of life contradict "
        f"{every['contradicted']:,}, which are not merged",
        f"  not read, since too many share them: {shared['dates']:,} dates of birth of "
        f"{shared['persons']:,} ids",
    ]


def _list_lines(report: IdentityReport) -> list[str]:
    return [
        f"  by the {name}: of {row['listed']:,} listed {row['with_surplus']:,} have surplus "
        f"records, {row['in_pairs']:,} are in a pair; {row['shared_places']:,} places are further "
        "ids of a person listed"
        for name, row in report.listed.to_dict(orient="index").items()
    ]


def _effect_lines(report: IdentityReport) -> list[str]:
    return [
        f"  {name}: {row['entered']:,} enter, {row['left']:,} leave, {row['moved_over_10']:,} move "
        "by more than 10 places"
        for name, row in report.effects.to_dict(orient="index").items()
    ]
