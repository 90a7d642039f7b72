"""Alternatives go to a file and come back; what is no such file says so."""

import json

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.alternatives.candidates import Candidate
from riskmodel.audit.alternatives.search import find_alternatives
from riskmodel.errors import RiskModelError
from riskmodel.model.estimator import RepeatHarmEstimator

CHOSEN = RepeatHarmEstimator(n_estimators=10, n_bags=2, n_jobs=1)


@pytest.fixture(scope="module")
def found(planted_proxy):
    tried = [Candidate("no stops", {"num_leaves": 3}, ("stops",)), {"blend": {"logistic": 1.0}}]
    return find_alternatives(
        CHOSEN, planted_proxy.train, planted_proxy.test, planted_proxy.groups, search=tried,
        metric="selection_rate", k=300, n_replicates=30,
    )  # fmt: skip


def test_what_is_saved_is_read_back_without_loss(found, tmp_path):
    again = Alternatives.load(found.save(tmp_path / "deep" / "alternatives.json"))
    pd.testing.assert_frame_equal(again.frontier, found.frontier)
    pd.testing.assert_frame_equal(again.later, found.later)
    assert again.to_dict() == found.to_dict()
    assert again.candidates == found.candidates
    assert (again.notes, again.as_of, again.created) == (found.notes, found.as_of, found.created)


def test_a_gap_that_is_not_known_is_read_back_as_not_known(found, tmp_path):
    table = found.frontier.copy()
    table.loc[1, ["gap", "gap_low"]] = np.nan
    unknown = found.with_tables(frontier=table, later=found.later)
    again = Alternatives.load(unknown.save(tmp_path / "a.json"))
    pd.testing.assert_frame_equal(again.frontier, table)


def test_a_candidate_of_the_file_can_be_learnt_again(found, planted_proxy, tmp_path):
    again = Alternatives.load(found.save(tmp_path / "a.json")).candidates[0]
    refound = find_alternatives(
        CHOSEN, planted_proxy.train, planted_proxy.test, planted_proxy.groups, search=[again],
        metric="selection_rate", k=300, n_replicates=30,
    )  # fmt: skip
    same = ["name", "precision", "gap", "gap_low", "numerator"]
    pd.testing.assert_frame_equal(refound.frontier[same], found.frontier[same][:2])


def test_smaller_gaps_on_the_frontier_come_smallest_first(found):
    smaller = found.smaller
    assert (smaller["gap"] < found.frontier["gap"][0]).all()
    assert smaller["on_frontier"].all() and smaller["gap"].is_monotonic_increasing
    expected = found.frontier["on_frontier"] & (found.frontier["gap_difference"] < 0)
    assert len(smaller) == expected.sum()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no json", "no JSON file"),
        (b"{}", "holds no alternatives"),
        (b'{"format": 99, "frontier": {}}', "has format 99"),
        (b'{"format": 1, "frontier": {}}', "is damaged"),
    ],
)
def test_what_is_no_such_file_says_so(content, words, tmp_path):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(RiskModelError, match=words):
        Alternatives.load(tmp_path / "a.json")


def test_the_file_is_plain_json(found, tmp_path):
    content = json.loads(found.save(tmp_path / "a.json").read_text())
    assert content["metric"] == "selection_rate" and content["k"] == "300"
