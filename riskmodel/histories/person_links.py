"""Pairs of ids that stand for one person, as a linkage tool hands them back."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.assembly import person_codes
from riskmodel.histories.coercion import Values, coerce

Codes: TypeAlias = npt.NDArray[np.int32]

THRESHOLD = 0.95
ID_COLUMNS = (("person_id_l", "person_id_r"), ("unique_id_l", "unique_id_r"))
LINK_COLUMNS = [*ID_COLUMNS[0], "match_probability"]


def read_links(links: Any, threshold: float = THRESHOLD) -> pd.DataFrame:
    """Return the pairs that count: person_id_l, person_id_r, match_probability.

    Parameters
    ----------
    links : DataFrame or pyarrow.Table
        person_id_l and person_id_r, or unique_id_l and unique_id_r; match_probability, without
        which every pair counts. Other columns are not read.
    threshold : float
        Pairs of at least this match probability count.

    Raises
    ------
    SchemaError
        Columns missing, probabilities not from 0 to 1, ids missing or linked to themselves.

    Examples
    --------
    >>> links = pd.DataFrame({"unique_id_l": [1, 2], "unique_id_r": [3, 4],
    ...                       "match_probability": [0.99, 0.2]})
    >>> read_links(links).values.tolist()
    [['1', '3', 0.99]]
    """
    table = links.to_pandas() if hasattr(links, "to_pandas") else links
    if not isinstance(table, pd.DataFrame):
        raise SchemaError("links: a pandas DataFrame or a pyarrow Table is needed")
    names = next((both for both in ID_COLUMNS if set(both) <= set(table.columns)), None)
    if names is None:
        raise SchemaError(
            "links: no columns person_id_l and person_id_r, or unique_id_l and unique_id_r"
        )
    left, right = (coerce(table[name], "text") for name in names)
    probability = _probabilities(table)
    problems = _problems(names, left.values, right.values, probability)
    if not 0 <= threshold <= 1:
        problems.append(f"threshold: {threshold} given, 0 to 1 is allowed")
    if problems:
        raise SchemaError(problems)
    pairs = dict(zip(LINK_COLUMNS, (left.values, right.values, probability), strict=True))
    return pd.DataFrame(pairs)[probability >= threshold].reset_index(drop=True)


def _probabilities(table: pd.DataFrame) -> Values:
    if LINK_COLUMNS[2] not in table.columns:
        return pd.Series(1.0, index=range(len(table)))
    return coerce(table[LINK_COLUMNS[2]], "number").values


def _problems(
    names: tuple[str, str], left: Values, right: Values, probability: Values
) -> list[str]:
    counts = {
        f"{names[0]}: missing, or not text or a whole number": left.isna(),
        f"{names[1]}: missing, or not text or a whole number": right.isna(),
        f"{names[0]}: the same as {names[1]}": left == right,
        f"{LINK_COLUMNS[2]}: not a number from 0 to 1": ~probability.between(0, 1),
    }
    return [f"links.{rule}, in {n:,} rows" for rule, rows in counts.items() if (n := rows.sum())]


def representatives(persons: npt.NDArray[np.str_], pairs: pd.DataFrame) -> Codes:
    """Return for each person the index of the one whose id stands for all that are linked to it.

    Parameters
    ----------
    persons : ndarray of str, shape (n,)
        Sorted.
    pairs : DataFrame
        From `read_links`.

    Examples
    --------
    >>> pairs = pd.DataFrame({"person_id_l": ["b", "x"], "person_id_r": ["x", "d"]})
    >>> representatives(np.array(["a", "b", "c", "d"]), pairs).tolist()
    [0, 1, 2, 1]
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - slow to import, and rarely wanted
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    stands_for = np.arange(len(persons), dtype=np.int32)
    if pairs.empty:
        return stands_for
    end, ids = pd.factorize(pd.concat([pairs["person_id_l"], pairs["person_id_r"]]))
    left, right = end[: len(pairs)], end[len(pairs) :]
    graph = coo_array((np.ones(len(pairs)), (left, right)), shape=(len(ids), len(ids)))
    _, component = connected_components(graph, directed=False)
    code = person_codes(pd.Series(ids), persons)
    known = pd.DataFrame({"code": code, "component": component})[code >= 0]
    stands_for[known["code"]] = known.groupby("component")["code"].transform("min")
    return stands_for


def is_any_known(persons: npt.NDArray[np.str_], pairs: pd.DataFrame) -> bool:
    """Say whether any id of the pairs is among `persons`."""
    return any((person_codes(pairs[name], persons) >= 0).any() for name in LINK_COLUMNS[:2])
