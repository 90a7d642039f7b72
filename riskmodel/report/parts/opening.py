"""Parts 1 to 3: what the report is about, what was promised in place of what, and for whom."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.audit.alternatives.candidates import COMPARATOR
from riskmodel.audit.policies.criteria import CANNOT_ALL_HOLD
from riskmodel.audit.policies.policy import Policy
from riskmodel.report.blocks import (
    Absent,
    Block,
    Drawing,
    Facts,
    Grid,
    Heading,
    Note,
    Part,
    Points,
    ToComplete,
)
from riskmodel.report.contents import Contents
from riskmodel.report.drawings.choices import frontier
from riskmodel.report.parts.common import NOT_MEASURED, as_sentence
from riskmodel.report.tables import (
    Cell,
    Column,
    Table,
    date_text,
    figure,
    plain_table,
)
from riskmodel.report.words import (
    UNDEFINED,
    count_text,
    interval_text,
    metric_name,
    plain_name,
    points_text,
    share_text,
)


def identity(contents: Contents) -> Part:
    """Return part 1."""
    audit = contents.audit
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
    lead = "Which model, which data and which code this report is about."
    return Part(1, "Identity", lead, [Facts(rows), todo])


def _bracket(text: Any) -> str:
    return f"({text})" if text else ""


def purpose(contents: Contents) -> Part:
    """Return part 2."""
    uses = ", ".join(contents.audit.model["permitted_uses"])
    blocks: list[Block] = [
        Note(
            f"The model permits the use “{uses}”. A score is an estimate for putting limited "
            "attention in order. It is not a finding about a person, and never a decision."
        ),
        Heading("What was promised, and why"),
        *_promises(contents.audit.policy),
        Heading("What else was possible"),
        *_alternatives(contents),
        ToComplete(
            [
                "The need that the list answers, and the legal basis",
                "How the same decision was made before, and what was known of its errors",
                "Alternatives outside the model, no list at all among them, and why not chosen",
                "What happens to a person who is listed, and who decides it",
            ]
        ),
    ]
    lead = "What the list is for, what was promised about it, and what it replaces."
    return Part(2, "Purpose, promises and alternatives", lead, blocks)


_ALL_SHOWN = "The metrics that were not chosen are shown in parts 8 and 9, with no verdict on them."


def _promises(policy: Policy) -> list[Block]:
    promised = [as_sentence(criterion.describe()) for criterion in policy.criteria]
    why = policy.why or "The policy does not say why these criteria were chosen: its owner has to."
    return [
        Note(f"A policy is chosen before the figures are seen. “{policy.name}” promises:"),
        Points(promised),
        Note(f"Why these: {as_sentence(why)}"),
        Note(_ALL_SHOWN if CANNOT_ALL_HOLD in why else f"{CANNOT_ALL_HOLD} {_ALL_SHOWN}"),
    ]


def _alternatives(contents: Contents) -> list[Block]:
    found = contents.alternatives
    if found is None or found.frontier.empty:
        return [
            Absent(
                "Other settings of the model, and how much accuracy a smaller gap would cost. "
                f"{NOT_MEASURED}: “riskmodel alternatives” measures it, and this report then "
                "shows it."
            )
        ]
    table, metric = found.frontier, metric_name(found.metric).lower()
    drawing = frontier(
        table,
        name="frontier",
        title="Precision and gap of each alternative",
        description=" ".join(_said(line) for _, line in table.iterrows()),
    )
    caption = (
        f"Each mark is one way of making the list: how right it is about those listed (of a list "
        f"of {found.k}), and the widest gap in {metric} between any group and its reference. Where "
        "intervals overlap, two ways may be alike. The line joins those that no other one beats."
    )
    notes = [*table["legal_note"].dropna(), *found.notes]
    return [
        Drawing(drawing, caption),
        Grid(alternatives_table(table)),
        *_later(found.later),
        Points([as_sentence(note) for note in dict.fromkeys(notes) if note]),
    ]


def _said(line: pd.Series) -> str:
    chosen = ", chosen" if line["chosen"] else ""
    gap = share_text(line["gap"], 1)
    return f"{line['name']}{chosen}: precision {share_text(line['precision'], 1)}, gap {gap}."


def _later(table: pd.DataFrame) -> list[Block]:
    if table.empty:
        return []
    caption = (
        "The same on later dates, which did not help to pick. What was picked for its small gap "
        "tends to have a wider one here: that part of it was chance."
    )
    return [Grid(alternatives_table(table, caption))]


_TRIED = (
    "Alternatives that were tried. A smaller gap at no clear cost in precision is a reason to "
    "change, and its owner should say why it was not taken."
)


def alternatives_table(table: pd.DataFrame, caption: str = _TRIED) -> Table:
    """Return the alternatives with what was set, what they cost and whether one was chosen."""
    rows = [
        [
            Cell(str(line["name"]), str(line["settings"] or "")),
            Cell(_standing(line)),
            Cell(
                share_text(line["precision"], 1),
                interval_text(line["precision_low"], line["precision_high"]),
                value=figure(line["precision"]),
            ),
            _gap(line),
        ]
        for _, line in table.iterrows()
    ]
    headings = ["Alternative", "Standing", "Precision", "Widest gap"]
    return Table(caption, headings, rows, frozenset({0, 1}))


def _gap(line: pd.Series) -> Cell:
    if pd.isna(line["gap"]):
        return Cell(UNDEFINED, str(line["note"] or ""), "quiet")
    interval = interval_text(line["gap_low"], line["gap_high"])
    where = f"{plain_name(line['characteristic']).lower()}, “{line['group']}”"
    points = points_text(line["gap"]).lstrip("+±")
    return Cell(points, f"{interval} · {where}", value=figure(line["gap"]))


def _standing(line: pd.Series) -> str:
    words = [
        "chosen" if line["chosen"] else "",
        "none beats it" if line["on_frontier"] else "",
        "only to compare" if line["kind"] == COMPARATOR else "",
        "reads the group" if line["reads_group"] else "",
        "" if line["not_worse"] else "less precise",
    ]
    return ", ".join(filter(None, words)) or "not clearly less precise"


_RECIPE = "given: made out of time by the recipe of the model, for dates that it learnt from"


def population(contents: Contents) -> Part:
    """Return part 3."""
    model, summary = contents.audit.model, contents.audit.summary
    rows = [
        ("Dates audited", ", ".join(summary["as_of"]) or "the table has no dates"),
        ("Who is scored", str(model.get("cohort", "the rows of a ready-made table"))),
        ("People scored", count_text(summary["people_scored"])),
        ("Places on the list", f"{summary['k']} on each date"),
        ("Estimates", _RECIPE if summary.get("estimates_given") else "made by this very model"),
        ("Labels as known", str(summary.get("known_at") or "not dated").removesuffix("T00:00:00")),
        ("Allowance for late reports", f"{summary.get('late_allowance_days') or 0} days"),
    ]
    aside = summary.get("records_set_aside") or {}
    rows += [(f"Set aside from {name}", count_text(n)) for name, n in aside.items()]
    blocks: list[Block] = [Facts(rows), *_between(contents), *_follow_up(contents)]
    lead = "Who could be listed, over what stretch of time, and who was left out."
    return Part(3, "Population, lookback and exclusions", lead, blocks)


_BETWEEN = {
    "happened_before_recorded_after": "Happened before, recorded after",
    "of_them_serious": "Of these, serious",
    "recorded_too_late": "Recorded after the labels were read",
}


def _between(contents: Contents) -> list[Block]:
    table = contents.audit.between
    counted = [str(name) for name in table.columns if name != "as_of"]
    if not counted:
        return []
    columns: list[Column] = [("as_of", "Date", date_text)]
    columns += [(name, _BETWEEN.get(name, plain_name(name)), count_text) for name in counted]
    caption = (
        "Records that count neither as history nor as outcome, by date: they happened before "
        "the date and were recorded after it, or were recorded after the labels were read."
    )
    return [Grid(plain_table(table, columns, caption))]


def _follow_up(contents: Contents) -> list[Block]:
    table = contents.audit.follow_up
    if table.empty:
        return []
    columns: list[Column] = [
        ("what", "What", plain_name),
        ("listed", "Listed", count_text),
        ("scored", "Everyone scored", count_text),
    ]
    caption = (
        "Follow-up, in places on a date. Death, leaving and custody for something else are "
        "competing events: the person could not have gone on, or not for as long."
    )
    return [Grid(plain_table(table, columns, caption))]
