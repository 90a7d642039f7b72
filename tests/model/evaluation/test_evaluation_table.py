"""Figures of dates and resamples become means, spreads, paired differences and notes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.evaluation.costs import Costs
from riskmodel.model.evaluation.evaluation_table import MeasuredScores, dated_rows, table_rows
from riskmodel.model.evaluation.list_lengths import read_lengths


@pytest.fixture(scope="module")
def measured():
    """Two dates, two scores of which the first has probabilities, forty resamples."""
    rng = np.random.default_rng(0)
    empty = MeasuredScores(("a", "b"), read_lengths([10, "5%"]), Costs())
    shape = (2, len(empty.metrics))
    points = [rng.uniform(0.4, 0.6, shape) for _ in range(2)]
    return replace(
        empty,
        dates=list(pd.to_datetime(["2003", "2004"])),
        sizes=[8, 12],
        points=points,
        draws=[point + rng.normal(0.1, 0.05, (40, *shape)) for point in points],
        ece_by_chance=[np.array([0.01, np.nan]), np.array([0.03, np.nan])],
        everyone=[0.2, 0.4],
    )


def rows_of(table, metric, model):
    return table[(table["metric"] == metric) & (table["model"] == model)]


def test_the_mean_over_dates_stands_beside_its_spread_and_difference(measured):
    table = table_rows(measured, "b", level=0.9)
    place = [metric for metric, _ in measured.metrics].index("auc")
    each = np.stack(measured.points)[:, :, place]
    mean = np.mean(measured.draws, axis=0)[:, :, place]
    row = rows_of(table, "auc", "a").iloc[0]
    assert row["value"] == pytest.approx(each[:, 0].mean())
    assert (row["date_low"], row["date_high"]) == (each[:, 0].min(), each[:, 0].max())
    assert row["difference"] == pytest.approx(each[:, 0].mean() - each[:, 1].mean())
    ends = np.quantile(mean[:, 0] - mean[:, 1], [0.05, 0.95])
    assert np.allclose([row["difference_low"], row["difference_high"]], ends)


def test_of_the_calibration_error_alone_the_replicates_are_moved_to_the_estimate(measured):
    table = table_rows(measured, "b", level=0.9)
    for metric, holds in (("ece", True), ("brier", False)):
        row = rows_of(table, metric, "a").iloc[0]
        assert (row["low"] < row["value"] < row["high"]) == holds


def test_measures_of_probabilities_are_dropped_where_there_are_none(measured):
    for table in (table_rows(measured, "b", level=0.9), dated_rows(measured)):
        assert len(rows_of(table, "ece", "a"))
        assert not len(rows_of(table, "ece", "b"))
        of_lists = rows_of(table, "net_benefit", "b")
        assert (of_lists["k"].notna() | of_lists["share"].notna()).all()
        assert len(of_lists)


def test_notes_say_costs_bins_and_short_cohorts(measured):
    table = table_rows(measured, "b", level=0.9).assign(n=20)
    notes = {metric: set(rows_of(table, metric, "a")["note"]) for metric in table["metric"]}
    short = "on 1 of 2 dates the cohort is smaller than the list, which is all of it"
    assert notes["captured"] == {short, ""}
    of_all = "costs a person: miss 10, false listing 1; listing everyone 3.000, no one 0"
    no_list = "listed from p = 0.0909 (miss 10, false listing 1); everyone 0.300, no one 0"
    assert notes["net_benefit"] == {f"{of_all}; {short}", of_all, no_list}
    assert notes["ece"] == {
        "10 bins of equal count a date; by chance alone it would be about 0.0200"
    }
