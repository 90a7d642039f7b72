"""Differencing: what a release gives away beside an earlier one, and what to withhold for it."""

from __future__ import annotations

from riskmodel.audit.by_group.rates import SMALLEST_CELL
from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.ledger import Ledger
from riskmodel.audit.result import FairnessAudit


def overlap(audit: FairnessAudit, earlier: FairnessAudit) -> bool:
    """Return whether two audits count some of the same people on the same date."""
    return bool(set(audit.summary.get("as_of", [])) & set(earlier.summary.get("as_of", [])))


def hold_back(ledger: Ledger, audit: FairnessAudit, earlier: Context) -> None:
    """Protect, in the ledger of an audit, what would tell on people beside an earlier release.

    Of counts of the same dates: one that differs by 1 to 7 people is withheld, and so is one that
    was withheld then. One that was shown then and is the same now is known, withheld or not.
    """
    if not overlap(audit, earlier.audit):
        return
    for key, i in ledger.ids.items():
        if key not in earlier.ledger.ids or not ledger.shown[i] or ledger.known[i]:
            continue
        shown_then = earlier.ledger.shown[earlier.ledger.ids[key]] and key not in earlier.withheld
        apart = abs(ledger.values[i] - earlier.ledger.value(key))
        if 0 < apart < SMALLEST_CELL:
            ledger.protect(key)
        elif not shown_then:
            ledger.held[i] = True
        elif shown_then and apart == 0:
            ledger.settled[i] = True
