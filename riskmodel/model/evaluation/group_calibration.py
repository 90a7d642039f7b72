"""Are the probabilities right in every group? Observed beside expected, with intervals.

Probabilities that are right on the whole can be too high for one group and too low for another.
What is found here has exact counts: it is for those who build the model, and not for publication.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.schema import NOT_RECORDED
from riskmodel.statistics.arrays import (
    FloatArray,
    IntArray,
    as_outcomes,
    as_probabilities,
    divide,
    weighted_sums,
)
from riskmodel.statistics.bins import BinnedGaps
from riskmodel.statistics.bootstrap import interval, person_weights, recentred
from riskmodel.statistics.calibration import CalibrationFitter

if TYPE_CHECKING:
    from riskmodel.snapshots.table import Snapshots

MEASURES = ("observed", "expected", "observed_over_expected", "slope", "ece")
KINDS = {
    "n": "int64",
    "n_people": "int64",
    **{f"{name}{end}": "float64" for name in MEASURES for end in ("", "_low", "_high")},
    "ece_by_chance": "float64",
    "note": "str",
}
MINIMUM = 30  # people


def calibration_by_group(
    snapshots: Snapshots,
    probability: npt.ArrayLike,
    groups: pd.Series,
    *,
    minimum: int = MINIMUM,
    n_replicates: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare probabilities with what followed, in each level of a group.

    All dates are taken together. People are resampled with all their rows, whatever their group.

    Parameters
    ----------
    snapshots : Snapshots
        Rows whose outcome is not observed are left out.
    probability : array (n,)
    groups : Series (n,)
        Each row's group, in the order of the rows. A missing one is "Not recorded", a level like
        any other.
    minimum : int
        Fewest people that a level needs for its measures.
    n_replicates : int
        Resamples of people.
    level : float
    seed : int

    Returns
    -------
    DataFrame
        One row a level, sorted, "Not recorded" last; its index has the name of `groups`.

        - n, n_people: rows and different people;
        - observed, expected: the share of rows with the outcome, and the mean probability;
        - observed_over_expected: above 1 the probabilities are too low for the group;
        - slope: of the outcome on the log-odds; below 1 they are too extreme;
        - ece: expected calibration error over 10 bins of equal count, of the group's own rows.
          It is larger the smaller the group: read it beside ece_by_chance, what independent rows
          with exactly these probabilities would give on average;
        - each measure's ends, such as slope_low and slope_high; those of ece show spread only
          (`riskmodel.statistics.bootstrap.recentred`);
        - note: why the measures are missing: fewer than `minimum` people, or one class only.

    Raises
    ------
    SchemaError
        Another number of rows than the snapshots'; missing probabilities, or outside [0, 1]; an
        outcome of another kind than "any"; no observed rows.

    Examples
    --------
    >>> from riskmodel.snapshots.table import Snapshots
    >>> p, y = np.tile([0.2, 0.8], 100), np.tile([0, 1, 0, 1, 1, 1, 0, 1, 0, 0], 20)
    >>> table = Snapshots.from_table(pd.DataFrame({"x": p}), y)
    >>> area = pd.Series(["north"] * 100 + ["south"] * 90 + [None] * 10, name="area")
    >>> found = calibration_by_group(table, p, area, n_replicates=20)
    >>> found[["n_people", "observed", "expected", "note"]]
                  n_people  observed  expected                  note
    area
    north              100       0.5       0.5
    south               90       0.5       0.5
    Not recorded        10       NaN       NaN  fewer than 30 people
    """
    snapshots.check_any("calibration by group")
    rows = _observed_rows(snapshots, probability, groups, minimum)
    cells = {name: _Cell.of(rows, name, minimum) for name in _levels(rows["group"])}
    measured = {name: cell for name, cell in cells.items() if not cell.note}
    points = {name: cell.measure(np.ones((1, cell.n)))[0] for name, cell in measured.items()}
    draws: dict[str, list[FloatArray]] = {name: [] for name in measured}
    for block in person_weights(rows["person"].to_numpy(), n_replicates, seed):
        for name, cell in measured.items():
            weights = np.take(block, cell.members, axis=1).astype(np.float64)
            draws[name].append(cell.measure(weights))
    lines = [
        cell.described() | _with_ends(points[name], np.concatenate(draws[name]), level)
        if name in measured
        else cell.described()
        for name, cell in cells.items()
    ]
    index = pd.Index(cells, name=groups.name)
    return pd.DataFrame(lines, index=index, columns=list(KINDS)).astype(KINDS)


@dataclass(frozen=True)
class _Cell:
    """One level: its rows, and what weights do not change about them."""

    members: IntArray  # positions among the observed rows
    n_people: int
    both: FloatArray  # (n, 2), outcome and probability
    gaps: BinnedGaps
    fitter: CalibrationFitter
    note: str

    @classmethod
    def of(cls, rows: pd.DataFrame, name: str, minimum: int) -> _Cell:
        members = np.flatnonzero(rows["group"] == name)
        y, p = (rows[part].to_numpy()[members] for part in ("y", "p"))
        n_people = rows["person"].iloc[members].nunique()
        return cls(
            members=members,
            n_people=n_people,
            both=np.stack([y, p]).T,
            gaps=BinnedGaps.from_probabilities(y, p),
            fitter=CalibrationFitter.from_probabilities(y, p),
            note=_why_not(y, p, n_people, minimum),
        )

    @property
    def n(self) -> int:
        return len(self.members)

    def described(self) -> dict[str, object]:
        by_chance = np.nan if self.note else self.gaps.by_chance
        counts = {"n": self.n, "n_people": self.n_people}
        return {**counts, "ece_by_chance": by_chance, "note": self.note}

    def measure(self, weights: FloatArray) -> FloatArray:
        """Return `MEASURES` for each row of weights (R, n), shape (R, 5)."""
        sums = weighted_sums(weights, self.both)
        return np.column_stack(
            [
                divide(sums, weights.sum(axis=1)[:, np.newaxis]),
                divide(sums[:, 0], sums[:, 1]),
                self.fitter.fit(weights)[:, 1],
                self.gaps.error(weights),
            ]
        )


def _observed_rows(
    snapshots: Snapshots, probability: npt.ArrayLike, groups: pd.Series, minimum: int
) -> pd.DataFrame:
    """Return y, p, person and group of the rows that were observed."""
    if len(groups) != len(snapshots):
        raise SchemaError(f"groups: {len(groups)} rows given, {len(snapshots)} expected")
    if minimum < 1:
        raise SchemaError(f"minimum: {minimum} given, 1 or more people are allowed")
    chances = np.asarray(probability, dtype=np.float64)
    if chances.shape != (len(snapshots),):
        raise SchemaError(f"probability: shape {chances.shape} given, ({len(snapshots)},) expected")
    seen = snapshots.observed.to_numpy(dtype=bool)
    if not seen.any():
        raise SchemaError(f"snapshots: the outcome is observed in none of {len(seen)} rows")
    columns = {
        "y": as_outcomes(snapshots.y.to_numpy(dtype=np.float64)[seen]),
        "p": as_probabilities(chances[seen], int(seen.sum())),
        "person": pd.factorize(snapshots.person_id, sort=True)[0][seen],
        "group": _named(groups)[seen],
    }
    return pd.DataFrame(columns)


def _named(groups: pd.Series) -> npt.NDArray[np.object_]:
    """Return each row's level as text; missing and blank ones are "Not recorded"."""
    names = ["" if pd.isna(level) else str(level).strip() for level in groups]
    return np.array([name or NOT_RECORDED for name in names], dtype=object)


def _levels(group: pd.Series) -> list[str]:
    return sorted(group.unique(), key=lambda name: (name == NOT_RECORDED, name))


def _why_not(y: FloatArray, p: FloatArray, n_people: int, minimum: int) -> str:
    """Say why a level has no measures; nothing where it has."""
    if n_people < minimum:
        return f"fewer than {minimum} people"
    if y.min() == y.max():
        return f"{'all' if y[0] else 'none'} with the outcome; {p.mean():.3f} expected"
    return ""


def _with_ends(point: FloatArray, draws: FloatArray, level: float) -> dict[str, float]:
    """Return each measure with its interval."""
    ece = MEASURES.index("ece")
    draws[:, ece] = recentred(draws[:, ece], point[ece])
    low, high = (np.asarray(end) for end in interval(draws, level))
    found: dict[str, float] = {}
    for place, name in enumerate(MEASURES):
        found |= {name: point[place], f"{name}_low": low[place], f"{name}_high": high[place]}
    return found
