"""Names for stretches of probability, in a versioned file of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.files import atomic_write_text
from riskmodel.late import late

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = late("pandas")


@dataclass(frozen=True)
class Thresholds:
    """Bands of probability, each with the lowest probability that belongs to it.

    Parameters
    ----------
    version : str
        Names this set of edges; every score carries it.
    edges : tuple of (name, lowest probability)
        Rising from 0. A probability equal to an edge belongs to the band that it opens.

    Raises
    ------
    SchemaError
        All mistakes at once.

    Examples
    --------
    >>> bands = Thresholds("2026-01", (("lower", 0.0), ("higher", 0.2)))
    >>> list(bands.band([0.1, 0.2, float("nan")]))
    ['lower', 'higher', nan]
    """

    version: str
    edges: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise SchemaError(
                [f"thresholds: {problem}" for problem in problems],
                advice="Give a version and edges such as (('lower', 0.0), ('higher', 0.1)).",
            )

    def _problems(self) -> list[str]:
        if not isinstance(self.version, str) or not self.version.strip():
            return ["the version must be a text that is not empty"]
        if not self.edges:
            return ["there must be at least one band"]
        names, lowest = zip(*self.edges, strict=True)
        problems = []
        if not all(isinstance(name, str) and name.strip() for name in names):
            problems.append("each band needs a name")
        if len(set(names)) < len(names):
            problems.append("two bands have the same name")
        if not all(isfinite(edge) and 0.0 <= edge < 1.0 for edge in lowest):
            problems.append("each edge must be a probability, 0 or more and less than 1")
        if lowest[0] != 0.0:
            problems.append("the first band must begin at 0, so that every score has a band")
        if any(low >= high for low, high in pairwise(lowest)):
            problems.append("edges must rise from band to band")
        return problems

    @classmethod
    def default(cls) -> Thresholds:
        """Return the edges used unless others are given: 0, 5, 10 and 25 %."""
        return cls(
            "default-1", (("lower", 0.0), ("medium", 0.05), ("higher", 0.10), ("highest", 0.25))
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Band names from the lowest to the highest."""
        return tuple(name for name, _ in self.edges)

    def band(self, probability: ArrayLike) -> pd.Series:
        """Return the band of each probability, NaN where it is NaN.

        Raises
        ------
        RiskModelError
            A value lies outside 0 to 1.
        """
        values = np.atleast_1d(np.asarray(probability, dtype=np.float64))
        outside = int(((values < 0) | (values > 1)).sum())
        if outside:
            raise RiskModelError(f"band: {outside} rows are not probabilities from 0 to 1.")
        lowest = np.array([edge for _, edge in self.edges])
        position = np.searchsorted(lowest, values, side="right") - 1
        names = np.array(self.names, dtype=object)[position]
        names[np.isnan(values)] = np.nan
        index = probability.index if isinstance(probability, pd.Series) else None
        return pd.Series(names, index=index, dtype="str", name="band")

    def band_of(self, probability: float) -> str:
        """Return the band of one probability.

        Examples
        --------
        >>> Thresholds.default().band_of(0.1)
        'higher'
        """
        return [name for name, lowest in self.edges if probability >= lowest][-1]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "version": self.version,
            "edges": [{"name": name, "lowest": lowest} for name, lowest in self.edges],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Thresholds:
        """Read what `to_dict` wrote."""
        try:
            edges = tuple((edge["name"], float(edge["lowest"])) for edge in values["edges"])
            return cls(version=values["version"], edges=edges)
        except (KeyError, TypeError) as error:
            raise SchemaError("thresholds: needs version and edges of name and lowest") from error

    def save(self, path: str | Path) -> Path:
        """Write a JSON file that people can read and put under version control.

        Examples
        --------
        >>> import tempfile
        >>> path = Thresholds.default().save(tempfile.mkdtemp() + "/thresholds.json")
        >>> Thresholds.load(path) == Thresholds.default()
        True
        """
        return atomic_write_text(path, json.dumps(self.to_dict(), indent=2) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Thresholds:
        """Read a file that `save` or a person wrote."""
        try:
            return cls.from_dict(json.loads(Path(path).read_text("utf-8")))
        except json.JSONDecodeError as error:
            raise SchemaError(f"thresholds: the file is not JSON (line {error.lineno})") from error
