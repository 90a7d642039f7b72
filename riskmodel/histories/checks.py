"""One table against its declaration: `check_table`, which gathers the problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.coercion import Mask, Values, coerce
from riskmodel.histories.frames import dtype_of, empty_table, pandera_schema, text_dtype
from riskmodel.histories.problems import (
    AGAIN_RULE,
    EARLY_RULE,
    MISSING_COLUMN_RULE,
    MISSING_RULE,
    WHOLE_RULE,
    YEAR_RULE,
    Problem,
)
from riskmodel.late import late
from riskmodel.schema import TABLES, Table, is_protected

if TYPE_CHECKING:
    import pandera.errors as pandera_errors
else:
    pandera_errors = late("pandera.errors")  # takes seconds: only where a table is checked


@dataclass
class CheckedTable:
    """A table in its declared types, with the problems found in it.

    Attributes
    ----------
    name : str
    frame : DataFrame of n rows
        Coerced; all declared columns are there; RangeIndex in the order given.
    given : DataFrame of n rows
        As it came.
    problems : list of Problem
    invalid : ndarray of bool, shape (n,)
        Rows that break a rule.
    aware : dict of str to bool
        Time columns: whether their times came with an offset from UTC.
    """

    name: str
    frame: pd.DataFrame
    given: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    aware: dict[str, bool] = field(default_factory=dict)
    _masks: list[tuple[str, str, Mask]] = field(default_factory=list)

    @property
    def invalid(self) -> Mask:
        """Rows that break a rule."""
        broken = np.zeros(len(self.given), dtype=bool)
        for _, _, mask in self._masks:
            broken |= mask
        return broken

    def flagged(self, column: str) -> Mask:
        """Rows that break a rule of one column."""
        broken = np.zeros(len(self.given), dtype=bool)
        for name, _, mask in self._masks:
            broken |= mask & (name == column)
        return broken

    @property
    def structural(self) -> list[Problem]:
        """Mistakes of the table itself, which no setting aside of rows can cure."""
        return [problem for problem in self.problems if problem.rows == 0]

    def refuse(self, column: str, rule: str) -> None:
        """Note a mistake of the table itself."""
        self.problems.append(Problem(self.name, column, rule))

    def flag(self, column: str, rule: str, rows: Any) -> None:
        """Note the rows (a mask) that break a rule."""
        mask = np.asarray(rows, dtype=bool)
        if mask.any():
            self.problems.append(Problem(self.name, column, rule, int(mask.sum())))
            self._masks.append((column, rule, mask))

    def kept(self) -> pd.DataFrame:
        """Return the rows that break no rule."""
        return self.frame[~self.invalid].reset_index(drop=True)

    def set_aside(self) -> pd.DataFrame:
        """Return the rows that break a rule, as they came, with a column `problem`."""
        invalid = self.invalid
        reasons: list[list[str]] = [[] for _ in range(int(invalid.sum()))]
        position = np.cumsum(invalid) - 1
        for column, rule, mask in self._masks:
            for row in position[mask]:
                reasons[row].append(f"{column}: {rule}")
        text = pd.Series(["; ".join(rules) for rules in reasons], dtype=text_dtype())
        return self.given[invalid].assign(problem=text.to_numpy())


def check_table(name: str, table: Any) -> CheckedTable:
    """Coerce a table without loss and gather every rule that it breaks on its own.

    Parameters
    ----------
    name : str
        One of `riskmodel.schema.TABLES`.
    table : DataFrame, pyarrow.Table or None
        None is a table of no rows.

    Examples
    --------
    >>> times = ["2012-01-31", "soon"]
    >>> updates = pd.DataFrame(
    ...     {"source_id": [1, 2], "recorded_time": times, "evidence": ["charge", None]}
    ... )
    >>> for problem in check_table("updates", updates).problems:
    ...     print(problem)
    updates.recorded_time: not a time (ISO 8601, as in 2012-01-31 or 2012-01-31T14:30:00), in 1 row
    updates.evidence: missing, in 1 row
    """
    if table is None:
        return CheckedTable(name, empty_table(name), empty_table(name))
    declared = TABLES[name]
    checked = CheckedTable(name, empty_table(name), _as_frame(name, table))
    _check_columns(checked, declared)
    _coerce_columns(checked, declared)
    if len(checked.given):
        _check_values(checked, declared)
        _fill_defaults(checked, declared)
        _check_across(checked)
        _check_key(checked, declared)
    return checked


def _as_frame(name: str, table: Any) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        return table
    if hasattr(table, "to_pandas"):
        frame = table.to_pandas()
        if isinstance(frame, pd.DataFrame):
            return frame
    raise SchemaError(
        f"{name}: a pandas DataFrame or a pyarrow Table is needed, not {type(table).__name__}"
    )


_INSTEAD = {
    ("events", "recorded_time"): '; say recorded_time="event_time" only if known at once',
    ("events", "source_id"): "; it names each record, so that reasons can point to it",
}


def _check_columns(checked: CheckedTable, declared: Table) -> None:
    names = list(checked.given.columns)
    texts = [name for name in names if isinstance(name, str)]
    if len(texts) < len(names):
        checked.refuse("", f"{len(names) - len(texts)} columns have names that are not text")
    for repeated in sorted({name for name in texts if texts.count(name) > 1}):
        checked.refuse(repeated, "the column is there more than once")
    for column in declared.fields:
        if column.required and column.name not in texts:
            instead = _INSTEAD.get((declared.name, column.name), "")
            checked.refuse(column.name, f"{MISSING_COLUMN_RULE}{instead}")
    others = [name for name in dict.fromkeys(texts) if name not in declared.columns]
    _check_extra_columns(checked, declared, others)


def _check_extra_columns(checked: CheckedTable, declared: Table, others: list[str]) -> None:
    if declared.extra == "free":
        return
    for name in [name for name in others if is_protected(name)]:
        rule = "a protected characteristic: it belongs in the groups table, which no feature reads"
        checked.refuse(name, rule)
    unknown = [name for name in others if not is_protected(name)]
    if declared.extra == "refused" and unknown:
        allowed = ", ".join(declared.columns)
        checked.refuse("", f"unknown columns {', '.join(unknown)}; allowed are {allowed}")


def _coerce_columns(checked: CheckedTable, declared: Table) -> None:
    given = checked.given
    columns: dict[str, Values] = {}
    for column in declared.fields:
        if column.name not in given.columns:
            columns[column.name] = pd.Series(
                pd.NA if column.kind == "flag" else np.nan, index=range(len(given))
            ).astype(dtype_of(column.kind))
            continue
        coerced = coerce(_column(given, column.name), column.kind)
        columns[column.name] = coerced.values
        checked.flag(column.name, coerced.rule, coerced.bad)
        if coerced.fault:
            checked.refuse(column.name, coerced.fault)
        if coerced.aware is not None:
            checked.aware[column.name] = coerced.aware
    for name in given.columns:
        if name not in columns and isinstance(name, str) and declared.extra != "refused":
            columns[name] = _column(given, name).reset_index(drop=True)
    checked.frame = pd.DataFrame(columns)


def _column(frame: pd.DataFrame, name: str) -> Values:
    return frame.iloc[:, list(frame.columns).index(name)]


def _check_values(checked: CheckedTable, declared: Table) -> None:
    given = tuple(name for name in declared.columns if name in checked.given.columns)
    try:
        _schema_of(declared.name, given).validate(checked.frame[list(given)], lazy=True)
    except pandera_errors.SchemaErrors as found:
        failures = found.failure_cases[["column", "check", "index"]].drop_duplicates()
    else:
        return
    for (column, check), rows in failures.groupby(["column", "check"], sort=False)["index"]:
        mask = np.zeros(len(checked.frame), dtype=bool)
        mask[rows.to_numpy(dtype=np.int64)] = True
        if check == "not_nullable":
            checked.flag(column, MISSING_RULE, mask & ~checked.flagged(column))
        else:
            checked.flag(column, check, mask)


@cache
def _schema_of(name: str, columns: tuple[str, ...]) -> Any:
    """Take the columns that were given: one that was not is refused already, or may be empty."""
    return pandera_schema(name).select_columns(list(columns))


def _fill_defaults(checked: CheckedTable, declared: Table) -> None:
    for column in declared.fields:
        if column.default is not None:
            checked.frame[column.name] = checked.frame[column.name].fillna(column.default)


def _check_across(checked: CheckedTable) -> None:
    """Hold the columns of one row against each other; what is missing breaks no such rule."""
    frame = checked.frame
    for column, earlier, rule in _IN_ORDER.get(checked.name, ()):
        checked.flag(column, rule, frame[column] < frame[earlier])
    if checked.name == "people":
        differs = frame["birth_date"].dt.year != frame["birth_year"]
        both = frame["birth_date"].notna() & frame["birth_year"].notna()
        checked.flag("birth_year", YEAR_RULE, both & differs)
        fraction = frame["birth_year"].notna() & (frame["birth_year"] % 1 != 0)
        checked.flag("birth_year", WHOLE_RULE, fraction)


_IN_ORDER: dict[str, tuple[tuple[str, str, str], ...]] = {
    "events": (("recorded_time", "event_time", EARLY_RULE),),
    "people": (
        ("death_date", "birth_date", "before birth_date"),
        ("left_date", "birth_date", "before birth_date"),
        ("recordable_from", "birth_date", "before birth_date"),
    ),
    "spells": (("end", "start", "before start"),),
    "actions": (("end", "start", "before start"),),
}


def _check_key(checked: CheckedTable, declared: Table) -> None:
    """Flag repeats of the key, so that which rows are kept never depends on their order."""
    if declared.key is None:
        return
    valid = ~checked.invalid & checked.frame[declared.key].notna().to_numpy()
    key = checked.frame.loc[valid, declared.key]
    repeated = checked.frame[valid][key.duplicated(keep=False)]
    if repeated.empty:
        return
    comparable = repeated.astype(dict.fromkeys(_undeclared(repeated, declared), "str"))
    mask = np.zeros(len(checked.frame), dtype=bool)
    if declared.name == "events":
        order = ["recorded_time", *(name for name in declared.columns if name != "recorded_time")]
        later = comparable.sort_values(order)[declared.key].duplicated()
        mask[later.index[later]] = True
        checked.flag(declared.key, AGAIN_RULE, mask)
        return
    again = comparable.duplicated()
    mask[again.index[again]] = True
    checked.flag(declared.key, "occurs more than once, with the same values", mask)
    differing = comparable[~again][declared.key].duplicated(keep=False)
    mask = np.isin(
        checked.frame[declared.key], comparable.loc[differing[differing].index, declared.key]
    )
    checked.flag(declared.key, "occurs more than once, with different values", mask & valid)


def _undeclared(frame: pd.DataFrame, declared: Table) -> list[str]:
    return [name for name in frame.columns if name not in declared.columns]
