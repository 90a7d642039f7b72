"""What an audit found in whole sentences: for the records, and for page one in more detail."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.audit.result import FairnessAudit
from riskmodel.report.clear_gaps import allowed_for, interval_of, measured, widest_clear
from riskmodel.report.words import (
    count_text,
    plain_name,
    points_interval,
    points_text,
    span_text,
    where_text,
    withheld_said,
)


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
    dates, horizon = summary["n_dates"], span_text(summary.get("horizon_days"))
    lines = [
        f"The model put {n['k']} people on the list {where_text(summary)}: {about}"
        f"{n['entries_listed']} places, held by {about}{n['people_listed']} different people, "
        f"out of {about}{n['people_scored']} people scored.",
        f"Of {about}{n['listed_observed']} places whose outcome is known, {about}"
        f"{n['listed_no_later_serious']} had no later serious record within {horizon}. "
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
    return [withheld_said(line) for line in lines]


def _nested(value: Any) -> bool:
    return isinstance(value, dict | list | str)


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
    found = measured(gaps, metric)
    if found.empty:
        return f"{whom}, no groups could be compared in {what}."
    together = ", all allowed for" if allowed_for(found) else ""
    compared = f"({len(found)} comparison{'s' if len(found) != 1 else ''} made{together})"
    row = widest_clear(found)
    if row is None:
        return f"{whom}, no group differs clearly from its reference group in {what} {compared}."
    by_chance = _BY_CHANCE if len(found) > 1 and not together else ""
    return (
        f"{whom}, the widest clear gap is in {what}: {points_text(row['difference'])} "
        f"({points_interval(*interval_of(row))}) for {plain_name(row['characteristic']).lower()} "
        f"“{row['group']}” against “{row['reference']}” {compared}.{by_chance}"
    )
