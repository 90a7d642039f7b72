"""Page one: what a reader without statistics learns in two minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.result import FairnessAudit
from riskmodel.report.words import (
    count_text,
    plain_name,
    points_interval,
    points_text,
    share_text,
)

_WAIVER = (
    "The model may be used only under a waiver, signed by a named person and for at most 90 days."
)
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


def summary_sentences(summary: dict[str, Any], *, internal: bool) -> list[str]:
    """Return the sentences of page one, from the summary's counts.

    Parameters
    ----------
    summary : dict
        Of a FairnessAudit; a count of None is withheld.
    internal : bool
        Published counts are rounded, and said to be.
    """
    n = {name: count_text(count) for name, count in summary.items() if not _nested(count)}
    about = "" if internal else "about "
    dates = summary["n_dates"]
    where = f"on each of {dates} dates" if dates > 1 else f"as of {summary['as_of'][0]}"
    lines = [
        f"The model put {n['k']} people on the list {where}: {about}{n['entries_listed']} places, "
        f"held by {about}{n['people_listed']} different people, out of {about}"
        f"{n['people_scored']} people scored.",
        f"Of {about}{n['listed_observed']} places whose outcome is known, {about}"
        f"{n['listed_no_later_serious']} had no later serious record within {_horizon(summary)}. "
        "No later record is not proof that nothing happened, and a later record is not proof "
        "that it did.",
        f"Of {about}{n['later_serious']} times that someone scored went on to a serious record, "
        f"{about}{n['later_serious_not_listed']} were not on the list.",
    ]
    if seen := summary.get("dates_learnt_from"):
        lines.insert(
            0,
            f"Read with care: {seen} of {dates} dates audited lie before the day up to which the "
            "model has learnt outcomes, so that these figures flatter it.",
        )
    if summary.get("offences_later"):
        lines.append(
            f"Of {about}{n['offences_later']} later serious offences, each of one victim in one "
            f"incident, {about}{n['offences_listed']} had a suspect who was listed; {about}"
            f"{n['offences_no_suspect']} had no suspect named, and no list of named suspects "
            "can cover those."
        )
    if dates > 1:
        lines.append(
            "A person scored on several dates counts once on each, and so does an offence that "
            "falls within the outcome windows of several."
        )
    return [line.replace("about withheld", "a withheld number") for line in lines]


def _nested(value: Any) -> bool:
    return isinstance(value, dict | list | str)


def _horizon(summary: dict[str, Any]) -> str:
    days = summary.get("horizon_days")
    return f"{days} days" if days else "the outcome window"


def gap_sentences(audit: FairnessAudit) -> list[str]:
    """Return one sentence for each side: people listed, and victims."""
    return [
        _gap_sentence(
            audit.gaps,
            "precision",
            "Among people listed",
            "what share went on to serious harm",
        ),
        _gap_sentence(
            audit.victim_gaps,
            "coverage",
            "Among victims",
            "what share of the serious offences against them the list covers",
        ),
    ]


_BY_CHANCE = " Of many comparisons, some look clear by chance alone."


def _gap_sentence(gaps: pd.DataFrame, metric: str, whom: str, what: str) -> str:
    found = gaps[(gaps["metric"] == metric) & gaps["difference"].notna()]
    low, high = (found[f"difference_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
    clear = found[(low > 0) | (high < 0)]
    if found.empty:
        return f"{whom}, no groups could be compared in {what}."
    compared = f"({len(found)} comparison{'s' if len(found) != 1 else ''} made)"
    if clear.empty:
        return f"{whom}, no group differs clearly from its reference group in {what} {compared}."
    row = clear.iloc[int(np.argmax(clear["difference"].abs()))]
    return (
        f"{whom}, the widest clear gap is in {what}: {points_text(row['difference'])} "
        f"({points_interval(row['difference_low'], row['difference_high'])}) for "
        f"{plain_name(row['characteristic']).lower()} “{row['group']}” against "
        f"“{row['reference']}” {compared}.{_BY_CHANCE if len(found) > 1 else ''}"
    )
