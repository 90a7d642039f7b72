"""What another rule changes on the list, as people: who enters, who leaves, what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.json_tables import DATE, from_records, to_records
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.model.lists.near_cut import list_of_each_date
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray, as_floats, divide

STAYS, ENTERS, LEAVES = "stays", "enters", "leaves"
COUNT_KINDS = {
    "as_of": DATE,
    "change": "str",
    "people": "int64",
    "with_outcome": "int64",
    "offences": "float64",
}
PEOPLE_KINDS = {
    "as_of": DATE,
    "person_id": "str",
    "change": "str",
    "y": "float64",
    "offences": "float64",
}


@dataclass(frozen=True, eq=False)
class ListGain:
    """Two rules' lists of the same length, date by date.

    Attributes
    ----------
    people : DataFrame
        One row for each person on either list of a date: as_of, person_id, change (enters, leaves
        or stays, as seen from the rule), y, offences (serious incidents in the outcome window).
        For use inside the organisation; no other part names a person.
    counts : DataFrame
        The same counted: as_of, change, people, with_outcome, offences.
    k : int
    n_dates, n_unobserved : int
        Dates compared; rows left out since their outcome is not known.
    seed : int
        Of the order among equals.
    """

    people: pd.DataFrame
    counts: pd.DataFrame
    k: int
    n_dates: int
    n_unobserved: int
    seed: int

    @property
    def totals(self) -> pd.DataFrame:
        """People, those with the outcome and their offences by change, over all dates."""
        columns = ["people", "with_outcome", "offences"]
        sums = self.counts.groupby("change")[columns].sum()
        return sums.reindex([ENTERS, LEAVES, STAYS]).fillna(0)

    @property
    def people_gained(self) -> int:
        """People with the outcome who enter, less those who leave; over all dates."""
        return int(self._gained("with_outcome"))

    @property
    def offences_gained(self) -> float:
        """Serious offences of those who enter, less those of who leave; over all dates."""
        return self._gained("offences")

    def _gained(self, column: str) -> float:
        totals = self.totals[column]
        return float(totals[ENTERS] - totals[LEAVES])

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able counts; nobody is named."""
        summary = {name: getattr(self, name) for name in ("k", "n_dates", "n_unobserved", "seed")}
        return {**summary, "counts": to_records(self.counts)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ListGain:
        """Read what `to_dict` wrote: the counts, with no people."""
        counts = from_records(content["counts"], COUNT_KINDS)
        summary = {name: value for name, value in content.items() if name != "counts"}
        return cls(people=from_records((), PEOPLE_KINDS), counts=counts, **summary)

    def __str__(self) -> str:
        """Return who enters and who leaves, each with what became of them."""
        dates = "1 date" if self.n_dates == 1 else f"{self.n_dates} dates"
        lines = [f"Lists of {self.k} on {dates}:"]
        lines += [
            f"  {row.people:,.0f} {change.rstrip('s')}: {row.with_outcome:,.0f} of them had the "
            f"outcome, with {row.offences:,.0f} serious offences"
            for change, row in zip(self.totals.index, self.totals.itertuples(), strict=True)
        ]
        lines.append(
            f"  gained: {self.people_gained:+,} people with the outcome, "
            f"{self.offences_gained:+,.0f} serious offences"
        )
        return "\n".join(lines)


def list_gain(
    snapshots: Snapshots, score: npt.ArrayLike, rule: npt.ArrayLike, k: int = 100, seed: int = 0
) -> ListGain:
    """Compare the people whom a score lists with those whom the rule in use lists.

    Parameters
    ----------
    snapshots : Snapshots of n rows
        Rows whose outcome is not observed are left out, as `evaluate_scores` does.
    score, rule : arrays (n,)
        Higher goes first; the `k` highest of each date are listed.
    k : int
    seed : int
        Of the order among equals.

    Returns
    -------
    ListGain
        The gain in people is k times the difference in precision, summed over dates.

    Raises
    ------
    SchemaError
        An outcome of another kind than "any", no observed rows, scores of another length or with
        missing values, `k` under 1.

    Examples
    --------
    >>> table = Snapshots.from_table(pd.DataFrame({"x": [0, 1, 2, 3]}), [1, 1, 0, 0])
    >>> gain = list_gain(table, score=[3, 2, 1, 0], rule=[0, 1, 2, 3], k=3)
    >>> print(gain)
    Lists of 3 on 1 date:
      1 enter: 1 of them had the outcome, with 1 serious offences
      1 leave: 0 of them had the outcome, with 0 serious offences
      2 stay: 1 of them had the outcome, with 1 serious offences
      gained: +1 people with the outcome, +1 serious offences
    """
    rows, lists = _lists(snapshots, {"score": score, "rule": rule}, k, seed)
    change = np.where(lists["score"] & lists["rule"], STAYS, LEAVES)
    change = np.where(lists["score"] & ~lists["rule"], ENTERS, change)
    listed = pd.DataFrame(
        {
            "as_of": rows.as_of,
            "person_id": rows.person_id,
            "change": change,
            "y": rows.y,
            "offences": rows.serious_count,
        }
    )[lists["score"] | lists["rule"]]
    return ListGain(
        people=listed.astype(PEOPLE_KINDS).reset_index(drop=True),
        counts=_counts(listed),
        k=int(k),
        n_dates=len(rows.dates),
        n_unobserved=len(snapshots) - len(rows),
        seed=int(seed),
    )


def list_overlap(
    snapshots: Snapshots, scores: Mapping[str, npt.ArrayLike], k: int = 100, seed: int = 0
) -> pd.DataFrame:
    """Count how many people each two scores list both, over the dates.

    Returns
    -------
    DataFrame
        One row for each pair: score, other, k, n_dates, listed (by the first, over all dates),
        shared, share (of listed), date_low and date_high (that share on single dates), jaccard
        (shared, of those on either list).

    Examples
    --------
    >>> table = Snapshots.from_table(pd.DataFrame({"x": [0, 1, 2, 3]}), [1, 1, 0, 0])
    >>> found = list_overlap(table, {"a": [3, 2, 1, 0], "b": [3, 1, 2, 0]}, k=2)
    >>> found[["score", "other", "shared", "share"]].values.tolist()
    [['a', 'b', 1, 0.5]]
    """
    rows, lists = _lists(snapshots, scores, k, seed)
    codes = np.searchsorted(rows.dates, rows.as_of)
    found = [
        {"score": one, "other": other, "k": int(k), "n_dates": len(rows.dates)}
        | _shared(lists[one], lists[other], codes)
        for one, other in combinations(lists, 2)
    ]
    columns = ["score", "other", "k", "n_dates", *_SHARED]
    return pd.DataFrame(found, columns=columns)


_SHARED = ("listed", "shared", "share", "date_low", "date_high", "jaccard")


def _shared(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_], codes: Any) -> dict[str, Any]:
    listed, shared = np.bincount(codes, one), np.bincount(codes, one & other)
    by_date = divide(shared, listed)
    counts = int(listed.sum()), int(shared.sum())
    shares = (
        float(divide(counts[1], counts[0])),
        float(by_date.min()),
        float(by_date.max()),
        float(divide(counts[1], int((one | other).sum()))),
    )
    return dict(zip(_SHARED, (*counts, *shares), strict=True))


def _lists(
    snapshots: Snapshots, scores: Mapping[str, npt.ArrayLike], k: int, seed: int
) -> tuple[Snapshots, dict[str, npt.NDArray[np.bool_]]]:
    """Return the observed rows, and each score's list of each date among them."""
    snapshots.check_any("list_gain")
    observed = snapshots.observed.to_numpy(dtype=bool)
    checked = _checked(scores, len(snapshots), observed, k)
    rows = snapshots.subset(observed)
    return rows, {
        name: list_of_each_date(rows, values, ListLength(k=int(k)), seed)
        for name, values in checked.items()
    }


def _checked(
    scores: Mapping[str, npt.ArrayLike], n: int, observed: npt.NDArray[np.bool_], k: int
) -> dict[str, FloatArray]:
    problems = list(_problems(scores, n, observed, k))
    if problems:
        raise SchemaError(problems)
    return {name: np.asarray(score, dtype=np.float64)[observed] for name, score in scores.items()}


def _problems(
    scores: Mapping[str, npt.ArrayLike], n: int, observed: npt.NDArray[np.bool_], k: int
) -> Iterator[str]:
    if isinstance(k, bool) or int(k) != k or k < 1:
        yield f"k: {k} given, a whole number from 1 is allowed"
    if not observed.any():
        yield f"snapshots: the outcome is observed in none of {n} rows"
    for name, score in scores.items():
        values = np.asarray(score, dtype=np.float64)
        if values.shape != (n,):
            yield f"{name}: shape {values.shape} given, ({n},) expected"
            continue
        try:
            as_floats(values[observed], name)
        except SchemaError as error:
            yield from error.problems


def _counts(listed: pd.DataFrame) -> pd.DataFrame:
    """Count the people of each date and change; a change that nobody made has none of them."""
    grouped = listed.groupby(["as_of", "change"])
    counted = grouped.agg(
        people=("y", "size"), with_outcome=("y", "sum"), offences=("offences", "sum")
    )
    every = pd.MultiIndex.from_product([listed["as_of"].unique(), [ENTERS, LEAVES, STAYS]])
    whole = counted.reindex(every.set_names(["as_of", "change"])).fillna(0).reset_index()
    return whole.astype(COUNT_KINDS)
