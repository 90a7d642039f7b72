"""Who is ranked as of a date, by what was recorded before it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from riskmodel.errors import SchemaError

STATUSES = (
    "scored",
    "no record before as_of",
    "not in the cohort",
    "in custody",
    "died before as_of",
    "left before as_of",
)
"""Why a person has or has not a row, by code; the gravest reason wins."""

_REFRESH = {"monthly": "MS", "weekly": "W-MON"}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value >= 1


@dataclass(frozen=True)
class Cohort:
    """The rule that says who is ranked as of a date.

    Parameters
    ----------
    lookback_days : int or None, default 365
        Incidents that happened in ``[as_of - lookback_days, as_of)`` count. None is "ever".
    min_incidents : int, default 1
        Distinct incidents known before ``as_of`` that a person needs.
    exclude_in_custody : bool, default False
        Leave out those in custody at ``as_of``, as far as was known before it.
    only : (str, str) or None
        A characteristic and the value it must have, from the groups table, as a published rule
        may demand. No feature reads it; ``build_snapshots`` then asks for ``groups=``.
    refresh : str, default "MS"
        The pandas frequency at which the list is made anew; for ``every(cohort.refresh, ...)``.

    Raises
    ------
    SchemaError
        If a value is out of range; all of them at once.

    Examples
    --------
    >>> Cohort(lookback_days=None).describe()
    'people named in at least 1 incident ever recorded'
    """

    lookback_days: int | None = 365
    min_incidents: int = 1
    exclude_in_custody: bool = False
    only: tuple[str, str] | None = None
    refresh: str = "MS"

    def __post_init__(self) -> None:
        problems = []
        if self.lookback_days is not None and not _is_count(self.lookback_days):
            problems.append("Cohort.lookback_days: a whole number of days from 1, or None for ever")
        if not _is_count(self.min_incidents):
            problems.append("Cohort.min_incidents: a whole number from 1")
        if self.only is not None:
            object.__setattr__(self, "only", tuple(self.only))
            if len(self.only) != 2:
                problems.append("Cohort.only: a pair, (characteristic, value)")
        if problems:
            raise SchemaError(problems)

    @classmethod
    def v100(
        cls,
        *,
        refresh: str = "monthly",
        accused_of_more_than_one: bool = True,
        men_only: bool = False,
    ) -> Cohort:
        """Return the cohort of the rule in use, with its published variants.

        Sources disagree, so each point is an option, with the later wording as the default.

        Parameters
        ----------
        refresh : {"monthly", "weekly"}
            How often the list is made anew.
        accused_of_more_than_one : bool, default True
            Only people accused of more than one crime in the window (Press Association,
            20 March 2025); False ranks everyone named (PublicTechnology, 31 July 2023).
        men_only : bool, default False
            The first wording; needs the groups table's ``sex``.

        Examples
        --------
        >>> Cohort.v100().min_incidents
        2
        """
        if refresh not in _REFRESH:
            raise SchemaError(f"Cohort.v100: refresh is {' or '.join(_REFRESH)}")
        return cls(
            lookback_days=365,
            min_incidents=2 if accused_of_more_than_one else 1,
            only=("sex", "male") if men_only else None,
            refresh=_REFRESH[refresh],
        )

    def describe(self) -> str:
        """Return the rule as one plain sentence part."""
        window = "ever recorded" if self.lookback_days is None else f"in {self.lookback_days} days"
        plural = "s" if self.min_incidents != 1 else ""
        text = f"people named in at least {self.min_incidents} incident{plural} {window}"
        if self.only:
            text += f", only where {self.only[0]} is {self.only[1]}"
        return text + (", not in custody" if self.exclude_in_custody else "")

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Cohort:
        """Return the cohort that `to_dict` wrote."""
        return cls(**content)
