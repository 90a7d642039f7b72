"""Lengths of list: so many people, or a share of each date's cohort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import ceil

from riskmodel.errors import SchemaError

PERCENT = 100


@dataclass(frozen=True)
class ListLength:
    """How many people are listed: one of `k` (people) and `share` (of the cohort) is given.

    Examples
    --------
    >>> ListLength.read("1%").people(250), ListLength.read(100).people(250)
    (3, 100)
    >>> print(ListLength.read("2.5%"), ListLength.read(100))
    2.5% 100
    """

    k: int | None = None
    share: float | None = None

    @classmethod
    def read(cls, given: int | str) -> ListLength:
        """Read a whole number of people, as text as well, or a share written as ``"1%"``.

        Raises
        ------
        SchemaError
            Anything else; no people; a share that is not above 0% and up to 100%.
        """
        text = str(given)
        number = _number(text.removesuffix("%"))
        if text.endswith("%"):
            if 0 < number <= PERCENT:
                return cls(share=float(number / PERCENT))
        elif number >= 1 and number % 1 == 0:
            return cls(k=int(number))
        raise SchemaError(
            f"ks: {given!r} given, whole numbers of 1 or more are allowed, and shares of the "
            'cohort from above "0%" to "100%"'
        )

    def __str__(self) -> str:
        if self.share is None:
            return str(self.k)
        return f"{(_exactly(self.share) * PERCENT).normalize():f}%"

    def people(self, cohort: int) -> int:
        """Return the length on a date with a cohort of so many; no more than all of it.

        A share is rounded up, so that no list is empty.
        """
        if self.share is None:
            return min(self.k or 0, cohort)
        return ceil(_exactly(self.share) * cohort)


def read_lengths(ks: Iterable[int | str]) -> tuple[ListLength, ...]:
    """Return each length once: numbers of people from the shortest up, then shares.

    Raises
    ------
    SchemaError
        All that are not allowed at once.

    Examples
    --------
    >>> [str(length) for length in read_lengths(["5%", 100, "1%", 50, 100])]
    ['50', '100', '1%', '5%']
    """
    lengths, problems = set(), []
    for given in ks:
        try:
            lengths.add(ListLength.read(given))
        except SchemaError as error:
            problems += error.problems
    if problems:
        raise SchemaError(problems)
    return tuple(sorted(lengths, key=lambda length: (length.share or 0.0, length.k or 0)))


def _number(text: str) -> Decimal:
    """Return what is written; 0, which is no length, where it is no number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def _exactly(share: float) -> Decimal:
    """Return the share as it was written: 0.07 * 100 is above 7 in binary, and would list 8."""
    return Decimal(repr(float(share)))
