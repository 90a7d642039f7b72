"""From the rows of some whole persons to their `EventArrays`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from riskmodel.histories.arrays import EventArrays
from riskmodel.histories.event_files import WholePersons
from riskmodel.histories.event_rows import Lives, Reading, Rows

Int64s: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EventReader(Reading):
    """Reads chunks of one events table."""

    def read(self, chunk: WholePersons, lives: Lives | None = None) -> EventChunk:
        """Return the arrays of a chunk.

        Raises
        ------
        SchemaError
            Invalid rows, with counts, unless they are set aside.
        """
        rows = Rows(self, chunk.table)
        invalid = rows.invalid(chunk, lives)
        row = np.flatnonzero(~(chunk.unnamed | invalid)).astype(np.int64)
        person_start = np.searchsorted(row, np.append(chunk.start, rows.n)).astype(np.int64)
        return EventChunk(
            rows.arrays(row, person_start, ~invalid), row, rows.n, int(np.count_nonzero(invalid))
        )


@dataclass(frozen=True)
class EventChunk:
    """Arrays of some whole persons.

    Attributes
    ----------
    arrays : EventArrays
    row : int64, shape (n_events,)
        Which row of the chunk each event is; in the order of `arrays`.
    n_rows, n_set_aside : int
    """

    arrays: EventArrays
    row: Int64s
    n_rows: int
    n_set_aside: int
