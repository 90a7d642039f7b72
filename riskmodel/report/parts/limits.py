"""Part 14: what the report does not show, and who answers for the rest."""

from __future__ import annotations

from riskmodel.report.blocks import Block, Facts, Grid, Heading, Part, Points, ToComplete
from riskmodel.report.contents import Contents
from riskmodel.report.parts.common import as_sentence
from riskmodel.report.tables import Cell, Table


def limits(contents: Contents) -> Part:
    """Return part 14."""
    notes = [
        "Outcomes are records, not deeds. Where police look more, more is recorded; who was worked "
        "because of a list has more records for that reason too.",
        "Of harm that nobody reported, nothing here can say anything.",
        "Intervals do not cover the spread between dates, nor errors in recorded characteristics.",
        "Group-specific cut-offs are off: in UK law they may be direct discrimination.",
        INTERNAL if contents.internal else PUBLISHED,
    ]
    blocks: list[Block] = [Points([*notes, *map(as_sentence, contents.audit.notes)])]
    blocks += [Heading("Waivers"), *_waivers(contents)]
    blocks.append(
        ToComplete(
            [
                "Objections received, and what was done about them",
                "Data protection impact assessment: date and status",
                "Equality impact assessment (Equality Act 2010, s.149): date and status",
                "Retention: how long scores, lists and this report are kept",
                "Sign-off, and date of the next review",
            ]
        )
    )
    lead = "What this report does not show, and who answers for the rest."
    return Part(14, "Limits, objections and sign-off", lead, blocks)


INTERNAL = "This page holds exact counts. It is not for publication."
PUBLISHED = (
    "Counts of 1 to 7 are withheld, and so is what would let one be worked out by subtraction: "
    "given all that is printed here, each withheld one may be any number from 1 to 7. Other counts "
    "are rounded to 5. Rates by group, gaps and their intervals follow from the rounded counts; no "
    "interval is narrower than the exact one, and verdicts are judged on exact figures. One length "
    "of list is shown, and of the list that verdicts are judged on only the gap behind each. "
    "Earlier releases are allowed for only where this report was given them."
)


def _waivers(contents: Contents) -> list[Block]:
    if not contents.waivers:
        return [Facts([("Waivers in force", "none was given to this report")])]
    rows = [
        [
            Cell(waiver.name, waiver.role),
            Cell(waiver.reason),
            Cell(waiver.signed.isoformat()),
            Cell(waiver.expires.isoformat()),
            Cell(
                "in force" if waiver.signed <= contents.today < waiver.expires else "not in force"
            ),
        ]
        for waiver in contents.waivers
    ]
    caption = "Signed exceptions to the verdict, for this very model; each at most 90 days long."
    headings = ["Who answers for it", "Reason", "Signed", "Expires", "On the day of this page"]
    return [Grid(Table(caption, headings, rows, frozenset(range(5))))]
