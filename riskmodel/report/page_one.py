"""Page one: what a reader without statistics learns in two minutes, on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskmodel.audit.over_time import OverTime
from riskmodel.report.contents import Contents
from riskmodel.report.words import (
    count_text,
    share_text,
)

_WAIVER = "The model may be used only under a waiver: a named person’s, for 90 days at most."
VERDICT_SENTENCES = {
    "pass": "Every gap that could be measured lies inside the tolerance of the policy, interval "
    "and all. Of groups that could not be compared, a pass says nothing.",
    "fail": "At least one promise of the policy is not kept: a gap lies wholly outside its "
    f"tolerance, or the list is such that no gap can be read from it. {_WAIVER}",
    "insufficient evidence": "The gaps are not measured well enough to say whether they lie inside "
    f"the tolerance of the policy or outside it. This is not a pass. {_WAIVER}",
}


@dataclass(frozen=True)
class Tile:
    """One leading figure: the number, what it counts, and a line beneath."""

    figure: str
    what: str
    under: str


@dataclass(frozen=True)
class Standing:
    """A waiver or an alert, as page one states it."""

    kind: str
    text: str


def tiles(summary: dict[str, Any]) -> list[Tile]:
    """Return the leading figures; a withheld one says so."""
    found = [
        Tile(count_text(summary["entries_listed"]), "places on the list", _places(summary)),
        _part(
            summary,
            "listed_no_later_serious",
            "listed_observed",
            "of those listed had no later serious record",
        ),
        _part(
            summary,
            "later_serious_not_listed",
            "later_serious",
            "of those scored who went on to a serious record were not listed",
        ),
    ]
    if summary.get("offences_later"):
        found.append(
            _part(
                summary,
                "offences_no_suspect",
                "offences_later",
                "of later serious offences had no suspect named",
            )
        )
    return found


def _places(summary: dict[str, Any]) -> str:
    dates = summary["n_dates"]
    return f"{summary['k']} on {'each of ' if dates > 1 else ''}{dates} date{'s' * (dates > 1)}"


def _part(summary: dict[str, Any], top: str, bottom: str, what: str) -> Tile:
    hits, base = summary[top], summary[bottom]
    share = hits / base if hits is not None and base else None
    return Tile(share_text(share), what, f"{count_text(hits)} of {count_text(base)}")


def caution(summary: dict[str, Any]) -> str:
    """Return the warning that stands before all else, or nothing."""
    seen, dates = summary.get("dates_learnt_from"), summary["n_dates"]
    if not seen:
        return ""
    return (
        f"Read with care: {seen} of {dates} dates audited lie before the day up to which the "
        "model has learnt outcomes, so that these figures flatter it."
    )


def standing(contents: Contents) -> list[Standing]:
    """Return the waivers in force and the alerts, or that none was noted."""
    digest, today = contents.audit.model_digest, contents.today
    found = [
        Standing(
            "Waiver in force",
            f"{waiver.name}{f', {waiver.role}' if waiver.role else ''}: "
            f"{waiver.reason.rstrip('.')}. Expires {waiver.expires.isoformat()}.",
        )
        for waiver in contents.waivers
        if waiver.covers(digest, today=today)
    ]
    if not found:
        found = [Standing("Waivers in force", "none noted in this report.")]
    if contents.over_time is not None:
        found += _alerts(contents.over_time)
    return found


def _alerts(over_time: OverTime) -> list[Standing]:
    """Return the alerts that stand, and how many limits may have been crossed by chance."""
    standing = [Standing("Alert", alert.sentence) for alert in over_time.alerts if alert.stands]
    others = len(over_time.alerts) - len(standing)
    if not others:
        return standing
    limits = "1 more limit was" if others == 1 else f"{others} more limits were"
    return [*standing, Standing("Watch", f"{limits} crossed, which may be chance: see part 12.")]
