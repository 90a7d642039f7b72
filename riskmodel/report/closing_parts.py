"""Parts 10 to 14: proxies, stability, change, use by people, limits; and all parts in order."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.audit.result import FairnessAudit
from riskmodel.audit.stability import MOST_DATES
from riskmodel.report import measured_parts, opening_parts
from riskmodel.report.blocks import Block, Facts, Grid, Note, Part, ToComplete
from riskmodel.report.page_tables import Column, date_text, one_digit_share, plain_table
from riskmodel.report.words import UNDEFINED, count_text, metric_name, plain_name


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
        "No feature reads the characteristics audited, age apart where it is declared, but one may "
        "stand in for them. The five features that differ most between groups. Share explained: "
        "how much of the spread of a feature’s ranks lies between groups; 0% where groups are "
        "alike, 100% where the feature tells them apart."
    )
    blocks: list[Block] = [Grid(plain_table(audit.proxies, columns, caption))]
    ablation = audit.model.get("age_ablation")
    if ablation:
        blocks.append(Note("Age is a feature of this model. What the model loses without it:"))
        blocks.append(Facts(_ablation_facts(ablation)))
    elif opening_parts.reads_age(audit.model):
        blocks.append(Note("Age is a feature of this model. What it adds was not recorded."))
    else:
        blocks.append(Note("Age is not a feature of this model."))
    blocks.append(ToComplete(["Explanations by group: which features move the estimates of each"]))
    lead = "Whether something that looks neutral stands in for who a person is."
    return Part(10, "Proxies and explanations by group", lead, blocks)


def _ablation_facts(ablation: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each metric with age and without; how many people it rests on stays inside."""
    metrics = {name: value for name, value in ablation.items() if isinstance(value, dict)}
    held_out = [("Measured on people held out by", str(ablation.get("kind", "")))]
    return held_out + [(metric_name(name), _with_and_without(m)) for name, m in metrics.items()]


def _with_and_without(numbers: dict[str, Any]) -> str:
    names = ("with_age", "without_age", "difference", "low", "high")
    present, absent, difference, low, high = (_three_digits(numbers.get(name)) for name in names)
    return (
        f"{present} with age, {absent} without: a difference of {difference} (interval {low} to "
        f"{high})"
    )


def _three_digits(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3f}".replace("-", "−")


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
        blocks += _variants(audit.stability)
    else:
        blocks.append(Note(opening_parts.NOT_MEASURED))
    lead = "Near the cut, being listed or not rests on little. How little is shown here."
    return Part(11, "Stability near the cut and of the choices behind it", lead, blocks)


def _variants(table: pd.DataFrame) -> list[Block]:
    """Return the variants that could be computed as a table, the others with the reason why not."""
    noted = table["note"] != ""
    columns: list[Column] = [
        ("variant", "Variant", plain_name),
        ("as_of", "Date", date_text),
        ("k", "Listed", count_text),
        ("kept", "Still listed", count_text),
        ("share_kept", "Share", one_digit_share),
    ]
    caption = (
        "How many of those listed stay on the list when a choice behind it changes and the model "
        f"stays as it is: the last dates audited, {MOST_DATES} at most."
    )
    blocks: list[Block] = []
    if not noted.all():
        blocks.append(Grid(plain_table(table[~noted], columns, caption)))
    if noted.any():
        blocks.append(Note("Not computed:"))
        blocks.append(
            Facts([(plain_name(v), n) for v, n in table.loc[noted, ["variant", "note"]].to_numpy()])
        )
    return blocks


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
        rows = [
            ("Places held by someone under 18", count_text(summary["listed_under_18"])),
            (
                "Places held by someone also recorded as a victim",
                count_text(summary["listed_known_as_victims"]),
            ),
            (
                "Places held by someone worked because of a list",
                count_text(summary["listed_worked"])
                if "listed_worked" in summary
                else "no log of actions was given",
            ),
            (
                "Places whose harm of the last year rests on allegations alone",
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
            "Counts of 1 to 7 are withheld and others rounded to 5; rates by group are worked out "
            "from the rounded counts. Secondary suppression is not yet done: what a withheld cell "
            "holds may follow, to within the rounding, from the other cells and a total. Check "
            "each release against the ones before."
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
    blocks = [Note(text) for text in (*notes, *map(_as_sentence, audit.notes))]
    lead = "What this report does not show, and who answers for the rest."
    return Part(14, "Limits, objections and sign-off", lead, [*blocks, todo])


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".removesuffix(".") + "."
