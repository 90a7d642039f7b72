"""What became of records, held in memory so that each chunk of events can look its own up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.histories.ids import is_number, read_ids
from riskmodel.histories.ids_kernel import Ids
from riskmodel.histories.lookup import entries_of, find_ids, index_ids
from riskmodel.histories.lookup_kernel import Index
from riskmodel.histories.parquet_files import NO_TIME, TableFiles, Vocabulary, read_times
from riskmodel.histories.problems import NO_EVENT_RULE, TOO_SOON_RULE, Problem
from riskmodel.schema import EVIDENCE

Int64s: TypeAlias = npt.NDArray[np.int64]
Int8s: TypeAlias = npt.NDArray[np.int8]
Mask: TypeAlias = npt.NDArray[np.bool_]

LEVELS = 16


@dataclass
class Updates:
    """Updates by the event that they are of, then time, then evidence; looked up by source_id.

    Attributes
    ----------
    index : Index or None
        None: there are no updates.
    time, evidence : arrays
        In the order of ``index.row``.
    met : ndarray of bool
        Which updates an event was found for.
    as_text : bool
        Whether ids of events have to be read as text.
    """

    index: Index | None = None
    time: Int64s | None = None
    evidence: Int8s | None = None
    met: Mask | None = None
    as_text: bool = False
    set_aside: bool = False

    @classmethod
    def read(
        cls, files: TableFiles | None, events: TableFiles, *, data_end: int | None, set_aside: bool
    ) -> Updates:
        """Read a table of updates whole: some 40 bytes each.

        Raises
        ------
        SchemaError
            Invalid rows, with counts, unless they are set aside.
        """
        if files is None:
            return cls()
        as_text = not all(is_number(f.type_of("source_id")) for f in (files, events))
        table = files.read(["source_id", "recorded_time", "evidence"])
        ids = read_ids(table.column("source_id"), as_text=as_text)
        time, broken = read_times(table.column("recorded_time"))
        level = Vocabulary(EVIDENCE, fixed=True).read(table.column("evidence"))
        problems = {
            ("source_id", "missing"): ids.missing,
            ("recorded_time", "missing"): time == NO_TIME,
            ("evidence", "missing"): level == -1,
            ("evidence", "not one of " + ", ".join(EVIDENCE)): level == Vocabulary.UNKNOWN,
            **{("recorded_time", rule): mask for rule, mask in broken.items()},
        }
        if data_end is not None:
            problems["recorded_time", "at or after data_end"] = time >= data_end
        invalid = _refuse_or_mark(problems, set_aside=set_aside)
        return cls._indexed(ids._replace(missing=invalid), time, level, as_text, set_aside)

    @classmethod
    def _indexed(
        cls, ids: Ids, time: Int64s, level: npt.NDArray[np.int32], as_text: bool, set_aside: bool
    ) -> Updates:
        index = index_ids(ids, time * LEVELS + level)
        return cls(
            index,
            time[index.row],
            level[index.row].astype(np.int8),
            np.zeros(index.row.size, dtype=bool),
            as_text,
            set_aside,
        )

    def of(
        self, source: Ids, event_time: Int64s, row: Int64s, valid: Mask
    ) -> tuple[Int64s, Int64s, Int8s]:
        """Return start, time and evidence of the updates of some events.

        Parameters
        ----------
        source, event_time
            Of all rows of a chunk.
        row : int64 array
            The rows that are events, in order.
        valid : bool array
            Rows that count as found.
        """
        none = np.zeros(0, dtype=np.int64)
        if self.index is None or self.time is None or self.evidence is None or self.met is None:
            return np.zeros(row.size + 1, dtype=np.int64), none, none.astype(np.int8)
        position, size = find_ids(source, self.index)
        size[~valid] = 0
        everyone = np.flatnonzero(size)
        start, entry = entries_of(everyone, position, size)
        self.met[entry] = True
        early = self.time[entry] < np.repeat(event_time[everyone], np.diff(start))
        n = int(np.count_nonzero(early))
        if n and not self.set_aside:
            problem = Problem("updates", "recorded_time", TOO_SOON_RULE, n)
            raise SchemaError(str(problem))
        start, entry = entries_of(row, position, size)
        if n:
            kept = self.time[entry] >= np.repeat(event_time[row], np.diff(start))
            start = np.concatenate([[0], np.cumsum(kept)])[start].astype(np.int64)
            entry = entry[kept]
        return start, self.time[entry], self.evidence[entry]

    def check_met(self) -> None:
        """Refuse updates whose event was in no row, once all rows have been read.

        Raises
        ------
        SchemaError
        """
        if self.met is None or self.set_aside:
            return
        if unknown := int(np.count_nonzero(~self.met)):
            raise SchemaError(str(Problem("updates", "source_id", NO_EVENT_RULE, unknown)))


def _refuse_or_mark(problems: dict[tuple[str, str], Mask], *, set_aside: bool) -> Mask:
    broken = [
        str(Problem("updates", column, rule, int(mask.sum())))
        for (column, rule), mask in problems.items()
        if mask.any()
    ]
    if broken and not set_aside:
        raise SchemaError(
            broken, advice='Correct the rows, or set them aside with on_invalid="set_aside".'
        )
    masks: Any = list(problems.values())
    return np.asarray(np.logical_or.reduce(masks))
