"""People and spells held in memory as they lie in their files, looked up chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.errors import SchemaError
from riskmodel.histories.assembly import LIFE_DATES, assemble
from riskmodel.histories.checks import check_table
from riskmodel.histories.cross_checks import ONE_DAY, earliest_birth, raise_or_set_aside
from riskmodel.histories.event_rows import LATE_RULE, Lives
from riskmodel.histories.frames import empty_table
from riskmodel.histories.ids import is_number, read_ids
from riskmodel.histories.ids_kernel import Ids
from riskmodel.histories.lookup import entries_of, find_ids, index_ids
from riskmodel.histories.lookup_kernel import Index
from riskmodel.histories.parquet_files import TableFiles
from riskmodel.histories.problems import NOBODY_RULE, Problem
from riskmodel.schema import TABLES

Int64s: TypeAlias = npt.NDArray[np.int64]

NEVER = np.iinfo(np.int64)
OTHERS = ("events", "updates", "victims", "actions")


@dataclass(frozen=True)
class PersonTable:
    """One table with a person_id, held as Arrow has it, with an index of the ids.

    `met` marks rows whose person some chunk asked for, `absent` people whose rows were all invalid.
    """

    name: str
    table: Any
    index: Index
    met: npt.NDArray[np.bool_]
    as_text: bool

    @classmethod
    def read(cls, files: TableFiles, columns: list[str], *, as_text: bool) -> PersonTable:
        """Read some columns of a table whole."""
        table = files.read(["person_id", *columns])
        ids = read_ids(table.column("person_id"), as_text=as_text)
        if n := int(np.count_nonzero(ids.missing)):
            raise SchemaError(str(Problem(files.name, "person_id", "missing", n)))
        return cls(files.name, table, index_ids(ids), np.zeros(len(table), dtype=bool), as_text)

    def of(self, persons: Any) -> pd.DataFrame:
        """Return the rows of some persons; person_id says which, as text that sorts like them.

        Parameters
        ----------
        persons : pyarrow.Array of n ids
        """
        position, size = find_ids(read_ids(persons, as_text=self.as_text), self.index)
        _, entry = entries_of(np.arange(len(persons)), position, size)
        row = self.index.row[entry]
        self.met[row] = True
        names = stand_ins(len(persons)).take(np.repeat(np.arange(len(persons)), size))
        found = self.table.take(row).set_column(0, "person_id", names)
        frame: pd.DataFrame = found.to_pandas(date_as_object=False, ignore_metadata=True)
        return frame


def stand_ins(n: int) -> Any:
    """Return `n` texts that sort as they come, to stand for the ids of a chunk's persons."""
    return pc.utf8_lpad(pa.array(np.arange(n)).cast(pa.string()), 10, "0")


@dataclass(frozen=True)
class PeopleOfChunk:
    """People and spells of a chunk's persons, as `EventHistories` shows them.

    Attributes
    ----------
    persons : ndarray of str
        Stand-ins for the ids, in order.
    people : DataFrame, one row a person
    spells : DataFrame
    lives : Lives or None
    n_set_aside : int
    """

    persons: npt.NDArray[np.str_]
    people: pd.DataFrame
    spells: pd.DataFrame
    lives: Lives | None = None
    n_set_aside: int = 0


@dataclass(frozen=True)
class PeopleReader:
    """Looks up what there is about the persons of each chunk besides their events."""

    people: PersonTable | None = None
    spells: PersonTable | None = None
    data_end: pd.Timestamp | None = None
    set_aside: bool = False
    covariates: tuple[str, ...] = field(default=())

    @classmethod
    def open(
        cls,
        people: TableFiles | None,
        spells: TableFiles | None,
        events: TableFiles,
        *,
        covariates: tuple[str, ...],
        data_end: pd.Timestamp | None,
        set_aside: bool,
    ) -> PeopleReader:
        """Read both tables whole: of people the dates of life, and the columns asked for."""
        tables = [files for files in (people, spells, events) if files is not None]
        as_text = not all(is_number(files.type_of("person_id")) for files in tables)
        dates = [column.name for column in TABLES["people"].fields[1:]]
        wanted = [*dates, *(name for name in covariates if name not in dates)]
        others = [column.name for column in TABLES["spells"].fields[1:]]
        return cls(
            None if people is None else PersonTable.read(people, wanted, as_text=as_text),
            None if spells is None else PersonTable.read(spells, others, as_text=as_text),
            data_end,
            set_aside,
            covariates,
        )

    def of(self, persons: Any) -> PeopleOfChunk:
        """Return what there is about the persons of a chunk.

        Raises
        ------
        SchemaError
            Invalid rows, with counts, unless they are set aside.
        """
        n = len(persons)
        if self.people is None and self.spells is None:
            return PeopleOfChunk(np.zeros(n, np.str_), _nobody(n, ()), empty_table("spells"))
        given = {"people": self.people, "spells": self.spells}
        checked = {
            name: check_table(name, None if table is None else table.of(persons))
            for name, table in given.items()
        }
        if self.data_end is not None:
            late = checked["spells"].frame["recorded_time"] >= self.data_end
            checked["spells"].flag("recorded_time", LATE_RULE, late)
        aside = raise_or_set_aside(checked, set_aside=self.set_aside)
        kept = {name: table.kept() for name, table in checked.items()}
        parts = assemble({**kept, **{name: empty_table(name) for name in OTHERS}})
        everyone = stand_ins(n).to_numpy(zero_copy_only=False).astype(np.str_)
        index = pd.Index(everyone.tolist(), dtype=parts.people.index.dtype, name="person_id")
        return PeopleOfChunk(
            everyone,
            parts.people.reindex(index),
            parts.spells,
            _lives(kept["people"], n),
            sum(len(table) for table in aside.values()),
        )

    def check_met(self, persons_met: bool = True) -> None:
        """Refuse spells of persons of whom there is no event and no row in people."""
        if self.spells is None or self.set_aside or not persons_met:
            return
        lonely = ~self.spells.met
        if self.people is not None and lonely.any():
            _, size = find_ids(_rows(self.spells.index.ids, lonely), self.people.index)
            lonely[np.flatnonzero(lonely)[size > 0]] = False
        if n := int(np.count_nonzero(lonely)):
            raise SchemaError(str(Problem("spells", "person_id", NOBODY_RULE, n)))


def _rows(ids: Ids, mask: npt.NDArray[np.bool_]) -> Ids:
    """Return some rows of ids, the text copied."""
    row = np.flatnonzero(mask)
    if not ids.offset.size:
        return Ids(ids.key[row], ids.missing[row], ids.offset, ids.data)
    start, size = ids.offset[row], ids.offset[row + 1] - ids.offset[row]
    _, byte = entries_of(np.arange(row.size), start, size)
    data = ids.data[byte]
    data.flags.writeable = False
    offset = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return Ids(ids.key[row], ids.missing[row], offset, data)


def _nobody(n: int, covariates: tuple[str, ...]) -> pd.DataFrame:
    missing = np.full(n, "NaT", dtype="datetime64[us]")
    columns: dict[str, Any] = dict.fromkeys(LIFE_DATES, missing)
    return pd.DataFrame({**columns, **dict.fromkeys(covariates, np.full(n, np.nan))})


def _lives(people: pd.DataFrame, n: int) -> Lives:
    """Return when each person can have been born, and the end of the day of their death."""
    person = people["person_id"].astype(np.int64).to_numpy()
    born, ended = np.full(n, NEVER.min), np.full(n, NEVER.max)
    first = earliest_birth(people).to_numpy(dtype="datetime64[us]")
    died = (people["death_date"].dt.normalize() + ONE_DAY).to_numpy(dtype="datetime64[us]")
    for moments, into in ((first, born), (died, ended)):
        known = ~np.isnat(moments)
        into[person[known]] = moments[known].astype(np.int64)
    return Lives(born, ended)
