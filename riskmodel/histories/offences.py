"""OffenceTable: offence to harm, group and whether it is serious, by named edition."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.histories.offence_rows import COLUMNS, OffenceRows, plain_rows
from riskmodel.histories.unmapped import Unmapped, unmapped_error
from riskmodel.late import late

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.histories import checks, frames, offence_files
else:  # a table that comes out of a bundle needs none of them
    pd, checks = late("pandas"), late("riskmodel.histories.checks")
    frames, offence_files = (
        late("riskmodel.histories.frames"),
        late("riskmodel.histories.offence_files"),
    )

__all__ = ["OffenceTable", "Unmapped"]

SERIOUS_AT = 365.0


@dataclass(frozen=True, eq=False, init=False)
class OffenceTable:
    """The harm of each offence, its group, and whether it is serious, in one edition.

    Make one with `cambridge`, `from_csv`, `from_frame` or `from_cchi_spreadsheet`.

    Parameters
    ----------
    frame : DataFrame
        offence (unique), harm (days; NaN where the edition publishes no value), group, serious.
    edition : str
        The name that stands on every score.
    source : str
        Who published the values, and what was decided here.
    labels : mapping of str to str
        Offence to its name in words, where the code says little.

    Examples
    --------
    >>> table = OffenceTable.cambridge("ashby-2017")
    >>> harm, group, serious = table.lookup(["19C", "105A"])
    >>> harm.tolist(), [table.groups[code] for code in group], serious.tolist()
    ([1825.0, 1.0], ['sexual', 'violence'], [True, False])
    """

    rows: OffenceRows
    edition: str
    source: str
    labels: Mapping[str, str]

    def __init__(
        self,
        frame: pd.DataFrame,
        edition: str,
        source: str,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        checked = checks.check_table("offences", frame)
        problems = [str(problem) for problem in checked.problems]
        problems += _unnamed(edition, source)
        if problems:
            raise SchemaError(problems)
        serious = checked.frame["serious"].fillna(checked.frame["harm"] >= SERIOUS_AT)
        table = checked.frame.assign(serious=serious.astype(bool)).sort_values("offence")
        columns = (tuple(table[name].tolist()) for name in COLUMNS)
        self._fill(OffenceRows(*columns), edition, source, labels or {})

    def _fill(
        self, rows: OffenceRows, edition: str, source: str, labels: Mapping[str, str]
    ) -> None:
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "edition", edition)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "labels", labels)

    @cached_property
    def _frame(self) -> pd.DataFrame:
        columns = {name: list(getattr(self.rows, name)) for name in COLUMNS}
        types = frames.empty_table("offences").dtypes.to_dict() | {"serious": bool}
        return pd.DataFrame(columns).astype(types)

    @property
    def frame(self) -> pd.DataFrame:
        """The table, sorted by offence: offence, harm, group, serious."""
        return self._frame.copy(deep=False)

    @staticmethod
    def editions() -> pd.DataFrame:
        """Return the editions that `cambridge` knows: citation, unit, number of offences.

        Examples
        --------
        >>> OffenceTable.editions().index.tolist()[:3]
        ['ashby-2017', 'ons-css-ashby-2017', 'sherman-2016']
        """
        return offence_files.list_editions()

    @classmethod
    def cambridge(
        cls, edition: str = "ashby-2017", *, serious_at: float = SERIOUS_AT
    ) -> OffenceTable:
        """Return an edition that comes with the library.

        Parameters
        ----------
        edition : str
            One of `editions`. "ashby-2017" is keyed by Home Office class.
        serious_at : float
            Offences of this harm or more are serious.

        Raises
        ------
        SchemaError
            If there is no such edition.
        """
        frame, source = offence_files.read_edition(edition)
        return cls._labelled(
            offence_files.with_serious(frame, serious_at),
            edition,
            offence_files.with_serious_said(source, serious_at),
        )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        edition: str,
        source: str,
        columns: Mapping[str, str] | None = None,
        serious_at: float = SERIOUS_AT,
    ) -> OffenceTable:
        """Make a table of your own.

        Parameters
        ----------
        frame : DataFrame
            offence (or category), harm, and optionally group (missing: other), serious (missing:
            harm of `serious_at` or more), label.
        edition, source : str
        columns : mapping, optional
            Our name to the name in `frame`.
        serious_at : float

        Examples
        --------
        >>> frame = pd.DataFrame({"offence": ["a", "b"], "harm": [400, 2]})
        >>> table = OffenceTable.from_frame(frame, edition="ours", source="made up")
        >>> table.frame["serious"].tolist()
        [True, False]
        """
        renamed = offence_files.rename_columns(frame, columns or {})
        return cls._labelled(
            offence_files.with_serious(renamed, serious_at),
            edition,
            offence_files.with_serious_said(source, serious_at, renamed),
        )

    @classmethod
    def from_csv(
        cls,
        path: str | os.PathLike[str],
        *,
        edition: str,
        source: str,
        columns: Mapping[str, str] | None = None,
        serious_at: float = SERIOUS_AT,
    ) -> OffenceTable:
        """Read a CSV file with the columns that `from_frame` takes; codes are kept as written."""
        return cls.from_frame(
            offence_files.read_csv(path),
            edition=edition,
            source=source,
            columns=columns,
            serious_at=serious_at,
        )

    @classmethod
    def from_cchi_spreadsheet(
        cls,
        path: str | os.PathLike[str],
        *,
        edition: str,
        source: str = "Cambridge Crime Harm Index workbook, cambridge-ebp.co.uk",
        sheet: str | None = None,
        columns: Mapping[str, str] | None = None,
        repeats: str = "refuse",
        serious_at: float = SERIOUS_AT,
    ) -> OffenceTable:
        """Read the workbook in which the index is published.

        Parameters
        ----------
        path : path
            An ``.xlsx`` file.
        edition, source : str
        sheet : str, optional
            By default the first sheet with a row of headers that is recognised.
        columns : mapping, optional
            offence, harm, label, group to the headers in the sheet, where they are not found.
        repeats : {"refuse", "median", "max"}
            What to do where one code has several rows with different harm.
        serious_at : float

        Raises
        ------
        SchemaError
            If the columns are not found: the message lists the headers seen.
        """
        frame = offence_files.read_workbook(path, sheet, columns or {}, repeats)
        return cls._labelled(
            offence_files.with_serious(frame, serious_at),
            edition,
            offence_files.with_serious_said(source, serious_at),
        )

    @classmethod
    def _labelled(cls, frame: pd.DataFrame, edition: str, source: str) -> OffenceTable:
        labels: dict[str, str] = {}
        if "label" in frame.columns:
            named = frame[["offence", "label"]].dropna().astype("str")
            labels = dict(zip(named["offence"], named["label"], strict=True))
            frame = frame.drop(columns="label")
        return cls(frame, edition, source, labels)

    @property
    def groups(self) -> tuple[str, ...]:
        """Sorted names of the groups; group codes are indices in it."""
        return self.rows.groups

    def lookup(
        self, names: Iterable[Any], unmapped: Unmapped | None = None
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """Return harm, group code and serious for each offence.

        Parameters
        ----------
        names : iterable of str, length n
        unmapped : Unmapped, optional
            What offences count that are not in the table, or have no value in it.

        Returns
        -------
        harm : float64, shape (n,)
            Days.
        group_code : int32, shape (n,)
            Index in `groups`.
        serious : bool, shape (n,)

        Raises
        ------
        SchemaError
            Without `unmapped`, listing the offences that have no value.
        """
        wanted = list(names)
        position = self.rows.position(wanted)
        harm, group, serious = self.rows.values_at(position)
        lacking = np.isnan(harm)
        if lacking.any():
            if unmapped is None:
                rows = np.flatnonzero(lacking)
                absent = [str(wanted[row]) for row in rows if position[row] < 0]
                valueless = [str(wanted[row]) for row in rows if position[row] >= 0]
                raise unmapped_error(self.edition, absent, valueless)
            harm[lacking] = unmapped.harm
            group[lacking] = unmapped.code_among(self.groups, self.edition)
            serious[lacking] = unmapped.serious
        return harm, group, serious

    def to_dict(self) -> dict[str, Any]:
        """Return the table as JSON values; see `from_dict`."""
        return {
            "edition": self.edition,
            "source": self.source,
            "offences": self.rows.to_dicts(),
            "labels": dict(sorted(self.labels.items())),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the table that `to_dict` gave.

        Examples
        --------
        >>> table = OffenceTable.cambridge("sherman-2016")
        >>> OffenceTable.from_dict(table.to_dict()) == table
        True
        """
        missing = [name for name in ("edition", "source", "offences") if name not in content]
        if missing:
            raise SchemaError(f"offences: the keys {', '.join(missing)} are missing")
        edition, source, given = content["edition"], content["source"], list(content["offences"])
        labels = dict(content.get("labels", {}))
        rows = plain_rows(given)
        if rows is None or _unnamed(edition, source):  # to be read, or refused, as any table is
            return cls(pd.DataFrame(given, columns=list(COLUMNS)), edition, source, labels)
        table = cls.__new__(cls)
        table._fill(rows, edition, source, labels)
        return table

    def digest(self) -> str:
        """Return the SHA-256 of edition, source and values; labels are not part of it."""
        content = {key: value for key, value in self.to_dict().items() if key != "labels"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OffenceTable) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    def __len__(self) -> int:
        return len(self.rows.offence)

    def __repr__(self) -> str:
        return f"OffenceTable({self.edition!r}, {len(self)} offences)"


def _unnamed(edition: object, source: object) -> list[str]:
    given = {"edition": edition, "source": source}
    return [
        f"offences.{name}: text is needed"
        for name, value in given.items()
        if not str(value or "").strip()
    ]
