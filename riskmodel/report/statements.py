"""The six short statements of page one: who, what followed, both sides, what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.result import FairnessAudit
from riskmodel.report.clear_gaps import interval_of, measured, widest_clear
from riskmodel.report.contents import Contents
from riskmodel.report.parts.common import by_characteristic
from riskmodel.report.parts.shares import furthest_apart
from riskmodel.report.words import (
    count_text,
    joined,
    plain_name,
    points_interval,
    points_text,
    share_text,
    span_text,
    where_text,
    withheld_said,
)


@dataclass(frozen=True)
class Statement:
    """What page one says about one question."""

    about: str
    text: str


def statements(contents: Contents) -> list[Statement]:
    """Return the six short statements of page one."""
    audit, about = contents.audit, "" if contents.internal else "about "
    return [
        Statement("Who was listed", _who(audit.summary, about)),
        Statement("What followed", _followed(audit.summary, about)),
        Statement("Listed on weaker grounds", weaker_grounds(audit)),
        Statement("Whose harm is missed", missed_harm(audit)),
        Statement("What is not known", not_known(audit)),
        Statement("What was promised, and why", promised(audit)),
    ]


def _who(summary: dict[str, Any], about: str) -> str:
    people, scored = (count_text(summary[name]) for name in ("people_listed", "people_scored"))
    dates = summary["n_dates"]
    different = f": {about}{people} different people" if dates > 1 else ""
    text = f"{summary['k']} people {where_text(summary)}{different}, out of {about}{scored} scored."
    return withheld_said(text)


def _followed(summary: dict[str, Any], about: str) -> str:
    counts = ("listed_observed", "listed_no_later_serious")
    places, clear = (count_text(summary[name]) for name in counts)
    text = (
        f"Of {about}{places} places whose outcome is known, {about}{clear} had no later serious "
        f"record within {span_text(summary.get('horizon_days'))}. That is no proof that nothing "
        "happened, and a record is none that it did."
    )
    return withheld_said(text)


def weaker_grounds(audit: FairnessAudit) -> str:
    """Return whose listed people went on less often than the others', if any clearly did."""
    gaps = measured(audit.gaps, "precision")
    if gaps.empty:
        return "Nobody can tell: no two groups have enough people listed to be compared."
    row = widest_clear(gaps)
    if row is None:
        return (
            f"No group clearly: in {_comparisons(len(gaps))} the groups’ shares of listed people "
            f"who went on may be the same.{_visible(gaps)}{_longer_list(audit)}"
        )
    more, less = row["group"], row["reference"]
    if row["difference"] < 0:
        more, less = less, more
    return (
        f"{_group(row['characteristic'], less)}: fewer of its people listed went on than of "
        f"{_group('', more)}. The gap is {_gap(row)}, in the widest of {_comparisons(len(gaps))}."
    )


def _longer_list(audit: FairnessAudit) -> str:
    """Return the widest gap among those listed of the longer list that the verdicts read."""
    found = [
        one
        for one in audit.verdicts
        if one.metric == "precision" and one.scale == "difference" and not np.isnan(one.gap)
    ]
    if not found:
        return ""
    widest = max(found, key=lambda one: abs(one.gap))
    interval = points_interval(widest.low, widest.high)
    return (
        " In the longer list that the verdicts read, the widest gap is "
        f"{points_text(widest.gap)} ({interval}): "
        f"{_group(widest.characteristic, widest.group)} against {_group('', widest.reference)}."
    )


def missed_harm(audit: FairnessAudit) -> str:
    """Return whose later harm the list covers least, on either side."""
    gaps = measured(audit.victim_gaps, "coverage")
    row = widest_clear(gaps) if len(gaps) else None
    if row is not None:
        less = row["group"] if row["difference"] < 0 else row["reference"]
        more = row["reference"] if row["difference"] < 0 else row["group"]
        found = (
            f"Victims, {_group(row['characteristic'], less)}: the list covers less of the serious "
            f"offences against them than of those against {_group('', more)}, by {_gap(row)}."
        )
    elif len(gaps):
        found = f"No group of victims is clearly covered less ({_comparisons(len(gaps))})."
    else:
        found = "No groups of victims could be compared."
    return f"{found} {_unseen(audit)}".strip()


def _unseen(audit: FairnessAudit) -> str:
    """Return whose later harm the list looks for least, of the people who did it."""
    found = [
        (apart, name, said[0])
        for name, rates in by_characteristic(audit.listed)
        if (said := (pair := furthest_apart(rates))[1]) and (apart := pair[0])
    ]
    if not found:
        return ""
    _, name, sentence = max(found)
    return f"Of those listed, by {plain_name(name).lower()}: {sentence}"


def _first_sentence(text: str) -> str:
    head, _, _ = text.partition(". ")
    return head.removesuffix(".") + "."


def not_known(audit: FairnessAudit) -> str:
    """Return what the verdict says nothing about: groups too small, and what is not recorded."""
    compared = sum(verdict.compared for verdict in audit.verdicts)
    left_out = sum(verdict.not_compared for verdict in audit.verdicts)
    lines = [_compared(compared, left_out)]
    if missing := _most_missing(audit.data_quality):
        lines.append(f"Not recorded: {missing}.")
    lines.append("Of harm that nobody reported, nothing is known.")
    return " ".join(lines)


def _compared(made: int, left_out: int) -> str:
    if not made:
        return "Not one of the comparisons that were promised could be made."
    if not left_out:
        return f"All {made} comparisons that were promised could be made."
    return (
        f"{left_out} of {made + left_out} comparisons that were promised rest on too few people "
        "to make."
    )


def _most_missing(table: pd.DataFrame) -> str:
    """Return the characteristic missing most often in each table."""
    if table.empty or not (table["share_missing"] > 0).any():
        return ""
    some = table[table["share_missing"] > 0]
    worst = some.loc[some.groupby("table", sort=False)["share_missing"].idxmax()]
    said = [
        f"{plain_name(line['characteristic']).lower()} of {share_text(line['share_missing'])} of "
        f"{line['table']}"
        for _, line in worst.iterrows()
        if line["table"] != "people listed"
    ]
    return joined(said) if said else ""


def promised(audit: FairnessAudit) -> str:
    """Return the criteria of the policy, why these, and that not all of them can hold."""
    policy = audit.policy
    criteria = joined([criterion.describe() for criterion in policy.criteria])
    why = f" {_first_sentence(policy.why)}" if policy.why else ""
    return (
        f"{plain_name(criteria)}.{why} Equal precision, recall and false positives cannot all "
        "hold where groups differ in how often they go on."
    )


def _visible(gaps: pd.DataFrame) -> str:
    smallest = gaps["detectable"].median() if "detectable" in gaps else np.nan
    if pd.isna(smallest):
        return ""
    points = points_text(smallest).lstrip("+")
    return f" Gaps below about {points} would usually not have shown."


def _comparisons(count: int) -> str:
    return f"{count} comparison{'s' * (count != 1)}"


def _group(characteristic: str, group: str) -> str:
    words = f"{plain_name(characteristic).lower()} " if characteristic else ""
    return "everyone" if group == "Everyone" else f"{words}“{group}”"


def _gap(row: pd.Series) -> str:
    size = points_text(abs(row["difference"])).lstrip("+±")
    ends = _outward(row["difference"], *interval_of(row))
    return f"{size} ({points_interval(*ends)})"


def _outward(gap: float, low: float, high: float) -> list[float]:
    """Return the interval of a gap's size: that of −8 is one of 8."""
    return sorted(float(np.sign(gap)) * end for end in (low, high))
