"""Contents: all that one report shows, and what of it leaves the organisation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.disclosure import (
    published,
    published_alternatives,
    published_over_time,
)
from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What one report shows.

    Attributes
    ----------
    audit : FairnessAudit
        Exact on an internal page, published on any other; so are the others.
    internal : bool
    over_time : OverTime or None
    alternatives : Alternatives or None
    waivers : tuple of Waiver
        For this very model.
    earlier : tuple of FairnessAudit
        Of the versions before, the oldest first.
    kept_back : frozenset of str
        Tables that were measured and do not leave the organisation.
    today : date
        The day on which waivers are in force or not.
    """

    audit: FairnessAudit
    internal: bool
    over_time: OverTime | None = None
    alternatives: Alternatives | None = None
    waivers: tuple[Waiver, ...] = ()
    earlier: tuple[FairnessAudit, ...] = ()
    kept_back: frozenset[str] = frozenset()
    today: date = field(default_factory=date.today)


def disclosed(contents: Contents) -> Contents:
    """Return the contents fit to be published, and the names of what was measured and is not."""
    line, over_time, alternatives = contents.earlier, contents.over_time, contents.alternatives
    shown = published(contents.audit, earlier=line)
    return replace(
        contents,
        audit=shown,
        earlier=tuple(published(one, earlier=line[:i]) for i, one in enumerate(line)),
        over_time=None if over_time is None else published_over_time(over_time, beside=shown),
        alternatives=None if alternatives is None else published_alternatives(alternatives),
        kept_back=_kept_back(contents.audit, shown),
    )


def _kept_back(audit: FairnessAudit, shown: FairnessAudit) -> frozenset[str]:
    return frozenset(_measured(audit) - _measured(shown))


def _measured(audit: FairnessAudit) -> set[str]:
    return {name for name, table in audit.measured.items() if len(table)}
