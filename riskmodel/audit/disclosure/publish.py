"""published: an audit with every table, the summary and the verdicts fit to be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from riskmodel.audit.by_group.rates import SMALLEST_CELL
from riskmodel.audit.disclosure.accuracy import disclose_accuracy
from riskmodel.audit.disclosure.audit_counts import ledger_of
from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.gate import disclose_verdicts
from riskmodel.audit.disclosure.ledger import Ledger
from riskmodel.audit.disclosure.other_counts import everyone
from riskmodel.audit.disclosure.plain_tables import disclose_summary
from riskmodel.audit.disclosure.rules import published_tables
from riskmodel.audit.disclosure.suppression import withheld_counts
from riskmodel.audit.result import FairnessAudit


def published(audit: FairnessAudit, *, earlier: Sequence[FairnessAudit] = ()) -> FairnessAudit:
    """Return the audit with every table and the summary fit to be published.

    Parameters
    ----------
    audit : FairnessAudit
        With exact counts.
    earlier : sequence of FairnessAudit
        Audits with exact counts that have been published before: counts that would say, by
        subtraction, how 1 to 7 people differ between then and now are withheld too.

    Returns
    -------
    FairnessAudit

    Notes
    -----
    Counts of 1 to 7 people are withheld; then further counts, until no withheld one can be
    worked out from all that is published (`suppression`). Other counts are rounded to 5, and
    rates, gaps and their intervals follow from the rounded counts. One length of list is
    published; of the list that verdicts are judged on, only the gap behind each verdict. Tables
    without a rule are left out.

    Examples
    --------
    >>> from riskmodel.audit.policies.policy import Policy
    >>> audit = FairnessAudit(
    ...     model_digest="0" * 64, model={}, policy=Policy.default(), verdicts=(), measured={},
    ...     summary={"k": 100, "n_dates": 1, "listed_under_18": 3, "entries_listed": 98},
    ... )
    >>> published(audit).summary
    {'k': 100, 'n_dates': 1, 'listed_under_18': None, 'entries_listed': 100}
    """
    context = context_of(audit, earlier)
    tables = published_tables(context)
    nothing = audit.gaps.iloc[:0], audit.victim_gaps.iloc[:0]
    gaps = tables.get("gaps", nothing[0]), tables.get("victim_gaps", nothing[1])
    precise = context.printed(everyone("listed_outcome")) >= 0
    return replace(
        audit,
        summary=disclose_summary(audit.summary, context),
        measured=tables,
        verdicts=disclose_verdicts(audit, gaps),
        accuracy=disclose_accuracy(audit.accuracy, audit.summary["k"], precise=precise),
    )


def context_of(audit: FairnessAudit, earlier: Sequence[FairnessAudit] = ()) -> Context:
    """Return the ledger of an audit, and what of it is withheld, given what was published before.

    Parameters
    ----------
    audit : FairnessAudit
    earlier : sequence of FairnessAudit
        In the order of their release: each was published in view of those before it.
    """
    before: list[Context] = []
    for one in earlier:
        before.append(_in_view_of(one, before))
    return _in_view_of(audit, before)


def _in_view_of(audit: FairnessAudit, before: Sequence[Context]) -> Context:
    ledger = ledger_of(audit)
    for context in before:
        hold_back(ledger, audit, context)
    return Context(audit, ledger, withheld_counts(ledger))


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
