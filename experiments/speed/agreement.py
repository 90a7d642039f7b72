"""Whether two methods found the same: cell by cell, and as one checksum."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from turns import Timing

RELATIVE = 1e-5
WHOLE_NUMBERS = ("count", "incidents", "victims", "places", "co_accused", "repeat_victims")


def check_equal(first: Timing, second: Timing, names: list[str]) -> None:
    """Compare every cell of two matrices.

    Raises
    ------
    SystemExit
        If rows differ, or a cell by more than 1e-5 of its value: names the columns.
    """
    where = f"{first.method} and {second.method}"
    if not np.array_equal(first.keys, second.keys):
        raise SystemExit(f"{where}: {len(first.keys):,} and {len(second.keys):,} other rows")
    problems = []
    for number, name in enumerate(names):
        one, two = first.matrix[:, number], second.matrix[:, number]
        differ = ~np.isclose(one, two, rtol=RELATIVE, atol=0, equal_nan=True)
        if differ.any():
            row = int(np.argmax(differ))
            date, person = first.keys[row].tolist()
            problems.append(
                f"{name}: {int(differ.sum()):,} cells, the first {one[row]} and {two[row]} "
                f"(person {person}, date {np.datetime64(date, 'us')})"
            )
    if problems:
        raise SystemExit(f"{where} differ:\n  " + "\n  ".join(problems))


def checksum(matrix: np.ndarray, columns: list[dict[str, Any]]) -> str:
    """Return a digest that the order and rounding of floating-point sums do not touch.

    Columns of whole numbers and the places of missing values enter bit by bit, the others as their
    sum rounded to six digits.
    """
    digest = hashlib.sha256()
    for number, column in enumerate(columns):
        values = matrix[:, number]
        if is_whole(column):
            digest.update((values + np.float32(0.0)).astype("<f4").tobytes())  # no -0.0
            continue
        missing = np.isnan(values)
        total = values[~missing].astype(np.float64).sum()
        digest.update(np.packbits(missing).tobytes() + f"{total:.5e}".encode())
    return digest.hexdigest()[:16]


def is_whole(column: dict[str, Any]) -> bool:
    """Return whether a column holds whole numbers only."""
    return column.get("measure") in WHOLE_NUMBERS and not column.get("per_year_at_risk")
