"""The metrics of one as_of date, for all scores, under many rows of weights at once.

Whatever the weights are, the order of each score is the same: it is sorted here once, and a
resample costs running sums only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation import LEADING
from riskmodel.statistics import calibration
from riskmodel.statistics.arrays import FloatArray, IntArray, divide, weighted_sums
from riskmodel.statistics.discrimination import CURVE_KS, PairCounter, list_sums, outside_total
from riskmodel.statistics.ranking import descending_order, seeded_order

if TYPE_CHECKING:
    from riskmodel.snapshots.table import Snapshots

AMOUNTS = ("serious_count", "serious_count", "harm", "harm_capped")
TOTALS = ("serious_named", "serious_all", "harm_named", "harm_capped_named")
SHARES = ("captured", "captured_of_all", "harm_captured", "harm_captured_capped")
PROBABILITY = ("brier", "calibration_slope", "calibration_in_the_large")


@dataclass(frozen=True)
class MeasuredDate:
    """One as_of date: its rows, what they brought about, and each score's order over them."""

    as_of: pd.Timestamp
    rows: slice
    y: FloatArray
    amounts: FloatArray  # (n, 4), as AMOUNTS
    outside: FloatArray  # (4,), what TOTALS hold beyond these rows
    orders: list[IntArray]
    pairs: list[PairCounter]
    chances: list[FloatArray | None]


def prepare_dates(
    snapshots: Snapshots,
    chosen: IntArray,
    scores: list[FloatArray],
    chances: list[FloatArray | None],
    seed: int,
) -> Iterator[MeasuredDate]:
    """Prepare each date once: what is sorted here serves every resample."""
    moments = snapshots.as_of.to_numpy(dtype="datetime64[us]")[chosen]
    keys = seeded_order(snapshots.person_id.to_numpy(dtype=object)[chosen], seed)
    outcome = snapshots.y.to_numpy(dtype=np.float64)[chosen]
    columns = [getattr(snapshots, name).to_numpy(dtype=np.float64)[chosen] for name in AMOUNTS]
    amounts = np.column_stack(columns)
    starts = np.flatnonzero(np.r_[True, moments[1:] != moments[:-1]])
    for start, stop in zip(starts, [*starts[1:], len(moments)], strict=True):
        rows, as_of = slice(int(start), int(stop)), pd.Timestamp(moments[start])
        yield MeasuredDate(
            as_of=as_of,
            rows=rows,
            y=outcome[rows],
            amounts=amounts[rows],
            outside=_outside(snapshots.totals, as_of, amounts[rows].sum(axis=0)),
            orders=[descending_order(score[rows], keys[rows]) for score in scores],
            pairs=[PairCounter.from_scores(outcome[rows], score[rows]) for score in scores],
            chances=[None if chance is None else chance[rows] for chance in chances],
        )


def _outside(totals: pd.DataFrame, as_of: pd.Timestamp, inside: FloatArray) -> FloatArray:
    if as_of not in totals.index:
        raise SchemaError(f"totals: no row for the as_of date {as_of.date()}")
    everyone = totals.loc[as_of, list(TOTALS)].to_numpy(dtype=np.float64)
    return np.array(
        [
            outside_total(total, part, f"totals.{name}")
            for name, total, part in zip(TOTALS, everyone, inside, strict=True)
        ]
    )


def metric_names(ks: tuple[int, ...]) -> list[tuple[str, int | None]]:
    """Return metric and k in the order in which `measure_date` lays them out."""
    listed = [(name, k) for name in (*SHARES[:2], "precision", *SHARES[2:]) for k in ks]
    return [(LEADING, None), *listed, *((name, None) for name in ("auc", *PROBABILITY))]


def measure_date(date: MeasuredDate, block: FloatArray, ks: tuple[int, ...]) -> FloatArray:
    """Return every metric of every score on one date, (R, scores, metrics)."""
    rows = block[:, date.rows]
    totals = weighted_sums(rows, date.amounts) + date.outside
    return np.stack(
        [
            np.column_stack(
                [
                    _list_measures(date, rows, order, totals, ks),
                    pairs.auc(rows),
                    _probability_measures(date.y, chance, rows),
                ]
            )
            for order, pairs, chance in zip(date.orders, date.pairs, date.chances, strict=True)
        ],
        axis=1,
    )


def _list_measures(
    date: MeasuredDate, rows: FloatArray, order: IntArray, totals: FloatArray, ks: tuple[int, ...]
) -> FloatArray:
    """Mean captured, then each share of a list at each k, (R, 1 + 5 K)."""
    values = np.column_stack([date.amounts, date.y])
    cuts = tuple(min(k, len(order)) for k in (*CURVE_KS, *ks))
    sums, listed = list_sums(rows, order, values, cuts)
    shares = divide(sums[:, :, :-1], totals[:, np.newaxis])
    precision = divide(sums[:, :, -1], listed)
    curve, at_k = shares[:, : len(CURVE_KS), 0], shares[:, len(CURVE_KS) :]
    return np.column_stack(
        [
            curve.mean(axis=1),
            at_k[:, :, 0],
            at_k[:, :, 1],
            precision[:, len(CURVE_KS) :],
            at_k[:, :, 2],
            at_k[:, :, 3],
        ]
    )


def _probability_measures(y: FloatArray, chance: FloatArray | None, rows: FloatArray) -> FloatArray:
    if chance is None:
        return np.full((len(rows), len(PROBABILITY)), np.nan)
    return np.column_stack(
        [
            calibration.brier(y, chance, rows),
            calibration.calibration_slope(y, chance, rows),
            calibration.observed_over_expected(y, chance, rows),
        ]
    )
