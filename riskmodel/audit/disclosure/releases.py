"""Releases beside each other: whether their difference is a count of a few people.

The same list with other dates, another length or another cohort says, by subtraction, how many are
in one and not in the other. `published(audit, earlier=...)` withholds what would; `check_releases`
says what two releases that are already out, or about to go, give away.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.rates import SMALLEST_CELL
from riskmodel.audit.disclosure.other_counts import NOT_COUNTS
from riskmodel.audit.disclosure.rounding import ROUNDED_TO
from riskmodel.audit.result import FairnessAudit
from riskmodel.errors import RiskModelError
from riskmodel.statistics.arrays import FloatArray

Release = FairnessAudit | Mapping[str, pd.DataFrame] | str | os.PathLike[str]
COUNTS = (
    "numerator", "denominator", "n", "positives", "offences", "victims", "missing", "kept",
    "records_listed", "records_scored", "listed_observed", "listed_later", "scored_observed",
    "scored_later", "listed", "scored", "people", "matched_people", "n_observed", "observed",
    "listed_outcome", "entered", "left", "stayed",
)  # fmt: skip
"""Columns that count, in any table."""
NAMES = (
    "characteristic", "group", "reference", "metric", "band", "bin", "reading", "label", "table",
    "evidence", "what", "variant", "as_of", "standing", "who", "direction", "arm", "reason",
    "dates_listed", "count",
)  # fmt: skip
"""Columns that say what a row is about."""
SUMMARY = "summary"
REVEALED = "withheld in the earlier release, and shown in this one"
WITHHELD_TOO_LATE = "shown in the earlier release: withholding it here hides little"
FEW_APART = "the two releases differ by a count that may be of 1 to 7"
_WITHIN = (ROUNDED_TO - 1) / 2


@dataclass(frozen=True)
class ReleaseProblem:
    """A figure of a release that says something beside an earlier one.

    Attributes
    ----------
    table, column : str
    row : dict of str to str
        What the row is about.
    what : str
    withhold : bool
        Whether withholding it in the new release helps.
    """

    table: str
    column: str
    row: dict[str, str]
    what: str
    withhold: bool

    def __str__(self) -> str:
        about = ", ".join(f"{name} {value}" for name, value in self.row.items())
        return f"{self.table} ({about}), {self.column}: {self.what}"


def check_releases(new: Release, old: Sequence[Release]) -> tuple[ReleaseProblem, ...]:
    """Return what a release would give away beside earlier ones.

    Parameters
    ----------
    new : FairnessAudit, mapping of str to DataFrame, or folder
        What is published: an audit from `published`, its tables by name, or the folder of CSVs that
        `fairness_report` wrote.
    old : sequence of these
        Releases that are out. Those of other dates throughout are not compared.

    Returns
    -------
    tuple of ReleaseProblem
        Of every count in both: one that was withheld and is shown (or the other way round), and one
        that is printed 5 or 10 apart, so that 1 to 7 people may lie between. A change that
        rounding hides altogether is not seen: compare exact audits to find it, as
        ``published(audit, earlier=...)`` does.

    Raises
    ------
    RiskModelError
        A release holds exact counts, or a folder no tables.

    Examples
    --------
    >>> rows = {"characteristic": ["sex"], "group": ["f"], "metric": ["recall"]}
    >>> june = {"listed": pd.DataFrame(rows | {"numerator": [20.0]})}
    >>> july = {"listed": pd.DataFrame(rows | {"numerator": [25.0]})}
    >>> [problem.column for problem in check_releases(july, [june])]
    ['numerator']
    """
    mine = _tables_of(new)
    found: list[ReleaseProblem] = []
    for release in old:
        theirs = _tables_of(release)
        if _may_overlap(mine, theirs):
            for name in mine.keys() & theirs.keys():
                found += _compare(name, mine[name], theirs[name])
    return tuple(_once(found))


def _once(problems: list[ReleaseProblem]) -> list[ReleaseProblem]:
    return sorted({str(problem): problem for problem in problems}.values(), key=str)


def _tables_of(release: Release) -> dict[str, pd.DataFrame]:
    if isinstance(release, FairnessAudit):
        tables = dict(release.tables())
        counts = {
            name: value for name, value in release.summary.items()
            if (value is None or isinstance(value, int)) and name not in NOT_COUNTS
        }  # fmt: skip
        rows = {"count": list(counts), "n": [np.nan if v is None else v for v in counts.values()]}
        tables[SUMMARY] = pd.DataFrame(rows)
        dates = [str(date) for date in release.summary.get("as_of", [])]
        tables[_DATES] = pd.DataFrame({"as_of": dates})
    elif isinstance(release, Mapping):
        tables = dict(release)
    else:
        tables = _read_folder(Path(release))
    if "people" in tables.get("listed", pd.DataFrame()).columns:
        raise RiskModelError(
            "this release holds exact counts: give what published() makes of it, or the folder of "
            "a report that was written without internal=True"
        )
    return tables


_DATES = "dates"


def _read_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder of CSVs."""
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise RiskModelError(
            f"{folder.name} holds no tables: give the folder of CSVs that fairness_report wrote"
        )
    return {file.stem: pd.read_csv(file) for file in files if file.stat().st_size > 1}


def _may_overlap(mine: Mapping[str, pd.DataFrame], theirs: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether the two may speak of the same dates: False only where both say otherwise."""
    for name in (_DATES, "coverage", "periods"):
        dates = [
            {str(pd.Timestamp(date)) for date in tables[name]["as_of"].dropna()}
            for tables in (mine, theirs)
            if name in tables and "as_of" in tables[name]
        ]
        if len(dates) == 2 and all(dates):
            return bool(dates[0] & dates[1])
    return True


def _compare(name: str, mine: pd.DataFrame, theirs: pd.DataFrame) -> list[ReleaseProblem]:
    keys = [column for column in NAMES if column in mine and column in theirs]
    counts = [
        column for column in COUNTS if column in mine and column in theirs and column not in keys
    ]
    if not keys or not counts:
        return []
    both = _named(mine, keys, counts, "now").join(_named(theirs, keys, counts, "then"), how="inner")
    found = []
    for column in counts:
        now, then = (both[f"{column} {when}"].to_numpy(dtype=float) for when in ("now", "then"))
        few = _may_be_few(np.abs(now - then))
        shown, late = ~np.isnan(now) & np.isnan(then), np.isnan(now) & ~np.isnan(then)
        for rows, what in ((shown, REVEALED), (late, WITHHELD_TOO_LATE), (few, FEW_APART)):
            found += [
                ReleaseProblem(
                    name, column, _row(keys, both.index[int(i)]), what, not bool(late[i])
                )
                for i in np.flatnonzero(rows)
            ]
    return found


def _named(table: pd.DataFrame, keys: list[str], counts: list[str], when: str) -> pd.DataFrame:
    """Return the counts by what their row is about; one line each."""
    texts = table[keys].astype("str").replace({"<NA>": "", "nan": "", "NaT": ""})
    index = pd.MultiIndex.from_frame(texts)
    numbers = {f"{name} {when}": pd.to_numeric(table[name], errors="coerce") for name in counts}
    found = pd.DataFrame(numbers).set_axis(index)
    return found.loc[~index.duplicated()]


def _row(keys: list[str], values: object) -> dict[str, str]:
    found = values if isinstance(values, tuple) else (values,)
    return {key: str(value) for key, value in zip(keys, found, strict=True) if value}


def _may_be_few(apart: FloatArray) -> NDArray[np.bool_]:
    """Return which printed differences may be a count of 1 to 7: none is none that is seen."""
    return (apart > 0) & (apart - 2 * _WITHIN < SMALLEST_CELL)
