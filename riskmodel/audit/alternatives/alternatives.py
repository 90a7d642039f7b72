"""Alternatives: models beside the chosen one, as a frontier of precision against gap."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pandas as pd

from riskmodel.audit.alternatives.candidates import Candidate
from riskmodel.audit.alternatives.frontier import FRONTIER_COLUMNS
from riskmodel.audit.json_tables import table_of_json, table_to_json
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_write_text

FORMAT = 1
"""Rises when a file of today could be misread tomorrow; readers of older numbers stay."""
LATER_COLUMNS = (
    "picked", *FRONTIER_COLUMNS, "precision_when_picked", "gap_when_picked",
)  # fmt: skip
_NAME = "alternatives.json"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Alternatives:
    """What else could have been chosen, and at what price in precision.

    The tables hold exact counts, for use inside the organisation.

    Attributes
    ----------
    frontier : DataFrame
        One row a model, the chosen one first: ``FRONTIER_COLUMNS``.

        - name, kind (chosen, search, variation or comparator), settings: how it differs;
        - precision, and its paired difference to the chosen one, each with an interval;
        - gap: the widest difference of `metric` between any group and its reference, in size;
          characteristic, group and reference say where; and its difference to the chosen one's;
        - not_worse: not shown to be worse than the chosen one, within its interval;
        - on_frontier: no other model that is not worse is as precise with a smaller gap, or more
          precise with the same;
        - reads_group: when a comparator reads people's groups, in training or at scoring; empty
          for all that could be chosen; legal_note: the question that goes with groups that were
          read on the way; note: why there is no gap;
        - numerator, denominator of the precision, and of the two rates behind the gap.
    later : DataFrame
        The frontier of the earlier dates, measured on later ones that did not pick it:
        ``LATER_COLUMNS``; ``picked`` has the smallest gap of the earlier dates. Empty where there
        is one date.
    candidates : tuple of Candidate
        What was tried, to be learnt again.
    model_digest : str
        Of the model that is chosen today; empty for an estimator.
    metric, k : str
        Whose gap is measured; the length of list, in people or as a share of each date's cohort.
    as_of, later_as_of : tuple of str
        The dates measured; and those that only judge.
    notes : tuple of str

    Examples
    --------
    >>> Alternatives(frontier=pd.DataFrame(columns=list(FRONTIER_COLUMNS)))
    Alternatives(0 models, 0 on the frontier, precision of 5%)
    """

    frontier: pd.DataFrame
    later: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(LATER_COLUMNS)))
    candidates: tuple[Candidate, ...] = ()
    model_digest: str = ""
    metric: str = "precision"
    k: str = "5%"
    level: float = 0.95
    as_of: tuple[str, ...] = ()
    later_as_of: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def smaller(self) -> pd.DataFrame:
        """The rows of the frontier whose gap is smaller than the chosen one's, smallest first."""
        table = self.frontier
        kept = table[table["on_frontier"].astype(bool) & (table["gap_difference"] < 0)]
        return kept.sort_values("gap", kind="stable", ignore_index=True)

    def with_tables(self, *, frontier: pd.DataFrame, later: pd.DataFrame) -> Alternatives:
        """Return the same with other tables, such as published ones."""
        return replace(self, frontier=frontier, later=later)

    def __repr__(self) -> str:
        return (
            f"Alternatives({len(self.frontier)} models, "
            f"{int(self.frontier['on_frontier'].sum())} on the frontier, {self.metric} of {self.k})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready content with exact counts."""
        return {
            "format": FORMAT,
            **{name: getattr(self, name) for name in _PLAIN},
            **{name: list(getattr(self, name)) for name in _TEXTS},
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "frontier": table_to_json(self.frontier),
            "later": table_to_json(self.later),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Return what `to_dict` described."""
        return cls(
            **_said(content),
            candidates=tuple(Candidate.from_dict(entry) for entry in content["candidates"]),
            frontier=table_of_json(content["frontier"]),
            later=table_of_json(content["later"]),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one JSON file, whole or not at all.

        Examples
        --------
        >>> import tempfile
        >>> empty = Alternatives(frontier=pd.DataFrame(columns=list(FRONTIER_COLUMNS)))
        >>> Alternatives.load(empty.save(f"{tempfile.mkdtemp()}/alternatives.json")).metric
        'precision'
        """
        return atomic_write_text(path, json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        RiskModelError
            The file holds something else, or is of a format that this version does not read.
        """
        name = Path(path).name
        content = _content(name, Path(path).read_bytes())
        try:
            return cls.from_dict(content)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RiskModelError(
                f"{name} is damaged: it does not hold what {_NAME} holds "
                f"({type(error).__name__}). Look for the alternatives again"
            ) from error


_PLAIN = ("model_digest", "metric", "k", "level", "created")
_TEXTS = ("as_of", "later_as_of", "notes")


def _said(content: dict[str, Any]) -> dict[str, Any]:
    texts = {name: tuple(content[name]) for name in _TEXTS}
    return {name: content[name] for name in _PLAIN} | texts


def _content(name: str, raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw)
    except ValueError as error:
        raise RiskModelError(f"{name} is no JSON file: give the {_NAME} of a run") from error
    if not isinstance(content, dict) or "frontier" not in content:
        raise RiskModelError(f"{name} holds no alternatives: give the {_NAME} of a run")
    if content.get("format") != FORMAT:
        raise RiskModelError(
            f"{name} has format {content.get('format')!r}; this version reads {FORMAT}. Look for "
            "the alternatives again with this version"
        )
    return content
