"""All counts of an audit, entered in one ledger with everything that adds up among them."""

from __future__ import annotations

import pandas as pd

from riskmodel.audit.disclosure.group_counts import ALL, add_bands_up, enter_rates, key_of
from riskmodel.audit.disclosure.ledger import Key, Ledger, Row
from riskmodel.audit.disclosure.measures import KINDS
from riskmodel.audit.disclosure.other_counts import (
    enter_bins,
    enter_coverage,
    enter_evidence,
    enter_follow_up,
    enter_label,
    enter_missing,
    enter_summary,
    enter_tenths,
    everyone,
    summary_key,
)
from riskmodel.audit.result import FairnessAudit


def ledger_of(audit: FairnessAudit) -> Ledger:
    """Return every count that an audit would publish, and how they add up."""
    ledger = Ledger()
    for name, kind in KINDS.items():
        enter_rates(ledger, kind.root, audit.measured[name], kind.measures, kind.within)
    add_bands_up(ledger, audit.bands)
    enter_tenths(ledger, audit.calibration)
    enter_bins(ledger, audit.group_calibration)
    enter_coverage(ledger, audit.coverage)
    enter_missing(ledger, audit.data_quality)
    enter_evidence(ledger, audit.evidence)
    enter_follow_up(ledger, audit.follow_up)
    enter_label(ledger, audit.label, audit.label_groups)
    enter_summary(ledger, audit.summary)
    _enter_suspects(ledger, audit.suspects)
    _enter_people(ledger, audit.matched_gaps, "matched_people", "matched")
    _enter_people(ledger, audit.proxy_models, "n", "proxy")
    return ledger


def _enter_suspects(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter that offences by people scored are those of the people named, less the others."""
    if table.empty:
        return
    names = ["characteristic", "group"]
    for name, group in table[names].drop_duplicates().astype(str).itertuples(index=False):
        of_scored = key_of("suspects", name, group, "offences_scored")
        ledger.add_up(of_scored, [key_of("list", name, group, "offences")])


def people_key(root: str, row: Row, quantity: str) -> Key:
    """Return the name of a count of people of a group, in a table that compares groups."""
    return key_of(root, row["characteristic"], row["group"], quantity, (row.get("metric", ""),))


def _enter_people(ledger: Ledger, table: pd.DataFrame, column: str, root: str) -> None:
    """Enter counts of different people of a group: in one date's audit, those of its table."""
    for row in table.to_dict("records"):
        part = people_key(root, row, column)
        ledger.count(part, row[column])
        pool = key_of("list", row["characteristic"], row["group"], "people")
        seen = key_of("list", row["characteristic"], row["group"], "observed")
        if "people" in row:
            whole = people_key(root, row, "people")
            ledger.count(whole, row["people"])
            ledger.rest(whole, part, people_key(root, row, "others"))
            ledger.add_up(pool, [whole])
            ledger.add_up(seen, [whole])
        else:
            ledger.rest(pool, part, people_key(root, row, "others"), guarded=False)
    if root == "proxy" and len(table):
        for _, rows in table.groupby("characteristic", sort=False):
            parts = [people_key(root, row, column) for row in rows.to_dict("records")]
            ledger.total((root, ALL, ALL, column), parts)
        ledger.add_up(summary_key("people_scored"), [(root, ALL, ALL, column)])
        ledger.add_up(everyone("people"), [(root, ALL, ALL, column)])
