"""What a part of the report is made of: facts, notes, drawings, and what its owner must add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from riskmodel.report.tables import Table

TO_COMPLETE = "To be completed by the owner"


@dataclass(frozen=True)
class Facts:
    """Names and what they are, one line each."""

    rows: Sequence[tuple[str, str]]
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True)
class Note:
    """A paragraph."""

    text: str
    kind: ClassVar[str] = "note"


@dataclass(frozen=True)
class Points:
    """Sentences that each stand on their own."""

    lines: Sequence[str]
    kind: ClassVar[str] = "points"


@dataclass(frozen=True)
class Absent:
    """What this run did not measure, and why."""

    text: str
    kind: ClassVar[str] = "absent"


@dataclass(frozen=True)
class Heading:
    """A heading within a part."""

    text: str
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True)
class ToComplete:
    """What this run can't know, and who should say it."""

    items: Sequence[str]
    kind: ClassVar[str] = "todo"


@dataclass(frozen=True)
class Grid:
    """A table of the page."""

    table: Table
    kind: ClassVar[str] = "grid"


@dataclass(frozen=True)
class Drawing:
    """An inline SVG with a caption."""

    svg: str
    caption: str
    kind: ClassVar[str] = "drawing"


@dataclass(frozen=True)
class Fold:
    """A characteristic of its own: a heading over blocks; tables behind a summary line."""

    title: str
    shown: Sequence[Block] = field(default_factory=tuple)
    folded: Sequence[Block] = field(default_factory=tuple)
    label: str = "Figures as tables"
    kind: ClassVar[str] = "fold"


Block: TypeAlias = Facts | Note | Points | Absent | Heading | ToComplete | Grid | Drawing | Fold


@dataclass(frozen=True)
class Part:
    """One of the fourteen parts."""

    number: int
    title: str
    lead: str
    blocks: Sequence[Block]
