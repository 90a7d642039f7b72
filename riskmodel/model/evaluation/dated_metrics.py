"""The metrics of one as_of date, for all scores, under many rows of weights at once.

Whatever the weights are, the order of each score is the same, and so are the losses of its
probabilities: they are worked out here once, and a resample costs running sums only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.costs import Costs
from riskmodel.model.evaluation.evaluation_text import LEADING
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.statistics.arrays import FloatArray, IntArray, divide, weighted_sums
from riskmodel.statistics.chances import MEASURES, ChanceMeter
from riskmodel.statistics.discrimination import CURVE_KS, PairCounter, list_sums, outside_total
from riskmodel.statistics.ranking import descending_order, seeded_order

if TYPE_CHECKING:
    from riskmodel.snapshots.table import Snapshots

AMOUNTS = ("serious_count", "serious_count", "harm", "harm_capped")
TOTALS = ("serious_named", "serious_all", "harm_named", "harm_capped_named")
OF_LISTS = (
    "captured",
    "captured_of_all",
    "precision",
    "recall",
    "harm_captured",
    "harm_captured_capped",
    "net_benefit",
)


@dataclass(frozen=True)
class MeasuredScore:
    """One score on one date: its order, its pairs, and its probabilities if it has any."""

    order: IntArray
    pairs: PairCounter
    chance: ChanceMeter | None


@dataclass(frozen=True)
class MeasuredDate:
    """One as_of date: its rows, what they brought about, and each score over them."""

    as_of: pd.Timestamp
    rows: slice
    y: FloatArray
    amounts: FloatArray  # (n, 4), as AMOUNTS
    outside: FloatArray  # (4,), what TOTALS hold beyond these rows
    scores: list[MeasuredScore]


def prepare_dates(
    snapshots: Snapshots,
    chosen: IntArray,
    scores: list[FloatArray],
    chances: list[FloatArray | None],
    *,
    threshold: float,
    seed: int,
) -> Iterator[MeasuredDate]:
    """Prepare each date once: what is sorted here serves every resample."""
    moments = snapshots.as_of.to_numpy(dtype="datetime64[us]")[chosen]
    keys = seeded_order(snapshots.person_id.to_numpy(dtype=object)[chosen], seed)
    outcome = snapshots.y.to_numpy(dtype=np.float64)[chosen]
    columns = [getattr(snapshots, name).to_numpy(dtype=np.float64)[chosen] for name in AMOUNTS]
    amounts = np.stack(columns).T  # each column in one piece, for the sums
    starts = np.flatnonzero(np.r_[True, moments[1:] != moments[:-1]])
    for start, stop in zip(starts, [*starts[1:], len(moments)], strict=True):
        rows, as_of = slice(int(start), int(stop)), pd.Timestamp(moments[start])
        yield MeasuredDate(
            as_of=as_of,
            rows=rows,
            y=outcome[rows],
            amounts=amounts[rows],
            outside=_outside(snapshots.totals, as_of, amounts[rows].sum(axis=0)),
            scores=[
                MeasuredScore(
                    order=descending_order(score[rows], keys[rows]),
                    pairs=PairCounter.from_scores(outcome[rows], score[rows]),
                    chance=None
                    if chance is None
                    else ChanceMeter.from_probabilities(
                        outcome[rows], chance[rows], threshold=threshold
                    ),
                )
                for score, chance in zip(scores, chances, strict=True)
            ],
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


def metric_names(lengths: Sequence[ListLength]) -> list[tuple[str, ListLength | None]]:
    """Return metric and length of list in the order in which `measure_date` lays them out."""
    listed = [(name, length) for name in OF_LISTS for length in lengths]
    return [(LEADING, None), *listed, *((name, None) for name in ("auc", *MEASURES))]


def measure_date(
    date: MeasuredDate, block: FloatArray, lengths: Sequence[ListLength], costs: Costs
) -> FloatArray:
    """Return every metric of every score on one date, (R, scores, metrics).

    `block` holds the weights of the date's own rows, (R, n).
    """
    totals = np.column_stack(
        [
            weighted_sums(block, date.amounts) + date.outside,
            weighted_sums(block, date.y),
            block.sum(axis=1),
        ]
    )
    return np.stack(
        [
            np.column_stack(
                [
                    _list_measures(date, block, score.order, totals, lengths, costs),
                    score.pairs.auc(block),
                    _chance_measures(score.chance, block),
                ]
            )
            for score in date.scores
        ],
        axis=1,
    )


def _list_measures(
    date: MeasuredDate,
    block: FloatArray,
    order: IntArray,
    totals: FloatArray,
    lengths: Sequence[ListLength],
    costs: Costs,
) -> FloatArray:
    """Mean captured, then each of `OF_LISTS` at each length, (R, 1 + 7 K)."""
    n = len(order)
    cuts = (*(min(k, n) for k in CURVE_KS), *(length.people(n) for length in lengths))
    sums, listed = list_sums(block, order, np.column_stack([date.amounts, date.y]), cuts)
    of_totals = divide(sums, totals[:, np.newaxis, :-1])
    serious, serious_all, harm, capped, recall = np.moveaxis(of_totals, -1, 0)
    hits = sums[:, :, -1]
    saved = hits * costs.miss - (listed - hits) * costs.false_listing
    of_lists = (
        serious, serious_all, divide(hits, listed), recall, harm, capped,
        divide(saved, totals[:, -1:]),
    )  # fmt: skip
    on_curve = len(CURVE_KS)
    return np.column_stack(
        [serious[:, :on_curve].mean(axis=1), *(values[:, on_curve:] for values in of_lists)]
    )


def _chance_measures(chance: ChanceMeter | None, block: FloatArray) -> FloatArray:
    if chance is None:
        return np.full((len(block), len(MEASURES)), np.nan)
    return chance.measure(block)
