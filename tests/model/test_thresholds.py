"""Bands: every probability has exactly one; mistakes are told at once."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.thresholds import Thresholds

probabilities = st.floats(0, 1)


@given(st.lists(probabilities, min_size=1), st.sets(st.floats(0.01, 0.99), max_size=5))
def test_band_holds_the_probability_and_the_next_band_does_not(values, cuts):
    edges = [0.0, *sorted(cuts)]
    bands = Thresholds("t", tuple((f"band {i}", edge) for i, edge in enumerate(edges)))
    for value, name in zip(values, bands.band(values), strict=True):
        position = bands.names.index(name)
        assert edges[position] <= value
        assert position + 1 == len(edges) or value < edges[position + 1]


def test_an_edge_belongs_to_the_band_that_it_opens():
    assert list(Thresholds.default().band([0.0, 0.05, 0.1, 0.25, 1.0])) == [
        "lower", "medium", "higher", "highest", "highest",
    ]  # fmt: skip


def test_nan_has_no_band_and_the_index_stays():
    given_index = pd.Series([np.nan, 0.3], index=["a", "b"])
    bands = Thresholds.default().band(given_index)
    assert list(bands.index) == ["a", "b"]
    assert list(bands.isna()) == [True, False]
    assert bands.dtype == "str"


def test_values_that_are_no_probabilities_are_counted():
    with pytest.raises(RiskModelError, match="2 rows"):
        Thresholds.default().band([0.5, 1.5, -0.1])


def test_file_and_json_both_ways(tmp_path):
    bands = Thresholds("2026-03", (("low", 0.0), ("high", 1 / 3)))
    assert Thresholds.from_dict(json.loads(json.dumps(bands.to_dict()))) == bands
    assert Thresholds.load(bands.save(tmp_path / "bands.json")) == bands


@pytest.mark.parametrize(
    ("version", "edges", "message"),
    [
        ("", (("a", 0.0),), "version"),
        ("v", (), "at least one band"),
        ("v", (("a", 0.1),), "begin at 0"),
        ("v", (("a", 0.0), ("b", 0.5), ("c", 0.5)), "rise"),
        ("v", (("a", 0.0), ("b", 1.5)), "probability"),
        ("v", (("a", 0.0), ("b", float("nan"))), "probability"),
        ("v", (("a", 0.0), ("a", 0.5)), "same name"),
        ("v", (("a", 0.0), (" ", 0.5)), "needs a name"),
    ],
)
def test_edges_that_cannot_be_are_refused(version, edges, message):
    with pytest.raises(SchemaError, match=message):
        Thresholds(version, edges)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SchemaError) as caught:
        Thresholds("v", (("a", 0.5), ("a", 0.2)))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("text", ['{"version": "v"}', "[]", '{"version":'])
def test_a_file_that_is_no_thresholds_is_refused(tmp_path, text):
    path = tmp_path / "bands.json"
    path.write_text(text)
    with pytest.raises(SchemaError, match="thresholds"):
        Thresholds.load(path)
