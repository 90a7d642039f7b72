"""Drawings are stable, safe, and read by who cannot see them."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from riskmodel.report.charts import INK, PAPER, SERIES
from riskmodel.report.drawings.choices import frontier, trend
from riskmodel.report.drawings.curves import calibration_by_group, calibration_curve
from riskmodel.report.drawings.groups import dot_interval, share_dots, stacked_bars

SAID = {"title": "A <title>", "description": 'Said & "done"'}
CALIBRATION = pd.DataFrame(
    {
        "predicted": [0.1, 0.2],
        "observed": [0.1, np.nan],
        "low": [0.05, np.nan],
        "high": [0.2, np.nan],
    }
)


KINDS = ["dots", "marks", "stack", "curve", "curves", "frontier", "trend"]


def drawings(rates, alternatives):
    shares = pd.DataFrame({"group": ["a", "b"], "x": [0.6, np.nan], "y": [0.4, 0.5]})
    curves = pd.concat([CALIBRATION.assign(group=group) for group in "abcd"])
    line = rates.rename(columns={"group": "label"}).assign(tolerance=0.1)
    return {
        "dots": dot_interval({"Recall": rates, "Precision": rates}, name="dots", **SAID),
        "marks": share_dots(shares, parts=["x", "y"], name="marks", **SAID),
        "stack": stacked_bars(shares, parts=["x", "y"], name="stack", **SAID),
        "curve": calibration_curve(CALIBRATION, name="curve", **SAID),
        "curves": calibration_by_group(curves, name="curves", **SAID),
        "frontier": frontier(alternatives.frontier, name="frontier", **SAID),
        "trend": trend({"Gap": line, "Other": line}, name="trend", signed=True, **SAID),
    }


@pytest.fixture(scope="module")
def drawn(rates, alternatives):
    return drawings(rates, alternatives)


def test_the_same_figures_give_the_same_bytes(rates, alternatives, drawn):
    assert drawings(rates, alternatives) == drawn


@pytest.mark.parametrize("name", KINDS)
def test_each_drawing_is_whole_loads_nothing_and_follows_the_page(name, drawn):
    svg = drawn[name]
    element = ElementTree.fromstring(svg.replace("xlink:", ""))
    assert element.attrib["role"] == "img"
    assert [element[0].text, element[1].text] == list(SAID.values())
    assert element.attrib["aria-labelledby"] == f"{name}-title {name}-desc"
    assert "http" not in svg and "<style" not in svg and "<script" not in svg
    assert "currentColor" in svg and "var(--series-1)" in svg
    assert not any(code in svg for code in (INK, PAPER, *SERIES))
    assert "#000000" not in svg


def test_every_reference_has_its_target_and_ids_are_the_drawings_own(drawn):
    for name, svg in drawn.items():
        ids = re.findall(r'\bid="([^"]+)"', svg)
        assert len(ids) == len(set(ids))
        assert all(one.startswith(f"{name}-") for one in ids)
        assert set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", svg)) <= set(ids)


def test_text_stays_text_and_markup_in_names_is_escaped(rates):
    hostile = rates.assign(group=["<script>", "$x_1$", "a" * 80])
    svg = dot_interval({"Recall": hostile}, name="h", **SAID)
    texts = []
    parser = HTMLParser()
    parser.handle_data = texts.append
    parser.handle_starttag = lambda tag, attrs: texts.append(f"TAG {tag}")
    parser.feed(svg)
    assert "<script>" in "".join(texts) and "TAG script" not in texts
    assert any("$x_1$" in text for text in texts)
    assert any(text.startswith("aaaa") and text.endswith("…") for text in texts)


def test_drawing_needs_no_window_system():
    drawn = "import sys, riskmodel.report.charts; print('matplotlib.pyplot' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", drawn], capture_output=True, check=True, text=True
    )
    assert found.stdout.strip() == "False"
