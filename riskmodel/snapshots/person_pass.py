"""One person's records through the compiled pass, by memory that is laid out once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.histories.links import Links, Records
from riskmodel.machine_code import run_at, words_of
from riskmodel.snapshots import operations as ops
from riskmodel.snapshots.passes import Pass, counted, make_room
from riskmodel.snapshots.windows import window_us

Ints = NDArray[np.int64]

_KERNEL = "riskmodel.snapshots.aggregate_kernel"
_FIRST_CAPACITY = 64


class PersonColumns(NamedTuple):
    """What is read of the person besides records: numbers, all times in microseconds.

    Attributes
    ----------
    reach : int
        Since when records of the person could exist.
    dates, numbers : list
        Of the people table, as the plan lists them.
    custody : list of int
        Time in custody within each span at risk; empty where there is none.
    """

    reach: int
    dates: list[int]
    numbers: list[float]
    custody: list[int]


class PersonPass:
    """Runs the compiled pass over one person; for one thread.

    Parameters
    ----------
    ready : Pass
    levels : tuple of str
        The evidence that counts.
    """

    def __init__(self, ready: Pass, levels: tuple[str, ...]) -> None:
        self._ready, self._counts = ready, counted(levels)
        self._capacity = 0
        self._make_memory(_FIRST_CAPACITY)

    def run(
        self,
        t: int,
        table: Ints,
        harm: NDArray[np.float64],
        others: tuple[list[list[int]], list[list[int]]],
        person: PersonColumns,
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return the features and the columns of the rules.

        Parameters
        ----------
        t : int
            The date, in microseconds.
        table : int64, shape (7, n)
            Of the records that were known and count, by time: when each happened and was
            recorded, its class, the numbers of its incident, victim and place, its evidence.
        harm : float64, shape (n,)
            In days.
        others : pair of lists
            For each record, the other people in its incident and at its place, as numbers; empty
            where nobody asks.
        person : PersonColumns
        """
        n = table.shape[1]
        partners, neighbours = others
        people = max(
            (number for of_one in (*partners, *neighbours) for number in of_one), default=0
        )
        joined = max(sum(map(len, partners)), sum(map(len, neighbours)))
        self._make_memory(max(n, people + 1, joined))
        self._times[:, :n] = table[:2]
        self._codes[:, :n] = table[2:6]
        self._evidence[:n] = table[6]
        self._harm[:n] = harm
        self._person_start[1] = n
        self._dates[0] = t
        for links, numbers in zip(self._links, others, strict=True):
            _fill_links(links, numbers, n)
        self._fill_person(person)
        self._clear(max(n, people + 1))
        if status := self._run(self._result_at, self._error_at, self._arguments_at):
            raise RuntimeError(f"the compiled pass ended with status {status}")
        return self._out[0].copy(), self._rules[0].copy()

    def _fill_person(self, person: PersonColumns) -> None:
        people = self._people
        people.reach[0] = person.reach
        people.dates[:, 0] = person.dates
        people.numbers[:, 0] = person.numbers
        people.custody[:, 0, 0] = person.custody or 0

    def _clear(self, n_codes: int) -> None:
        """Forget what the last person's codes were seen for."""
        self._room.seen[: (n_codes + 1) * self._ready.programme.n_rooms] = 0
        self._room.repeat_seen[: (n_codes + 1) * self._ready.programme.n_repeats] = 0

    def _make_memory(self, needed: int) -> None:
        """Lay the arguments out for so many records, unless there is room for them."""
        if needed <= self._capacity:
            return
        size = self._capacity = max(_FIRST_CAPACITY, 2 * needed)
        ready, plan = self._ready, self._ready.plan
        self._times = np.zeros((2, size), dtype=np.int64)
        self._codes = np.zeros((4, size), dtype=np.int32)
        self._evidence = np.zeros(size, dtype=np.int8)
        self._harm = np.zeros(size)
        self._person_start = np.zeros(2, dtype=np.int64)
        self._dates = np.zeros(1, dtype=np.int64)
        self._links = (self._no_links(size), self._no_links(size))
        n_spans = len(plan.spans)
        self._people = ops.People(
            np.zeros(1, dtype=np.int64),
            np.zeros((len(plan.person_dates), 1), dtype=np.int64),
            np.zeros((len(plan.person_numbers), 1)),
            np.array([window_us(days) for days in plan.spans], dtype=np.int64),
            np.zeros((n_spans, 1, 1), dtype=np.int64),
        )
        self._room = make_room(ready.programme, size + 1, size)
        self._out = np.zeros((1, len(plan.columns)), dtype=np.float32)
        self._rules = np.zeros((1, len(plan.rules)))
        self._lay_out()

    def _lay_out(self) -> None:
        ready = self._ready
        none = np.zeros(0, dtype=np.int64)
        never = np.zeros(self._capacity + 1, dtype=np.int64)
        (happened, recorded), (classes, incident, victim, place) = self._times, self._codes
        arguments = (
            np.zeros(1, dtype=np.int64),
            np.zeros((1, 1), dtype=np.int64),
            self._dates,
            ready.programme,
            ready.columns,
            ready.rules,
            Records(happened, recorded, self._evidence, never, none, none.astype(np.int8)),
            ops.Events(
                self._person_start, self._harm, classes, incident, victim, place, self._counts
            ),
            *self._links,
            self._people,
            self._room,
            self._out,
            self._rules,
        )
        self._kept = arguments  # what lies at the addresses
        self._words = np.array(words_of(arguments), dtype=np.int64)
        self._result = np.zeros(2, dtype=np.int64)
        self._result_at = self._result.ctypes.data
        self._error_at = self._result_at + self._result.itemsize
        self._arguments_at = self._words.ctypes.data
        self._run = run_at(_KERNEL, "aggregate", arguments, constants=ops)

    def _no_links(self, size: int) -> Links:
        """Return room for links to other people, all through one record that was always known."""
        always = np.full(1, -ops.FAR, dtype=np.int64)
        level = np.array([np.argmax(self._counts)], dtype=np.int8)
        none = np.zeros(0, dtype=np.int64)
        no_updates = np.zeros(2, dtype=np.int64)
        other = Records(always, always, level, no_updates, none, none.astype(np.int8))
        start, event = np.zeros(size + 1, dtype=np.int64), np.zeros(size, dtype=np.int64)
        return Links(start, event, np.zeros(size, dtype=np.int32), other)


def _fill_links(links: Links, numbers: list[list[int]], n: int) -> None:
    if not numbers:
        links.start[: n + 1] = 0
        return
    flat = [number for of_one in numbers for number in of_one]
    np.cumsum([len(of_one) for of_one in numbers], out=links.start[1 : n + 1])
    links.person[: len(flat)] = flat
