"""What a miss and a false listing cost each other: a choice to be stated, not a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from riskmodel.errors import SchemaError


@dataclass(frozen=True, kw_only=True)
class Costs:
    """The costs that net benefit is reckoned with, in any one unit.

    No data can say them. Whoever answers for a list says how many people listed in vain one
    person missed is worth; net benefit under other costs may rank the scores otherwise.

    Parameters
    ----------
    miss : float
        Of a person with the outcome who is not listed: what listing them saves.
    false_listing : float
        Of a person listed without the outcome.

    Raises
    ------
    SchemaError
        A cost that is not above 0.

    Examples
    --------
    >>> costs = Costs(miss=9, false_listing=1)
    >>> print(costs)
    miss 9, false listing 1
    >>> costs.threshold
    0.1
    >>> Costs(miss=0)
    Traceback (most recent call last):
    ...
    riskmodel.errors.SchemaError: 1 problem:
      - Costs.miss: 0 given, a number above 0 is allowed
    """

    miss: float = 10.0
    false_listing: float = 1.0

    def __post_init__(self) -> None:
        problems = [
            f"Costs.{name}: {value} given, a number above 0 is allowed"
            for name, value in asdict(self).items()
            if not (isfinite(value) and value > 0)
        ]
        if problems:
            raise SchemaError(problems)

    def __str__(self) -> str:
        return f"miss {self.miss:g}, false listing {self.false_listing:g}"

    @property
    def threshold(self) -> float:
        """The probability from which listing a person costs less than leaving them out."""
        return self.false_listing / (self.false_listing + self.miss)

    def to_dict(self) -> dict[str, float]:
        """Return JSON-able content."""
        return {"miss": float(self.miss), "false_listing": float(self.false_listing)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Costs:
        """Read what `to_dict` returned."""
        return cls(**content)
