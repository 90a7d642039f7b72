"""From declared features to a layout of accumulators: what to add up, and where it will stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from riskmodel.snapshots import operations as ops
from riskmodel.snapshots.features import COLUMNS, FILTERS, WINDOWED, Feature
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.windows import window_us

WINDOWS_OF = {
    "count": ops.COUNT,
    "harm_sum": ops.HARM,
    "incidents": ops.INCIDENTS,
    "victims": ops.VICTIMS,
    "places": ops.PLACES,
    "co_accused": ops.CO_ACCUSED,
    "neighbours": ops.NEIGHBOURS,
    "repeat_victims": ops.REPEAT_VICTIMS,
    "repeat_places": ops.REPEAT_PLACES,
    "harm_max": ops.HARM_MAX,
}
"""The operation behind each measure that has a cell for every window."""

TRENDS = {"trend_count": ops.TREND_COUNT, "trend_harm": ops.TREND_HARM}
ALONE_OF = {
    "days_since_first": ops.FIRST,
    "days_since_last": ops.LAST,
    "decayed": ops.DECAYED,
    **TRENDS,
}
"""The operation behind each measure that has not."""

TREND_SPANS = 5  # the latest, and the four before it

GREATEST = (ops.HARM_MAX, ops.OLDEST)
ALONE = tuple(ALONE_OF.values())
REPEATED = (ops.REPEAT_VICTIMS, ops.REPEAT_PLACES)
STAMPED = (
    ops.INCIDENTS,
    ops.VICTIMS,
    ops.PLACES,
    ops.CO_ACCUSED,
    ops.NEIGHBOURS,
    ops.OLDEST,
    ops.DECAYED,
)

Filter = tuple[object, ...]
"""Values of a feature's ``FILTERS``, in that order."""


@dataclass
class Layout:
    """Cells of a row of accumulators, handed out as features ask; equal requests share one.

    The row holds a block of cells that add up over windows, window by window; one of cells of
    which the greatest counts; one of cells without windows; and the values derived from them.
    """

    windows: list[int]
    asked: dict[tuple[Filter, int, int], tuple[int, int]] = field(default_factory=dict)
    derived: list[tuple[int, ...]] = field(default_factory=list)
    n_summed: int = 0
    n_greatest: int = 0
    n_alone: int = 0
    n_rooms: int = 0
    n_repeats: int = 0

    @property
    def greatest(self) -> int:
        """Where the second block begins."""
        return self.n_summed * len(self.windows)

    @property
    def alone(self) -> int:
        """Where the third block begins."""
        return self.greatest + self.n_greatest * len(self.windows)

    @property
    def first_derived(self) -> int:
        """Where the last block begins."""
        return self.alone + self.n_alone

    def ask(self, passing: Filter, kind: int, window: int = 0, length: int = 0) -> int:
        """Return where an operation on the records that pass a filter leaves its result."""
        key = (passing, kind, length)
        if key not in self.asked:
            room = self.n_repeats if kind in REPEATED else self.n_rooms
            self.asked[key] = (self._new_cell(kind), room)
            self.n_rooms += kind in STAMPED
            self.n_repeats += kind in REPEATED
        cell = self.base(kind) + self.asked[key][0]
        return cell + (0 if kind in ALONE else window * self._width(kind))

    def base(self, kind: int) -> int:
        """Return where the block of an operation begins."""
        if kind in ALONE:
            return self.alone
        return self.greatest if kind in GREATEST else 0

    def _width(self, kind: int) -> int:
        return self.n_greatest if kind in GREATEST else self.n_summed

    def _new_cell(self, kind: int) -> int:
        if kind in ALONE:
            taken = 2 if kind in TRENDS.values() else 1
            self.n_alone += taken
            return self.n_alone - taken
        if kind in GREATEST:
            self.n_greatest += 1
            return self.n_greatest - 1
        self.n_summed += 1
        return self.n_summed - 1

    def derive(self, kind: int, *parts: int, length: int = 0) -> int:
        """Return where a value worked out of others will stand."""
        padded = (*parts, 0, 0, 0)[:3]
        self.derived.append((kind, *padded, length))
        return self.first_derived + len(self.derived) - 1


@dataclass(frozen=True)
class Plan:
    """What one list of columns needs of the compiled pass.

    Attributes
    ----------
    columns, rules : tuple of features
    leaves : tuple of Feature
        Distinct features that they are made of.
    slots : tuple of int
        Where each leaf's value stands in the row of accumulators.
    layout : Layout
    person_dates, person_numbers : tuple of str
        Columns of the people table that are read.
    """

    columns: tuple[AnyFeature, ...]
    rules: tuple[AnyFeature, ...]
    leaves: tuple[Feature, ...]
    slots: tuple[int, ...]
    layout: Layout
    person_dates: tuple[str, ...]
    person_numbers: tuple[str, ...]

    @property
    def spans(self) -> tuple[int | None, ...]:
        """Distinct windows (days; None is "ever") whose days at risk are needed."""
        return tuple(dict.fromkeys(f.window_days for f in self.leaves if f.per_year_at_risk))

    def reads(self, measure: str) -> bool:
        """Return whether any column counts by a measure."""
        return any(leaf.measure == measure for leaf in self.leaves)

    def leaf(self, feature: Feature, *, masked: bool) -> tuple[int, int, int]:
        """Return a leaf's slot, the window that masks it and its span at risk (-1: none)."""
        window = -1
        if masked and feature.measure in WINDOWED and feature.window_days is not None:
            window = self.layout.windows.index(window_us(feature.window_days))
        span = self.spans.index(feature.window_days) if feature.per_year_at_risk else -1
        return self.slots[self.leaves.index(feature)], window, span


def make_plan(columns: Iterable[AnyFeature], rules: Iterable[AnyFeature] = ()) -> Plan:
    """Lay out the accumulators that some columns, and the rules in use, need."""
    columns, rules = tuple(columns), tuple(rules)
    leaves = tuple(dict.fromkeys(leaf for c in (*columns, *rules) for leaf in c.leaves))
    dates = tuple(dict.fromkeys(name for leaf in leaves if (name := _date_column(leaf))))
    numbers = tuple(dict.fromkeys(str(f.column) for f in leaves if f.measure == "covariate"))
    layout = Layout(_windows(leaves))
    for leaf in leaves:  # ask for everything once: only then is the size of each block known
        _slot(leaf, layout, dates, numbers)
    layout.derived.clear()
    slots = tuple(_slot(leaf, layout, dates, numbers) for leaf in leaves)
    return Plan(columns, rules, leaves, slots, layout, dates, numbers)


def _windows(leaves: Iterable[Feature]) -> list[int]:
    """Return the windows' lengths, rising, "ever" last; a trend needs the edges of its spans."""
    lengths = {window_us(None)}
    for leaf in leaves:
        length = window_us(leaf.window_days)
        lengths |= {length, TREND_SPANS * length} if leaf.measure in TRENDS else {length}
    return sorted(lengths)


def _date_column(leaf: Feature) -> str:
    if leaf.measure == "age":
        return "birth_date"
    return str(leaf.column) if leaf.measure == "days_since_date" else ""


def _slot(leaf: Feature, layout: Layout, dates: tuple[str, ...], numbers: tuple[str, ...]) -> int:
    """Return where a leaf's value stands, asking for the operations and cells behind it."""
    if leaf.measure == "covariate":
        return layout.derive(ops.NUMBER, numbers.index(str(leaf.column)))
    if leaf.measure in COLUMNS:
        kind = ops.AGE if leaf.measure == "age" else ops.DAYS_SINCE_DATE
        return layout.derive(kind, dates.index(_date_column(leaf)))
    passing = tuple(getattr(leaf, name) for name in FILTERS)
    if leaf.measure in ALONE_OF:
        return _alone_slot(leaf, layout, passing)
    window = layout.windows.index(window_us(leaf.window_days))
    if leaf.measure in WINDOWS_OF:
        return layout.ask(passing, WINDOWS_OF[leaf.measure], window)
    return layout.derive(
        ops.GAP,
        layout.ask(passing, ops.INCIDENTS, window),
        layout.ask(passing, ops.OLDEST, window),
        layout.ask(passing, ops.LAST),
    )


def _alone_slot(leaf: Feature, layout: Layout, passing: Filter) -> int:
    """Return where the value of a leaf stands whose cells have no windows."""
    kind = ALONE_OF[leaf.measure]
    if leaf.measure == "decayed":
        return layout.ask(passing, kind)
    if leaf.measure not in TRENDS:
        return layout.derive(ops.DAYS_SINCE, layout.ask(passing, kind))
    length = window_us(leaf.window_days)
    latest = layout.ask(passing, kind, length=length)
    return layout.derive(ops.TREND, latest, latest + 1, length=length)
