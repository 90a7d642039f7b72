"""The checked rows of an audit of lists, and what is summed over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.rates import OF_LIST
from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray, IntArray

CLEAR, LATER, UNSEEN = 0, 1, 2
"""Codes of the outcome: no later serious harm, some, not observed."""
OUTCOMES = ("clear", "outcome", "unseen")
"""Names of the counts of people by outcome, in the order of the codes."""


@dataclass(frozen=True, eq=False)
class ListRows:
    """Outcomes, lists and estimates of n people as of a date; every array has shape (n,).

    ``amounts`` holds offences and harm where they were given; 0 where they were not observed.
    """

    y: FloatArray
    lists: dict[str, NDArray[np.bool_]]
    probability: FloatArray
    margin: FloatArray
    person: NDArray[np.generic]
    amounts: dict[str, FloatArray]

    @classmethod
    def checked(
        cls,
        y: ArrayLike,
        lists: Mapping[str, ArrayLike],
        probability: ArrayLike,
        margin: ArrayLike,
        groups: pd.DataFrame,
        person: ArrayLike | None,
        as_of: ArrayLike | None = None,
        amounts: Mapping[str, ArrayLike | None] | None = None,
    ) -> ListRows:
        """Check every column; all that is wrong in one error."""
        n = len(groups)
        who = np.arange(n) if person is None else np.asarray(person)
        columns = {"y": y, "probability": probability, "margin": margin}
        known = {name: values for name, values in (amounts or {}).items() if values is not None}
        given = {
            name: np.asarray(values, dtype=np.float64)
            for name, values in {**columns, **lists, **known}.items()
        }
        problems = [
            f"{name}: {length} rows given, {n} expected"
            for name, length in [*((k, len(v)) for k, v in given.items()), ("person", len(who))]
            if length != n
        ]
        if not n:
            problems.append("groups: no rows given, at least one is needed")
        problems += _wrong_values(given, tuple(lists), groups)
        if as_of is not None and not problems:
            problems += _twice(who, np.asarray(as_of))
        if problems:
            raise SchemaError(problems)
        return cls(
            given["y"],
            {name: given[name] == 1 for name in lists},
            given["probability"],
            given["margin"],
            who,
            {name: np.nan_to_num(given[name]) for name in known if not np.isnan(given[name]).all()},
        )

    @property
    def outcome(self) -> IntArray:
        """`CLEAR`, `LATER` or `UNSEEN`."""
        return np.where(np.isnan(self.y), UNSEEN, self.y).astype(np.int64)

    @property
    def listed_code(self) -> IntArray:
        """A number for each combination of lists."""
        code = np.zeros(len(self.y), dtype=np.int64)
        for place, listed in enumerate(self.lists.values()):
            code += listed.astype(np.int64) << place
        return code

    def counts(self, rows: IntArray | slice) -> dict[str, NDArray[np.bool_]]:
        """Return what is counted of these rows; of a list, as ``quantity@list``."""
        outcome = self.outcome[rows]
        clear, later, unseen = (outcome == code for code in (CLEAR, LATER, UNSEEN))
        found: dict[str, NDArray[np.bool_]] = {
            "people": np.ones(len(outcome), dtype=bool),
            "observed": ~unseen,
            "clear": clear,
            "outcome": later,
            "unseen": unseen,
        }
        for name, whole in self.lists.items():
            listed = whole[rows]
            own = {
                "listed": listed,
                "listed_observed": listed & ~unseen,
                "listed_outcome": listed & later,
                "listed_clear": listed & clear,
                "missed": ~listed & later,
            }
            found |= {f"{part}{OF_LIST}{name}": flags for part, flags in own.items()}
        return found

    def estimates(self, rows: IntArray) -> dict[str, FloatArray]:
        """Return what is no count of these rows, and does not depend on groups."""
        p, outcome = self.probability[rows], self.outcome[rows]
        clear, later = outcome == CLEAR, outcome == LATER
        return {
            "probability": p,
            "expected": p * (clear | later),
            "probability_later": p * later,
            "probability_clear": p * clear,
            "brier": np.square(p - later) * (clear | later),
            **{name: values[rows] for name, values in self.amounts.items()},
        }


def _wrong_values(
    given: Mapping[str, FloatArray], lists: tuple[str, ...], groups: pd.DataFrame
) -> list[str]:
    outcome, chance = given["y"], given["probability"]
    wrong = {
        "y: neither 0, 1 nor missing": ~((outcome == 0) | (outcome == 1) | np.isnan(outcome)),
        **{f"{name}: neither 0 nor 1": ~np.isin(given[name], (0.0, 1.0)) for name in lists},
        "probability: outside [0, 1]": ~((chance >= 0) & (chance <= 1)),
        "margin: missing": np.isnan(given["margin"]) & ~np.isnan(chance),
        **{f"{name}: missing": groups[name].isna().to_numpy() for name in groups.columns},
    }
    return [f"{rule} in {int(where.sum())} rows" for rule, where in wrong.items() if where.any()]


def _twice(person: NDArray[np.generic], as_of: NDArray[np.generic]) -> list[str]:
    if pd.Series(person).is_unique:
        return []
    repeated = int(pd.DataFrame({"person": person, "as_of": as_of}).duplicated().sum())
    return [f"person: a second time on one date in {repeated} rows"] if repeated else []
