"""Alternatives and versions: each stands where its figures say, and the chosen one is ringed."""

import re

import numpy as np
import pandas as pd
import pytest

from riskmodel.report.drawings.choices import frontier, trend
from tests.report.drawings.read_svg import panels

SAID = {"name": "d", "title": "Title", "description": "Said"}
COULD, COMPARED, RING = "fill: var(--series-1)", "fill: var(--series-3)", "fill-opacity: 0"


@pytest.fixture
def line():
    return pd.DataFrame(
        {
            "label": ["v1", "v2", "v3"],
            "value": [-0.2, -0.1, 0.05],
            "low": [-0.3, -0.15, 0.0],
            "high": [-0.1, -0.05, 0.1],
            "tolerance": [np.nan, 0.12, 0.12],
        }
    )


def placed(panel, marks):
    return np.column_stack([panel.values(marks[:, i], which) for i, which in enumerate("xy")])


def test_alternatives_stand_at_their_gap_and_precision(alternatives):
    table = alternatives.frontier
    (panel,) = panels(frontier(table, **SAID))
    compared = table["kind"] == "comparator"
    for rows, paint in ((table[~compared], COULD), (table[compared], COMPARED)):
        read = placed(panel, panel.marks(paint))
        assert read == pytest.approx(rows[["gap", "precision"]].to_numpy(dtype=float), abs=1e-4)


def test_the_ring_stands_around_the_chosen_one(alternatives):
    table = alternatives.frontier.assign(chosen=[False, True, False])
    (panel,) = panels(frontier(table, **SAID))
    (ring,) = panel.marks(RING)
    assert ring == pytest.approx(panel.marks(COULD)[1], abs=1e-3)


def test_an_alternative_without_a_gap_is_left_out(alternatives):
    bare = alternatives.frontier.copy()
    bare.loc[1, "gap"] = np.nan
    (panel,) = panels(frontier(bare, **SAID))
    assert (len(panel.marks(COULD)), len(panel.marks(COMPARED))) == (1, 1)


def test_no_two_kinds_of_choices_differ_by_colour_alone(alternatives):
    svg = frontier(alternatives.frontier, **SAID)
    assert all(label in svg for label in ("could be chosen", "only to compare", "chosen"))
    shapes = set(re.findall(r'<path id="d-m[^"]*" d="([^"]*)"', svg))
    assert len(shapes) >= 3  # a dot, a diamond and a ring


def test_a_trend_reads_back_with_its_tolerance_on_both_sides_of_zero(line):
    (panel,) = panels(trend({"Gap": line}, signed=True, **SAID))
    read = panel.values(panel.marks(COULD)[:, 1], "y")
    assert read == pytest.approx(line["value"].to_numpy(), abs=1e-4)
    edges = [panel.values(one[:, 1], "y") for one in panel.lines("var(--series-3)")]
    assert sorted(edge[0] for edge in edges) == pytest.approx([-0.12, 0.12], abs=1e-4)
    assert all(edge[0] == pytest.approx(edge[1]) for edge in edges)
    assert panel.labels("x") == ["v1", "v2", "v3"]


def test_without_a_promise_there_is_no_tolerance_to_draw(line):
    for rows in (line.drop(columns="tolerance"), line.assign(tolerance=np.nan)):
        (panel,) = panels(trend({"Gap": rows}, signed=True, **SAID))
        assert panel.lines("var(--series-3)") == []


def test_shares_start_from_zero_so_that_a_small_step_does_not_look_like_a_cliff(line):
    shares = line.assign(value=[0.5, 0.51, 0.52], low=0.45, high=0.55)
    (panel,) = panels(trend({"Precision": shares}, signed=False, **SAID))
    assert panel.labels("y")[0] == "0%"
    assert panel.lines("var(--series-3)") == []


def test_long_names_of_versions_are_cut_and_nothing_measured_still_draws(line):
    nothing = line.assign(value=np.nan, low=np.nan, high=np.nan, label="v" + "1" * 40)
    (panel,) = panels(trend({"Gap": nothing}, signed=False, **SAID))
    assert len(panel.marks(COULD)) == 0
    assert all(len(text) <= 14 and text.endswith("…") for text in panel.labels("x"))
