"""What stands beside the trees: how training looked, and rows that prove a load.

No real row is stored: distributions are quantiles from 1 % to 99 %, and the self-test's rows are
drawn at random, column by column, from their range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import ModelIntegrityError

if TYPE_CHECKING:
    import pandas as pd

LEVELS = np.arange(1, 100) / 100
ESTIMATES = ("margin", "probability", "expected_harm")
_SELF_TEST_ROWS = 16
_TOLERANCE = 1e-12

Floats = NDArray[np.float64]


def reference_distributions(X: pd.DataFrame, estimates: pd.DataFrame) -> dict[str, Floats]:
    """Return what later data are compared with to see drift.

    Returns
    -------
    dict of float arrays
        ``levels`` (99,): 0.01 to 0.99; ``features`` (p, 99): quantiles of each column without its
        missing values; ``missing`` (p,): share missing; ``margin``, ``probability`` and
        ``expected_harm`` (99,): quantiles of the model's estimates on the training rows.
    """
    values = X.to_numpy(dtype=np.float64)
    features = np.array([_quantiles(column) for column in values.T]).reshape(-1, len(LEVELS))
    return {
        "levels": LEVELS,
        "features": features,
        "missing": np.isnan(values).mean(axis=0),
        **{name: _quantiles(estimates[name].to_numpy(dtype=np.float64)) for name in ESTIMATES},
    }


def _quantiles(column: Floats) -> Floats:
    present = column[~np.isnan(column)]
    if not len(present):
        return np.full(len(LEVELS), np.nan)
    quantiles: Floats = np.quantile(present, LEVELS)
    return quantiles


def synthetic_rows(
    reference: Mapping[str, Floats], *, seed: int, n_rows: int = _SELF_TEST_ROWS
) -> NDArray[np.float32]:
    """Return rows of random whole numbers around each column's range, missing at its rate.

    Each column is drawn on its own, up to one range above the 99 % quantile.
    """
    rng = np.random.default_rng(seed)
    low, high = (np.nan_to_num(reference["features"][:, end]) for end in (0, -1))
    drawn = rng.uniform(low, 2 * high - low + 1, size=(n_rows, len(low)))
    absent = rng.random(drawn.shape) < reference["missing"]
    return np.where(absent, np.nan, np.round(drawn)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class SelfTest:
    """Synthetic rows (n, p), and what the model answered for them when it was made, each (n,)."""

    rows: NDArray[np.float32]
    answers: Mapping[str, Floats]

    def check(self, answers: Mapping[str, Floats]) -> None:
        """Raise unless the answers are the stored ones, but for rounding in the last digits.

        Raises
        ------
        ModelIntegrityError
            Names what differs.
        """
        wrong = sorted(answers.keys() ^ self.answers.keys()) or [
            name for name, stored in self.answers.items() if not _same(answers[name], stored)
        ]
        if wrong:
            raise ModelIntegrityError(
                f"The model does not answer its self-test as when it was trained: "
                f"{', '.join(wrong)} differ. Its libraries or its bundle are not what they were. "
                "Restore the bundle from the registry, or train again with these libraries."
            )

    def to_dict(self, names: Sequence[str]) -> dict[str, Any]:
        """Return both tables as columns of numbers by name, NaN as null; every bit is kept."""
        rows = dict(zip(names, self.rows.T.astype(np.float64), strict=True))
        return {"rows": _columns(rows), "answers": _columns(self.answers)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], names: Sequence[str]) -> SelfTest:
        """Read what `to_dict` wrote of a model with these columns."""
        rows, answers = content["rows"], content["answers"]
        if list(rows["columns"]) != list(names):
            raise ModelIntegrityError("The bundle's self-test has other columns than its model.")
        stored = map(numbers_from_json, answers["values"])
        return cls(
            np.ascontiguousarray(numbers_from_json(rows["values"]).T, dtype=np.float32),
            dict(zip(answers["columns"], stored, strict=True)),
        )


def _same(found: Floats, stored: Floats) -> bool:
    if found.shape != stored.shape:
        return False
    return np.allclose(found, stored, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True)


def _columns(columns: Mapping[str, Floats]) -> dict[str, Any]:
    values = [numbers_to_json(column) for column in columns.values()]
    return {"columns": list(columns), "values": values}


def numbers_to_json(numbers: Floats) -> list[Any]:
    """Return nested lists, NaN as null."""
    if numbers.ndim > 1:
        return [numbers_to_json(row) for row in numbers]
    return [None if np.isnan(number) else float(number) for number in numbers]


def numbers_from_json(content: list[Any]) -> Floats:
    """Read what `numbers_to_json` wrote."""
    return np.array(content, dtype=np.float64)
