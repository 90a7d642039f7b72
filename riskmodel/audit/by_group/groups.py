"""Which group each row belongs to, for every protected characteristic and intersection.

Whoever is missing from the table, and every blank in it, is "Not recorded": a group like any
other, never dropped and never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.groups import check_groups
from riskmodel.schema import NOT_RECORDED

AGE_BAND = "age band"
AGE_BANDS = ("10-17", "18-24", "25-34", "35-49", "50+")
INTERSECTION = " x "
MOST_GROUPS = 100
_AGE_EDGES = (10, 18, 25, 35, 50, 121)


def group_columns(
    person_id: pd.Series[str],
    groups: pd.DataFrame,
    *,
    characteristics: Sequence[str] | None = None,
    intersections: Sequence[tuple[str, ...]] = (),
    birth_date: pd.Series | None = None,
    as_of: pd.Series | None = None,
) -> pd.DataFrame:
    """Return one text column per characteristic and intersection, aligned with `person_id`.

    Parameters
    ----------
    person_id : Series of str, shape (n,)
        A person may stand in several rows.
    groups : DataFrame
        One row a person: ``person_id`` (column or index) and one column per characteristic.
    characteristics : sequence of str, optional
        Columns to take; all by default. ``"age band"`` is added where birth dates are given.
    intersections : sequence of tuple of str
        Each joins two or more characteristics, such as ``("sex", "ethnicity")``.
    birth_date, as_of : Series, shape (n,), optional
        Both are needed for the age band.

    Returns
    -------
    DataFrame of str, shape (n, characteristics + intersections), RangeIndex

    Raises
    ------
    SchemaError
        No ``person_id``, a person in two rows, or a characteristic that the table doesn't have.

    Examples
    --------
    >>> table = pd.DataFrame({"person_id": ["a", "b"], "sex": ["female", None]})
    >>> group_columns(pd.Series(["b", "a", "c"]), table)["sex"].tolist()
    ['Not recorded', 'female', 'Not recorded']
    """
    table = _by_person(groups)
    columns = recorded_values(table.reindex(person_id.to_numpy()))
    if birth_date is not None and as_of is not None and AGE_BAND not in columns:
        columns[AGE_BAND] = age_band(birth_date, as_of).to_numpy()
    wanted = [str(name) for name in (columns if characteristics is None else characteristics)]
    _check_known(wanted, intersections, columns)
    return with_intersections(columns, intersections)[
        [*wanted, *(INTERSECTION.join(names) for names in intersections)]
    ]


def birth_dates(histories: EventHistories | None, person_id: pd.Series[str]) -> pd.Series | None:
    """Return the birth date of each row's person, for the age band; None where none is on record.

    Examples
    --------
    >>> birth_dates(None, pd.Series(["a"])) is None
    True
    """
    if histories is None or histories.people["birth_date"].isna().all():
        return None
    return histories.people["birth_date"].reindex(person_id.to_numpy(dtype=object))


def _by_person(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the checked table of characteristics, indexed by ``person_id``."""
    flat = groups.reset_index() if groups.index.name == "person_id" else groups
    return check_groups(flat).set_index("person_id")


def recorded_values(columns: pd.DataFrame) -> pd.DataFrame:
    """Return the columns as stripped text with "Not recorded" for every blank; RangeIndex.

    Examples
    --------
    >>> recorded_values(pd.DataFrame({"sex": [" male ", "", None]}))["sex"].tolist()
    ['male', 'Not recorded', 'Not recorded']
    """
    return pd.DataFrame(
        {str(name): _recorded(columns[name]) for name in columns.columns},
        index=pd.RangeIndex(len(columns)),
    )


def _recorded(values: pd.Series) -> np.ndarray:
    codes, levels = pd.factorize(values.to_numpy(dtype=object), use_na_sentinel=True)
    texts = [str(level).strip() or NOT_RECORDED for level in levels]
    return np.asarray([*texts, NOT_RECORDED], dtype=object)[codes]


def age_band(birth_date: pd.Series, as_of: pd.Series) -> pd.Series[str]:
    """Return the band of the age in completed years on ``as_of``; under 10 is not recorded.

    Examples
    --------
    >>> born = pd.to_datetime(pd.Series(["2000-06-01", None]))
    >>> age_band(born, pd.to_datetime(pd.Series(["2018-05-31", "2018-05-31"]))).tolist()
    ['10-17', 'Not recorded']
    """
    age = completed_years(birth_date, as_of)
    bands = pd.cut(age, bins=list(_AGE_EDGES), right=False, labels=list(AGE_BANDS))
    return pd.Series(_recorded(pd.Series(bands)), dtype="str")


def completed_years(birth_date: pd.Series, as_of: pd.Series) -> np.ndarray:
    """Return the age in completed years, by position; NaN where no birth date is known.

    Examples
    --------
    >>> born = pd.to_datetime(pd.Series(["2000-06-01", "2000-06-01"]))
    >>> completed_years(born, pd.to_datetime(pd.Series(["2018-05-31", "2018-06-01"]))).tolist()
    [17, 18]
    """
    born, today = pd.to_datetime(birth_date).dt, pd.to_datetime(as_of).dt
    before_birthday = (today.month.to_numpy() * 100 + today.day.to_numpy()) < (
        born.month.to_numpy() * 100 + born.day.to_numpy()
    )
    return np.asarray(today.year.to_numpy() - born.year.to_numpy() - before_birthday)


def with_intersections(
    columns: pd.DataFrame, intersections: Sequence[tuple[str, ...]]
) -> pd.DataFrame:
    """Return the columns and, for each intersection, one column of joined values.

    Examples
    --------
    >>> two = pd.DataFrame({"sex": ["male"], "ethnicity": ["Asian"]})
    >>> with_intersections(two, [("sex", "ethnicity")])["sex x ethnicity"].tolist()
    ['male x Asian']
    """
    joined = {
        INTERSECTION.join(names): _joined([columns[name] for name in names])
        for names in intersections
    }
    return pd.concat([columns, pd.DataFrame(joined, index=columns.index)], axis=1)


def _joined(columns: Sequence[pd.Series]) -> pd.Series:
    first, *others = columns
    for other in others:
        first = first + INTERSECTION + other
    return first


def _check_known(
    wanted: Sequence[str], intersections: Sequence[tuple[str, ...]], columns: pd.DataFrame
) -> None:
    names = [*wanted, *(name for names in intersections for name in names)]
    unknown = sorted({name for name in names if name not in columns.columns})
    problems = [f"groups: no column {name!r}" for name in unknown]
    problems += [
        f"intersections: {names!r} needs two or more different characteristics"
        for names in intersections
        if isinstance(names, str) or len(set(names)) < 2
    ]
    problems += [
        f"groups.{name}: more than {MOST_GROUPS} different values, so no characteristic"
        for name in wanted
        if name in columns.columns and columns[name].nunique() > MOST_GROUPS
    ]
    if not wanted:
        problems.append("groups: no characteristic to audit")
    if problems:
        raise SchemaError(problems, advice=f"The characteristics here are {list(columns.columns)}.")
