"""Offences that a table has no value for: what they count, or the error that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from riskmodel.errors import SchemaError


@dataclass(frozen=True, kw_only=True)
class Unmapped:
    """What an offence counts that the table has no value for.

    Parameters
    ----------
    harm : float
        Days.
    group : str
        One of the table's groups.
    serious : bool

    Examples
    --------
    >>> Unmapped(harm=1.0, group="other").serious
    False
    """

    harm: float
    group: str
    serious: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.harm) and self.harm >= 0):
            raise SchemaError("Unmapped.harm: give a number of days, 0 or more")

    def code_among(self, groups: tuple[str, ...], edition: str) -> int:
        """Return the index of the group in `groups`."""
        if self.group not in groups:
            raise SchemaError(
                f"Unmapped.group: {self.group!r} is not a group of edition {edition}; "
                f"allowed are {', '.join(groups)}"
            )
        return groups.index(self.group)


def unmapped_error(edition: str, absent: Iterable[str], valueless: Iterable[str]) -> SchemaError:
    """Return the error that lists offences: not in the edition, or in it without a value."""
    found = {
        f"edition {edition} does not hold": sorted(set(absent)),
        f"edition {edition} publishes no value for": sorted(set(valueless)),
    }
    return SchemaError(
        [f"offences: {rule} {', '.join(codes)}" for rule, codes in found.items() if codes],
        advice="Add them to the table, or say what they count with unmapped=Unmapped(...).",
    )
