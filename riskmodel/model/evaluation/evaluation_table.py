"""From the figures of each date and resample to the rows of an evaluation's tables."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from riskmodel.model.evaluation.costs import Costs
from riskmodel.model.evaluation.dated_metrics import MeasuredDate, metric_names
from riskmodel.model.evaluation.evaluation import DATED_KINDS, LEADING, TABLE_KINDS
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.statistics.arrays import FloatArray, mean_defined
from riskmodel.statistics.bins import BINS
from riskmodel.statistics.bootstrap import interval, recentred, undefined_count
from riskmodel.statistics.chances import MEASURES
from riskmodel.statistics.discrimination import CURVE_KS
from riskmodel.statistics.net_benefit import net_benefit_of_everyone


@dataclass
class MeasuredScores:
    """What was measured of all scores, one entry a date; nothing of the dates' rows is kept.

    Attributes
    ----------
    names, lengths, costs
        The scores, the lengths of list, and what a miss and a false listing cost.
    dates, sizes : list
        Each date and its rows.
    points, draws : list of float64 arrays (scores, metrics) and (R, scores, metrics)
    ece_by_chance : list of float64 arrays (scores,)
        NaN for scores without probabilities.
    everyone : list of float
        Net benefit of listing everyone.
    """

    names: tuple[str, ...]
    lengths: tuple[ListLength, ...]
    costs: Costs
    dates: list[pd.Timestamp] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    points: list[FloatArray] = field(default_factory=list)
    draws: list[FloatArray] = field(default_factory=list)
    ece_by_chance: list[FloatArray] = field(default_factory=list)
    everyone: list[float] = field(default_factory=list)

    def add(self, date: MeasuredDate, point: FloatArray, draws: FloatArray) -> None:
        """Keep what one date showed, as estimate and under each resample."""
        chances = [score.chance for score in date.scores]
        by_chance = [np.nan if chance is None else chance.gaps.by_chance for chance in chances]
        self.dates.append(date.as_of)
        self.sizes.append(len(date.y))
        self.points.append(point)
        self.draws.append(draws)
        self.ece_by_chance.append(np.array(by_chance))
        self.everyone.append(float(net_benefit_of_everyone(date.y, self.costs.threshold)))

    @property
    def metrics(self) -> list[tuple[str, ListLength | None]]:
        """Metric and length of list, as the figures are laid out."""
        return metric_names(self.lengths)


def table_rows(measured: MeasuredScores, reference: str, *, level: float) -> pd.DataFrame:
    """Return mean, interval, spread over dates and paired difference of each metric and score."""
    point = np.stack(measured.points)
    value = mean_defined(point, axis=0)
    replicates = mean_defined(np.stack(measured.draws), axis=0)
    ece = [metric for metric, _ in measured.metrics].index("ece")
    replicates[..., ece] = recentred(replicates[..., ece], value[:, ece])
    of = measured.names.index(reference)
    low, high = interval(replicates, level)
    difference_low, difference_high = interval(replicates - replicates[:, [of]], level)
    columns = {
        "value": value,
        "low": low,
        "high": high,
        "n_dates": (~np.isnan(point)).sum(axis=0),
        "date_low": np.fmin.reduce(point, axis=0),
        "date_high": np.fmax.reduce(point, axis=0),
        "difference": value - value[of],
        "difference_low": difference_low,
        "difference_high": difference_high,
        "undefined": undefined_count(replicates),
    }
    flat = {name: np.asarray(column).T.ravel() for name, column in columns.items()}
    table = _grid(measured).assign(**flat, n=0, n_people=0, note=_notes(measured))
    return _defined(table[list(TABLE_KINDS)].astype(TABLE_KINDS), measured)


def dated_rows(measured: MeasuredScores) -> pd.DataFrame:
    """Return one row per date, metric and score."""
    grid = _grid(measured)
    each = zip(measured.dates, measured.points, measured.sizes, strict=True)
    parts = [
        _defined(grid.assign(as_of=as_of, value=values.T.ravel(), n=n), measured)
        for as_of, values, n in each
    ]
    return pd.concat(parts, ignore_index=True)[list(DATED_KINDS)].astype(DATED_KINDS)


def _grid(measured: MeasuredScores) -> pd.DataFrame:
    rows = [
        (metric, name, length and length.k, length and length.share)
        for metric, length in measured.metrics
        for name in measured.names
    ]
    kinds = {name: TABLE_KINDS[name] for name in ("metric", "model", "k", "share")}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def _defined(table: pd.DataFrame, measured: MeasuredScores) -> pd.DataFrame:
    """Drop the measures of probabilities for scores that have none."""
    without = [
        name
        for name, by_chance in zip(measured.names, measured.ece_by_chance[0], strict=True)
        if np.isnan(by_chance)
    ]
    no_list = table["k"].isna() & table["share"].isna()
    dropped = table["metric"].isin(MEASURES) & no_list & table["model"].isin(without)
    return table[~dropped].reset_index(drop=True)


def _notes(measured: MeasuredScores) -> list[str]:
    """Say what else a reader must know of each metric, in the order of the grid."""
    notes = []
    for metric, length in measured.metrics:
        k = max(CURVE_KS) if metric == LEADING else length and length.k
        parts = [_costs(measured, length)] if metric == "net_benefit" else []
        parts += [_bins(measured)] if metric == "ece" else []
        parts += [_shorter(measured, k)] if k else []
        notes += ["; ".join(filter(None, parts))] * len(measured.names)
    return notes


def _costs(measured: MeasuredScores, length: ListLength | None) -> str:
    """Say what was assumed, and what net benefit stands beside."""
    costs, everyone = measured.costs, float(np.mean(measured.everyone))
    if length is not None:
        return f"costs a person: {costs}; listing everyone {everyone * costs.miss:.3f}, no one 0"
    return f"listed from p = {costs.threshold:.3g} ({costs}); everyone {everyone:.3f}, no one 0"


def _bins(measured: MeasuredScores) -> str:
    by_chance = mean_defined(np.stack(measured.ece_by_chance), axis=0)
    if np.isnan(by_chance).all():
        return ""
    ends = [f"{end:.4f}" for end in (np.nanmin(by_chance), np.nanmax(by_chance))]
    about = " to ".join(dict.fromkeys(ends))
    return f"{BINS} bins of equal count a date; by chance alone it would be about {about}"


def _shorter(measured: MeasuredScores, k: int) -> str:
    """Say where a list is longer than the cohort: it is then the whole cohort."""
    short = sum(size < k for size in measured.sizes)
    if not short:
        return ""
    of_all = f"on {short} of {len(measured.sizes)} dates"
    return f"{of_all} the cohort is smaller than the list, which is all of it"
