"""The counts of page one and of the tables that are no rates by group, and how they add up."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from riskmodel.audit.by_group.groups import AGE_BAND, AGE_BANDS
from riskmodel.audit.disclosure.group_counts import ALL, key_of
from riskmodel.audit.disclosure.ledger import Key, Ledger, Row
from riskmodel.audit.disclosure.measures import WORKED
from riskmodel.schema import NOT_RECORDED


def everyone(quantity: str, root: str = "list", within: Key = ()) -> Key:
    """Return the name of a count of everyone."""
    return key_of(root, ALL, ALL, quantity, within)


SUMMARY_KEYS = {
    "entries_scored": everyone("people"),
    "entries_listed": everyone("listed"),
    "listed_observed": everyone("listed_observed"),
    "listed_later_serious": everyone("listed_outcome"),
    "listed_no_later_serious": everyone("listed_clear"),
    "observed": everyone("observed"),
    "later_serious": everyone("outcome"),
    "later_serious_not_listed": everyone("missed"),
    "offences_later": everyone("offences", "victims"),
    "offences_listed": everyone("offences_listed", "victims"),
    "offences_scored_not_listed": everyone("offences_scored", "victims"),
    "offences_outside_cohort": everyone("offences_outside", "victims"),
    "offences_no_suspect": everyone("offences_unnamed", "victims"),
}
"""Counts of page one that the tables hold too."""
OF_THE_LIST = (
    "near_cut_listed", "listed_on_allegation_only", "listed_with_recent_harm", "listed_under_18",
    "listed_age_not_recorded", "listed_known_as_victims", "listed_worked",
)  # fmt: skip
"""Counts of page one that are a part of the list."""
NOT_COUNTS = (
    "k", "n_dates", "horizon_days", "late_allowance_days", "dates_learnt_from",
    "dates_of_the_gate",
)  # fmt: skip
MISSING_IN = {
    "people scored": ("list", "people"),
    "people listed": ("list", "listed"),
    "victims of later serious offences": ("victims", "offences"),
}
"""Tables of missing characteristics -> whose "Not recorded" it is."""


def summary_key(name: str, within: Key = ()) -> Key:
    """Return the name of a count of page one."""
    return SUMMARY_KEYS.get(name, ("summary", *within, name)) if not within else (
        "summary", *within, name,
    )  # fmt: skip


def enter_summary(ledger: Ledger, summary: dict[str, Any], within: Key = ()) -> None:
    """Enter page one: what the tables hold too is the same count."""
    for name, value in summary.items():
        if isinstance(value, dict):
            enter_summary(ledger, value, (*within, name))
        elif is_count(name, value):
            key = summary_key(name, within)
            ledger.count(
                key,
                value,
                last=key in SUMMARY_KEYS.values(),
                worked=(key[0], key[-1]) in WORKED,
            )
    if not within:
        _enter_list(ledger, summary)


def is_count(name: str, value: Any) -> bool:
    """Return whether an entry of page one counts people, places, offences or records."""
    return isinstance(value, int) and not isinstance(value, bool) and name not in NOT_COUNTS


def _enter_list(ledger: Ledger, summary: dict[str, Any]) -> None:
    listed, scored = everyone("listed"), everyone("people")
    if summary.get("entries_listed") == summary.get("k", 0) * summary.get("n_dates", 0):
        ledger.count(listed, summary["entries_listed"], known=True)
    for name in OF_THE_LIST:
        ledger.rest(listed, summary_key(name), ("summary", "listed but not", name))
    ledger.rest(
        summary_key("listed_with_recent_harm"),
        summary_key("listed_on_allegation_only"),
        ("summary", "listed on more than allegations"),
    )
    # on one date a place is a person
    if summary.get("n_dates") == 1:
        ledger.add_up(scored, [summary_key("people_scored")])
        ledger.add_up(listed, [summary_key("people_listed")])
    ledger.rest(scored, summary_key("people_scored"), ("summary", "again"), guarded=False)
    ledger.rest(listed, summary_key("people_listed"), ("summary", "listed again"), guarded=False)
    ledger.add_up(
        summary_key("listed_under_18"), [key_of("list", AGE_BAND, AGE_BANDS[0], "listed")]
    )
    standings = ("offences_listed", "offences_scored", "offences_outside", "offences_unnamed")
    ledger.add_up(
        everyone("offences", "victims"), [everyone(name, "victims") for name in standings]
    )


def enter_tenths(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter the table of calibration: its bins add up to those with a known outcome."""
    if table.empty:
        return
    for place, row in enumerate(table.to_dict("records")):
        n, positives, rest = (("tenth", str(place), name) for name in ("n", "positives", "rest"))
        ledger.count(n, row["n"])
        ledger.count(positives, row["positives"])
        ledger.rest(n, positives, rest)
    for name, quantity in (("n", "observed"), ("positives", "outcome")):
        parts = [("tenth", str(place), name) for place in range(len(table))]
        ledger.add_up(everyone(quantity), parts)


def enter_bins(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter calibration by group: the bins of a group add up to it, and groups to a bin."""
    if table.empty:
        return
    keys = [bin_key(row) for row in table.to_dict("records")]
    for key, row in zip(keys, table.to_dict("records"), strict=True):
        n, positives = (*key, "n"), (*key, "positives")
        # without a rate the bin is of few people, however often they stand in it
        ledger.count(n, row["n"], people=1 if pd.isna(row["observed"]) else float("inf"))
        ledger.count(positives, row["positives"])
        ledger.rest(n, positives, (*key, "rest"))
    for quantity, of_group in (("n", "observed"), ("positives", "outcome")):
        for place in {key[-1] for key in keys}:
            _enter_bin(ledger, keys, place, quantity)
        for whose in {key[1:3] for key in keys}:
            parts = [(*key, quantity) for key in keys if key[1:3] == whose]
            ledger.add_up(key_of("list", whose[0], whose[1], of_group), parts)


def _enter_bin(ledger: Ledger, keys: list[Key], place: str, quantity: str) -> None:
    """Enter what a bin holds of everyone; how many, everyone knows: its edges are quantiles."""
    of_all = key_of("bin", ALL, ALL, quantity, (place,))
    for name in dict.fromkeys(key[1] for key in keys):
        parts = [(*key, quantity) for key in keys if key[1] == name and key[-1] == place]
        ledger.total(of_all, parts)
    if quantity == "n":
        ledger.count(of_all, ledger.value(of_all), known=True)


def bin_key(row: Row) -> Key:
    """Return the name of a bin of a group, to which the quantity is added."""
    return key_of("bin", str(row["characteristic"]), str(row["group"]), str(row["bin"]))


def enter_coverage(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter offences by date and standing: dates add up, and victims are no more than offences."""
    if table.empty:
        return
    for row in table.to_dict("records"):
        offences, victims, again = (
            coverage_key(row, name) for name in ("offences", "victims", "again")
        )
        ledger.count(offences, row["offences"])
        ledger.count(victims, row["victims"])
        ledger.rest(offences, victims, again, guarded=False)
    names = ("offences_listed", "offences_scored", "offences_outside", "offences_unnamed")
    for name, (_, rows) in zip(names, table.groupby("standing", sort=False), strict=False):
        dated = rows.to_dict("records")
        parts = [coverage_key(row, "offences") for row in dated]
        ledger.add_up(everyone(name, "victims"), parts)
        if name == "offences_listed":
            people = [coverage_key(row, "victims") for row in dated]
            ledger.add_up(everyone("victims_listed", "victims"), people)


def coverage_key(row: Row, quantity: str) -> Key:
    """Return the name of a count of a date and standing."""
    return ("coverage", str(row["as_of"]), str(row["standing"]), quantity)


def enter_missing(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter who has no recorded characteristic: the group "Not recorded" by another name."""
    for row in table.to_dict("records"):
        whole, missing = missing_keys(row)
        ledger.count(whole, row["n"], last=True)
        ledger.count(missing, row["missing"])
        ledger.rest(whole, missing, ("missing", str(row["table"]), str(row["characteristic"])))


def missing_keys(row: Row) -> tuple[Key, Key]:
    """Return the names of the counts of a row: everybody, and those not recorded."""
    table, name = str(row["table"]), str(row["characteristic"])
    root, quantity = MISSING_IN.get(table, ("missing in " + table, "n"))
    return everyone(quantity, root), key_of(root, name, NOT_RECORDED, quantity)


def enter_evidence(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter records by level of evidence: those of people listed are among those of all."""
    for row in table.to_dict("records"):
        listed, scored = (("evidence", row["evidence"], who) for who in ("listed", "scored"))
        ledger.count(listed, row["records_listed"])
        ledger.count(scored, row["records_scored"])
        ledger.rest(scored, listed, ("evidence", row["evidence"], "not listed"))


LABEL_COUNTS = {
    "listed_observed": "listed_observed",
    "listed_later": "listed_outcome",
    "scored_observed": "observed",
    "scored_later": "outcome",
}


def enter_label(ledger: Ledger, table: pd.DataFrame, by_group: pd.DataFrame) -> None:
    """Enter the readings of the outcome: the first is the outcome, each next is within it."""
    readings = [str(name) for name in table["label"]] if len(table) else []
    if not readings and len(by_group):
        readings = [str(name) for name in by_group["reading"].unique()]
    for row in table.to_dict("records"):
        for column, quantity in LABEL_COUNTS.items():
            ledger.count(everyone(quantity, "label", (row["label"],)), row[column])
    whose = [(ALL, ALL)]
    if len(by_group):
        names = ["characteristic", "group"]
        whose += [
            (str(name), str(group))
            for name, group in by_group[names].drop_duplicates().itertuples(index=False)
        ]
    for name, group in whose:
        for quantity in LABEL_COUNTS.values():
            _chain(ledger, readings, (name, group), quantity)


def _chain(ledger: Ledger, readings: list[str], whose: tuple[str, str], quantity: str) -> None:
    keys = [key_of("label", *whose, quantity, (reading,)) for reading in readings]
    if keys:
        ledger.add_up(key_of("list", *whose, quantity), keys[:1])
    for wide, narrow in pairwise(keys):
        if quantity in {"outcome", "listed_outcome"}:
            ledger.rest(wide, narrow, ("between", *wide, *narrow))
        else:
            ledger.add_up(wide, [narrow])


FOLLOWED = {
    "outcome observed": "observed",
    "outcome not observed: end of data": "not_observed",
}


def enter_follow_up(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter what ended follow-up: those listed are among those scored."""
    for row in table.to_dict("records"):
        if row["what"] == "mean days at risk":
            continue
        listed, scored = follow_up_keys(row["what"])
        ledger.count(scored, row["scored"])
        ledger.count(listed, row["listed"])
        ledger.rest(scored, listed, ("follow-up", row["what"], "not listed"))
        ledger.rest(everyone("listed"), listed, ("follow-up", row["what"], "other places"))
    listed, others = everyone("listed_not_observed"), everyone("others_not_observed")
    ledger.rest(everyone("listed"), everyone("listed_observed"), listed)
    ledger.rest(everyone("people"), everyone("observed"), everyone("not_observed"))
    ledger.rest(everyone("not_observed"), listed, others)


def follow_up_keys(what: str) -> tuple[Key, Key]:
    """Return the names of the counts of a row: of people listed, and of all scored."""
    if what in FOLLOWED:
        name = FOLLOWED[what]
        return everyone(f"listed_{name}"), everyone(name)
    return ("follow-up", what, "listed"), ("follow-up", what, "scored")
