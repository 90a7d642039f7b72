"""Contents: all that one report shows, already fit for its readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from riskmodel.audit.alternatives.alternatives import Alternatives
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
