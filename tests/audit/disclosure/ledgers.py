"""What a ledger says, by name; and a context in which counts are simply given."""

from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.ledger import Ledger


def sums_of(ledger):
    """Every sum as the name of the whole and the names of its parts."""
    names = list(ledger.ids)
    return {(names[whole], frozenset(names[i] for i in parts)) for whole, parts in ledger.sums}


def guarded(ledger):
    """The names of the counts that must not be worked out."""
    return {key for key, i in ledger.ids.items() if ledger.need[i] is not None}


def context_with(counts, *, withheld=(), audit=None):
    """A context of these counts by name, with those withheld that are said to be."""
    ledger = Ledger()
    for key, value in counts.items():
        ledger.count(key, value)
    return Context(audit, ledger, frozenset(withheld))
