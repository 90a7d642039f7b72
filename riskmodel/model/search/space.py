"""What a search may set: names of the estimator's settings, each with a range or with choices."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Any

from riskmodel.errors import SchemaError

#: Set by the search itself, or no part of what is learnt.
NOT_SEARCHED = {
    "n_estimators": "early stopping chooses it",
    "n_jobs": "it changes the time, not the model",
    "random_state": "a seed is not there to be picked",
}


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both allowed; whole ones where both ends are of type int.

    Parameters
    ----------
    low, high : int or float
    log : bool
        Draw evenly over the orders of magnitude. `low` must then be above 0.

    Examples
    --------
    >>> Range(0.01, 0.1, log=True).holds(0.05), Range(2, 8).holds(2.5)
    (True, False)
    """

    low: int | float
    high: int | float
    log: bool = False

    def __post_init__(self) -> None:
        problems = self._problems()
        if problems:
            raise SchemaError([f"Range({self.low!r}, {self.high!r}): {text}" for text in problems])

    def _problems(self) -> list[str]:
        ends = (self.low, self.high)
        if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
            return ["both ends must be numbers"]
        if not all(math.isfinite(end) for end in ends):
            return ["both ends must be finite"]
        rules = {
            "low must be below high": self.low < self.high,
            "low must be above 0 where log is set": self.low > 0 or not self.log,
        }
        return [text for text, kept in rules.items() if not kept]

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def holds(self, value: object) -> bool:
        """Say whether a value lies in the range and is of its kind."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Choice:
    """One of some values: text, numbers, True, False, None, or dicts and lists of them.

    Examples
    --------
    >>> blends = Choice(({"any": 1.0}, {"any": 1.0, "count": 1.0}))
    >>> blends.holds({"any": 1.0}), blends.labels[1]
    (True, '{"any": 1.0, "count": 1.0}')
    """

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        alike = any(one == other for one, other in combinations(self.values, 2))
        try:
            json.dumps(self.values, allow_nan=False)
        except (TypeError, ValueError):
            alike = True
        if alike or len(self.values) < 2:
            raise SchemaError(
                "Choice: two or more different values are needed, each such as JSON can hold"
            )

    @property
    def labels(self) -> tuple[bool | int | float | str | None, ...]:
        """The values as Optuna knows them: dicts and lists as JSON text."""
        return tuple(
            json.dumps(value) if isinstance(value, dict | list) else value for value in self.values
        )

    def holds(self, value: object) -> bool:
        """Say whether a value is one of the choices."""
        return any(type(one) is type(value) and one == value for one in self.values)

    def label_of(self, value: object) -> bool | int | float | str | None:
        """Return the label of one of the values."""
        return self.labels[self.values.index(value)]

    def value_of(self, label: object) -> Any:
        """Return the value of a label."""
        return self.values[self.labels.index(label)]


@dataclass(frozen=True)
class SearchSpace:
    """Which settings of the estimator a search tries, and between which ends.

    Parameters
    ----------
    settings : mapping of str to Range or Choice
        Names as in the estimator's ``get_params()``. `n_estimators` is left to early stopping.

    Raises
    ------
    SchemaError
        Empty; a name that a search does not set; something else than a Range or a Choice.

    Examples
    --------
    >>> space = SearchSpace({"num_leaves": Range(4, 32, log=True), "max_bin": Choice((63, 255))})
    >>> SearchSpace.from_dict(space.to_dict()) == space
    True
    """

    settings: Mapping[str, Range | Choice]

    def __post_init__(self) -> None:
        problems = [] if self.settings else ["no setting is given"]
        for name, allowed in self.settings.items():
            if name in NOT_SEARCHED:
                problems.append(f"{name} cannot be searched: {NOT_SEARCHED[name]}")
            elif not isinstance(allowed, Range | Choice):
                problems.append(f"{name} must be a Range or a Choice")
        if problems:
            raise SchemaError([f"SearchSpace: {problem}" for problem in problems])
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))

    @classmethod
    def default(cls) -> SearchSpace:
        """Return the settings that decide how fine and how bold the trees are.

        On sparse counts `max_bin` changes next to nothing, so it is not among them.
        """
        return cls(
            {
                "learning_rate": Range(0.02, 0.2, log=True),
                "num_leaves": Range(4, 31, log=True),
                "min_child_samples": Range(20, 500, log=True),
                "reg_lambda": Range(0.1, 300.0, log=True),
                "feature_fraction": Range(0.15, 1.0),
            }
        )

    def check_names(self, known: Mapping[str, Any]) -> None:
        """Raise unless all names are among an estimator's parameters.

        Raises
        ------
        SchemaError
            Naming those that are not, and what there is.
        """
        unknown = [name for name in self.settings if name not in known]
        if unknown:
            allowed = ", ".join(sorted(set(known) - set(NOT_SEARCHED)))
            raise SchemaError(
                [f"SearchSpace: the estimator has no setting {name!r}" for name in unknown],
                advice=f"It has: {allowed}.",
            )

    def holds(self, values: Mapping[str, object]) -> bool:
        """Say whether each setting's value lies in the space."""
        return all(allowed.holds(values[name]) for name, allowed in self.settings.items())

    def to_dict(self) -> dict[str, Any]:
        """Return the space as plain values for JSON."""
        return {name: asdict(allowed) for name, allowed in self.settings.items()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Mapping[str, Any]]) -> SearchSpace:
        """Return the space that `to_dict` described."""
        return cls(
            {
                name: Choice(tuple(parts["values"])) if "values" in parts else Range(**parts)
                for name, parts in content.items()
            }
        )
