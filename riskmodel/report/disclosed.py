"""What of a report's contents leaves the organisation."""

from __future__ import annotations

from dataclasses import replace

from riskmodel.audit.disclosure import (
    published,
    published_alternatives,
    published_over_time,
)
from riskmodel.audit.result import FairnessAudit
from riskmodel.report.contents import Contents


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
