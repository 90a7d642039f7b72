"""Parts 1 to 5 of a fairness report: what it is about, for whom, on what data and label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riskmodel.audit.result import FairnessAudit
from riskmodel.report.blocks import Block, Facts, Grid, Note, Part, ToComplete
from riskmodel.report.page_tables import (
    Column,
    date_text,
    evidence_name,
    one_digit_share,
    plain_table,
)
from riskmodel.report.words import count_text, plain_name

NOT_MEASURED = "Not measured in this audit: no histories were given, only a ready-made table."


def identity(audit: FairnessAudit) -> Part:
    """Return part 1."""
    model, provenance = audit.model, audit.model.get("provenance") or {}
    libraries = provenance.get("libraries") or {}
    data = (provenance.get("data") or {}).get("digest") or {}
    rows = [
        ("Model", f"{model['name']}, version {model['version']}"),
        ("Digest of the model", model["digest"]),
        (
            "Digest of the training data",
            data.get("histories") or data.get("rows") or "not recorded",
        ),
        ("Trained", str(provenance.get("created", "not recorded"))),
        ("Expires", str(model.get("expires") or "no date")),
        ("Permitted uses", ", ".join(model["permitted_uses"])),
        ("Harm index", f"{model.get('edition', 'none')} {_bracket(model.get('edition_source'))}"),
        ("Policy", f"{audit.policy.name}, digest {audit.policy.digest()[:12]}"),
        ("Audited", audit.created),
        ("Libraries", ", ".join(f"{name} {number}" for name, number in libraries.items()) or "–"),
    ]
    todo = ToComplete(["Owner of the model and senior responsible person, with contact details"])
    return Part(
        1,
        "Identity",
        "Which model, which data and which code this report is about.",
        [Facts(rows), todo],
    )


def _bracket(text: Any) -> str:
    return f"({text})" if text else ""


def purpose(audit: FairnessAudit) -> Part:
    """Return part 2."""
    uses = ", ".join(audit.model["permitted_uses"])
    note = Note(
        f"The model permits the use “{uses}”. A score is an estimate for putting limited attention "
        "in order. It is not a finding about a person, and never a decision."
    )
    todo = ToComplete(
        [
            "The need that the list answers, and the legal basis",
            "How the same decision was made before, and what was known of its errors",
            "Alternatives considered, no list at all among them, and why they were not chosen",
            "What happens to a person who is listed, and who decides it",
        ]
    )
    return Part(
        2, "Purpose and alternatives", "What the list is for, and what it replaces.", [note, todo]
    )


def population(audit: FairnessAudit) -> Part:
    """Return part 3."""
    model, summary = audit.model, audit.summary
    rows = [
        ("Dates audited", ", ".join(summary["as_of"])),
        ("Who is scored", str(model.get("cohort", "the rows of a ready-made table"))),
        ("People scored", count_text(summary["people_scored"])),
        ("Places on the list", f"{summary['k']} on each date"),
        ("Labels as known", str(summary.get("known_at") or "not dated").removesuffix("T00:00:00")),
        ("Allowance for late reports", f"{summary.get('late_allowance_days') or 0} days"),
    ]
    aside = summary.get("records_set_aside") or {}
    rows += [(f"Set aside from {name}", count_text(n)) for name, n in aside.items()]
    blocks: list[Block] = [Facts(rows)]
    if len(audit.between.columns) > 1:
        columns: list[Column] = [("as_of", "Date", date_text)]
        columns += [
            (c, _BETWEEN.get(c, plain_name(c)), count_text)
            for c in audit.between.columns
            if c != "as_of"
        ]
        caption = (
            "Records that count neither as history nor as outcome, by date: they happened before "
            "the date and were recorded after it, or were recorded after the labels were read."
        )
        blocks.append(Grid(plain_table(audit.between, columns, caption)))
    if len(audit.follow_up):
        ends: list[Column] = [
            ("what", "What", plain_name),
            ("listed", "Listed", count_text),
            ("scored", "Everyone scored", count_text),
        ]
        caption = (
            "Follow-up, in places on a date. Death, leaving and custody for something else are "
            "competing events: the person could not have gone on, or not for as long."
        )
        blocks.append(Grid(plain_table(audit.follow_up, ends, caption)))
    lead = "Who could be listed, over what stretch of time, and who was left out."
    return Part(3, "Population, lookback and exclusions", lead, blocks)


_BETWEEN = {
    "happened_before_recorded_after": "Happened before, recorded after",
    "of_them_serious": "Of these, serious",
    "recorded_too_late": "Recorded after the labels were read",
}


def reads_age(model: dict[str, Any]) -> bool:
    """Return whether age is among the features of a model, by its identity."""
    names = [entry["name"] for entry in model.get("features", [])]
    return "age" in names or bool(model.get("age_ablation"))


def data_quality(audit: FairnessAudit) -> Part:
    """Return part 4."""
    columns: list[Column] = [
        ("table", "Among", plain_name),
        ("characteristic", "Characteristic", plain_name),
        ("n", "Rows (one a date)", count_text),
        ("missing", "Not recorded", count_text),
        ("share_missing", "Share", one_digit_share),
    ]
    caption = (
        "How often each characteristic is not recorded. “Not recorded” is a group of its own in "
        "every table that follows: who is in it is unknown, and may differ by group."
    )
    blocks: list[Block] = [Grid(plain_table(audit.data_quality, columns, caption))]
    blocks.append(
        ToComplete(
            [
                "How characteristics were recorded: self-defined, or as an officer perceived them",
                "Known errors of identity, and what is done about one person under two records",
            ]
        )
    )
    lead = "What is missing limits what can be said, and for whom."
    return Part(4, "Data quality and missing characteristics", lead, blocks)


def label(audit: FairnessAudit) -> Part:
    """Return part 5."""
    model = audit.model
    rows = [("Outcome", str(model.get("outcome", "as given in the table")))]
    if "outcome_evidence" in model:
        rows += [
            ("Records that count as outcome", _levels(model["outcome_evidence"])),
            ("Records that features read", _levels(model["feature_evidence"])),
            ("Police-generated records", "count" if model["police_generated"] else "do not count"),
        ]
    blocks: list[Block] = [Facts(rows)]
    if len(audit.evidence):
        columns: list[Column] = [
            ("evidence", "Evidence", evidence_name),
            ("records_listed", "Listed", count_text),
            ("share_listed", "Share", one_digit_share),
            ("records_scored", "Everyone scored", count_text),
            ("share_scored", "Share", one_digit_share),
        ]
        caption = (
            "Records of the year before each date, by evidence as it stood then. Withdrawn support "
            "is often the mark of an intimidated victim: such a record stays."
        )
        blocks.append(Grid(plain_table(audit.evidence, columns, caption)))
        blocks.append(Grid(plain_table(audit.label, _LABEL_COLUMNS, _LABEL_CAPTION)))
    else:
        blocks.append(Note(NOT_MEASURED))
    lead = "A record is not a fact about a person. What counts here, and how solid it is."
    return Part(5, "Label and evidence", lead, blocks)


def _levels(levels: Sequence[str]) -> str:
    return ", ".join(evidence_name(level).lower() for level in levels)


_LABEL_COLUMNS: list[Column] = [
    ("label", "If the outcome is", plain_name),
    ("listed_later", "Listed and went on", count_text),
    ("listed_observed", "Listed", count_text),
    ("precision", "Precision", one_digit_share),
    ("scored_later", "Went on", count_text),
    ("recall", "Recall", one_digit_share),
]
_LABEL_CAPTION = (
    "The same list judged by stricter readings of the records. Precision: of those listed, who "
    "went on. Recall: of those who went on, who was listed. Charges take time: a recent record may "
    "not have reached one yet."
)
