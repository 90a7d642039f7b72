"""Secondary suppression: withhold more until no withheld count can be worked out.

A reader knows of every count shown that it lies within 2 of what is printed (none is printed as
it is; a difference of two printed ones says only that it is none of 1 to 7), and that counts add
up; of those withheld, nothing. Two passes find what that gives away.
The first follows each sum by itself until nothing moves (`bounds`), which is quick, and whatever it
finds is truly given away. The second asks linear programmes over all sums at once (`puzzle`),
which miss nothing.
Where a protected count is held to less than 1 to 7, one of the counts that hold it is withheld too
(parts of parts before groups, totals last, the smallest first), and the question is put again. Each
round withholds one more, so there is an end; and at the end every protected count has been shown to
be possible at 1 and at 7, hence (the possible is convex) at all between.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from riskmodel.audit.disclosure.bounds import HIGH, LOW, Bounds
from riskmodel.audit.disclosure.ledger import Key, Ledger
from riskmodel.audit.disclosure.puzzle import Puzzle, World
from riskmodel.statistics.arrays import IntArray

Unsure = list[IntArray]
"""Counts that have not been seen low enough, and those not high enough."""
Ask = Callable[[Puzzle, Unsure, int], tuple[IntArray, IntArray]]
_REMEMBERED: OrderedDict[str, frozenset[Key]] = OrderedDict()
_MOST_REMEMBERED = 8


def withheld_counts(ledger: Ledger) -> frozenset[Key]:
    """Return the counts to withhold, so that no protected one can be worked out.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    frozenset of Key
        Those protected, those withheld for their sake, and those that contradict each other. The
        answer to a ledger of the same content is remembered: a page, a card and a record ask.

    Raises
    ------
    RiskModelError
        The linear programmes were not solved.

    Examples
    --------
    Of two groups and their total, one withheld may need another.

    >>> ledger = Ledger()
    >>> for key, value in {"all": 40, "men": 36, "women": 4}.items():
    ...     ledger.count((key,), value, last=key == "all")
    >>> ledger.add_up(("all",), [("men",), ("women",)])
    >>> sorted(withheld_counts(ledger))  # printed 40 and 35: there are 1 to 9 women
    [('women',)]
    >>> ledger.values[:2] = [42, 38]  # printed 40 and 40: there would be 4 at most
    >>> sorted(withheld_counts(ledger))
    [('men',), ('women',)]
    """
    content = hashlib.blake2b(repr(ledger).encode()).hexdigest()
    if content not in _REMEMBERED:
        _REMEMBERED[content] = _withheld(ledger)
        while len(_REMEMBERED) > _MOST_REMEMBERED:
            _REMEMBERED.popitem(last=False)
    return _REMEMBERED[content]


def _withheld(ledger: Ledger) -> frozenset[Key]:
    puzzle = Puzzle.of(ledger)
    while _withhold_where_sums_tell(puzzle):
        pass
    _withhold_where_all_tells(puzzle)
    hidden = {key for key, i in ledger.ids.items() if puzzle.hidden[i] and ledger.shown[i]}
    return frozenset(hidden | ledger.contradicted)


def _withhold_where_sums_tell(puzzle: Puzzle) -> bool:
    """Withhold one count for each group of which single sums, one after another, tell."""
    bounds = Bounds.worked_out(puzzle.sums, *puzzle.own_bounds())
    guarded, withheld = puzzle.guarded, False
    for end in (LOW, HIGH):
        told = puzzle.not_reached(bounds.ends[end, guarded], guarded, end)
        for cell in told[np.unique(puzzle.block[told], return_index=True)[1]]:
            withheld |= puzzle.withhold_best(bounds.rests_on(puzzle.sums, int(cell), end))
    return withheld


def _withhold_where_all_tells(puzzle: Puzzle) -> None:
    """Withhold until every protected count has been seen as low, and as high, as it needs.

    Worlds in which only the groups of one characteristic differ are quick to find, and settle
    most; all sums at once are asked about what is left.
    """
    unsure = [puzzle.guarded, puzzle.guarded]
    for family in puzzle.families:
        unsure = _settled_within(puzzle, family, unsure)
    asks: tuple[Ask, ...] = (_all_apart, _one_of_each, _first)
    everything, idle = np.arange(len(puzzle.value)), 0
    for turn in itertools.count():
        if not any(len(cells) for cells in unsure):
            return
        cells, ends = asks[idle](puzzle, unsure, turn)
        world = puzzle.world(cells, ends, everything)
        left = _left(puzzle, world, unsure)
        held = len(cells) == 1 and cells[0] in left[ends[0]]
        if held and not puzzle.withhold_best(world.leans_on):
            # what follows from what everyone knows cannot be hidden
            left[ends[0]] = left[ends[0]][left[ends[0]] != cells[0]]
        idle = min(idle + 1, len(asks) - 1) if _as_many(left, unsure) and not held else 0
        unsure = left


def _settled_within(puzzle: Puzzle, free: IntArray, unsure: Unsure) -> Unsure:
    """Return what is left of the unsure once these counts have moved in every useful way."""
    idle = 0
    for turn in itertools.count():
        inside = [cells[np.isin(cells, free, assume_unique=True)] for cells in unsure]
        if idle == len(unsure) or not any(len(cells) for cells in inside):
            break
        left = _left(puzzle, puzzle.world(*_all_apart(puzzle, inside, turn), free), unsure)
        idle = idle + 1 if _as_many(left, unsure) else 0
        unsure = left
    return unsure


def _left(puzzle: Puzzle, world: World, unsure: Unsure) -> Unsure:
    """Return the unsure that are not, in this world, where they need to be able to be."""
    return [
        puzzle.not_reached(world.values[cells], cells, end)
        for cells, end in zip(unsure, (LOW, HIGH), strict=True)
    ]


def _all_apart(puzzle: Puzzle, unsure: Unsure, turn: int) -> tuple[IntArray, IntArray]:
    """Return each unsure count once, and whether it is to go low or high.

    Neighbours are pushed apart: what one gives up the other takes.
    """
    both = np.union1d(*unsure)
    is_unsure = np.stack([np.isin(both, cells) for cells in unsure])
    wish = (puzzle.block[both] + turn) % 2
    return both, np.where(is_unsure.all(axis=0), wish, np.where(is_unsure[LOW], LOW, HIGH))


def _one_of_each(puzzle: Puzzle, unsure: Unsure, turn: int) -> tuple[IntArray, IntArray]:
    """Return one unsure count of each characteristic: they seldom stand in each other's way."""
    cells, ends = _all_apart(puzzle, unsure, turn)
    chosen = np.unique(puzzle.family[cells], return_index=True)[1]
    return cells[chosen], ends[chosen]


def _first(puzzle: Puzzle, unsure: Unsure, turn: int) -> tuple[IntArray, IntArray]:
    """Return one unsure count, which alone shows how far it can go."""
    cells, ends = _all_apart(puzzle, unsure, turn)
    return cells[:1], ends[:1]


def _as_many(left: Unsure, before: Unsure) -> bool:
    return all(len(one) == len(other) for one, other in zip(left, before, strict=True))
