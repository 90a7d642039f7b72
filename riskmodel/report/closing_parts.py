"""Parts 10 to 14: proxies, stability, change, use by people, limits; and all parts in order."""

from __future__ import annotations

from typing import Any

from riskmodel.audit.result import FairnessAudit, json_ready
from riskmodel.report import measured_parts, opening_parts
from riskmodel.report.blocks import Block, Facts, Grid, Note, Part, ToComplete
from riskmodel.report.page_tables import Column, date_text, one_digit_share, plain_table
from riskmodel.report.words import UNDEFINED, count_text, plain_name


def all_parts(audit: FairnessAudit, *, internal: bool) -> list[Part]:
    """Return the fourteen parts in order."""
    return [
        opening_parts.identity(audit),
        opening_parts.purpose(audit),
        opening_parts.population(audit),
        opening_parts.data_quality(audit),
        opening_parts.label(audit),
        measured_parts.accuracy(audit),
        measured_parts.calibration(audit),
        measured_parts.listed(audit),
        measured_parts.victims(audit),
        proxies(audit),
        stability(audit),
        change(),
        people_and_list(audit),
        limits(audit, internal=internal),
    ]


def proxies(audit: FairnessAudit) -> Part:
    """Return part 10."""
    sentences = {entry["name"]: entry["sentence"] for entry in audit.model.get("features", [])}
    columns: list[Column] = [
        ("characteristic", "Characteristic", plain_name),
        ("feature", "Feature", lambda name: str(sentences.get(name, name))),
        ("share_explained", "Share explained", one_digit_share),
    ]
    caption = (
        "No feature reads a protected characteristic, but one may stand in for it. The five "
        "features whose ranks differ most between groups; 0% where groups are alike."
    )
    blocks: list[Block] = [Grid(plain_table(audit.proxies, columns, caption))]
    ablation = audit.model.get("age_ablation")
    if ablation:
        blocks.append(Note("Age is a feature of this model. What the model loses without it:"))
        blocks.append(Facts([(plain_name(name), _fact(value)) for name, value in ablation.items()]))
    else:
        blocks.append(Note("Age is not a feature of this model, or its ablation was not recorded."))
    blocks.append(ToComplete(["Explanations by group: which features move the estimates of each"]))
    lead = "Whether something that looks neutral stands in for who a person is."
    return Part(10, "Proxies and explanations by group", lead, blocks)


def _fact(value: Any) -> str:
    plain = json_ready(value)
    if isinstance(plain, float):
        return f"{plain:.3f}"
    if isinstance(plain, dict):
        return "; ".join(
            f"{plain_name(name).lower()} {_fact(item)}" for name, item in plain.items()
        )
    if isinstance(plain, list):
        return ", ".join(map(_fact, plain))
    return UNDEFINED if plain is None else str(plain)


def stability(audit: FairnessAudit) -> Part:
    """Return part 11."""
    summary = audit.summary
    rows = [
        (
            "Listed, whose rank by the interval of the estimate spans the cut",
            f"{count_text(summary['near_cut_listed'])} of {count_text(summary['entries_listed'])}",
        ),
        (
            "Not listed, whose rank by the interval of the estimate spans the cut",
            count_text(summary["near_cut_not_listed"]),
        ),
    ]
    blocks: list[Block] = [Facts(rows)]
    if len(audit.stability):
        columns: list[Column] = [
            ("variant", "Variant", plain_name),
            ("as_of", "Date", date_text),
            ("k", "Listed", count_text),
            ("kept", "Still listed", count_text),
            ("share_kept", "Share", one_digit_share),
            ("note", "Note", str),
        ]
        caption = "How many of those listed stay on the list when a choice behind it changes."
        blocks.append(Grid(plain_table(audit.stability, columns, caption)))
    else:
        blocks.append(Note(opening_parts.NOT_MEASURED))
    lead = "Near the cut, being listed or not rests on little. How little is shown here."
    return Part(11, "Stability near the cut and of the choices behind it", lead, blocks)


def change() -> Part:
    """Return part 12."""
    todo = ToComplete(
        [
            "Drift since training, from the monitoring of this model",
            "People who enter and leave the list when this version takes the place of the last",
        ]
    )
    return Part(
        12,
        "Drift and difference from the last version",
        "What has changed since training, and since the version before.",
        [todo],
    )


def people_and_list(audit: FairnessAudit) -> Part:
    """Return part 13."""
    summary = audit.summary
    blocks: list[Block] = []
    if "listed_under_18" in summary:
        worked = summary["listed_worked"]
        rows = [
            ("Places held by someone under 18", count_text(summary["listed_under_18"])),
            (
                "Places held by someone also recorded as a victim",
                count_text(summary["listed_known_as_victims"]),
            ),
            (
                "Places held by someone worked because of a list",
                "no log of actions was given" if worked is None else count_text(worked),
            ),
            (
                "Places whose harm of the last year rests on allegations only",
                count_text(summary["listed_on_allegation_only"]),
            ),
        ]
        blocks.append(Facts(rows))
    blocks.append(
        ToComplete(
            [
                "How often people overrode the list, in which direction, and with what outcome",
                "How long people stay listed; exits and removals, and the reasons for them",
                "Who had access to the list, and every copy made of it",
            ]
        )
    )
    return Part(
        13,
        "Use by people: overrides, exits, access",
        "What people did with the list, which no model can know.",
        blocks,
    )


def limits(audit: FairnessAudit, *, internal: bool) -> Part:
    """Return part 14."""
    notes = [
        "Outcomes are records, not deeds. Where police look more, more is recorded; who was worked "
        "because of a list has more records for that reason too.",
        "Of harm that nobody reported, nothing here can say anything.",
        "Intervals do not cover the spread between dates, nor errors in recorded characteristics.",
        "Group-specific cut-offs are off: in UK law they may be direct discrimination.",
    ]
    if internal:
        notes.append("This page holds exact counts. It is not for publication.")
    else:
        notes.append(
            "Counts of 1 to 7 are withheld, others rounded to 5, and rates worked out from the "
            "rounded counts. Secondary suppression is not yet done: a withheld cell may follow "
            "from the others and a total. Check each release against the ones before."
        )
    todo = ToComplete(
        [
            "Objections received, and what was done about them",
            "Data protection impact assessment: date and status",
            "Equality impact assessment (Equality Act 2010, s.149): date and status",
            "Retention: how long scores, lists and this report are kept",
            "Waivers in force, with name, reason and expiry",
            "Sign-off, and date of the next review",
        ]
    )
    blocks = [Note(text) for text in (*notes, *audit.notes)]
    lead = "What this report does not show, and who answers for the rest."
    return Part(14, "Limits, objections and sign-off", lead, [*blocks, todo])
