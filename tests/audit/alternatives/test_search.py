"""A planted proxy is found out; groups measure, and never fit or score."""

import sys

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.alternatives import search as alternatives_search
from riskmodel.audit.alternatives.alternatives import LATER_COLUMNS, Alternatives
from riskmodel.audit.alternatives.candidates import COMPARATOR, Candidate
from riskmodel.audit.alternatives.frontier import FRONTIER_COLUMNS
from riskmodel.audit.alternatives.search import find_alternatives
from riskmodel.errors import LeakageError, RiskModelError, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

CHOSEN = RepeatHarmEstimator(n_estimators=40, n_bags=2, n_jobs=1, min_child_samples=20)
WITHOUT = "without the 1 strongest proxies of half"


def find(world, **options):
    given = {"n_replicates": 200, "k": "10%", "n_models": 6, **options}
    return find_alternatives(CHOSEN, world.train, world.test, world.groups, **given)


@pytest.fixture(scope="module", params=["false_positive_rate", "selection_rate"])
def found(request, planted_proxy):
    return find(planted_proxy, metric=request.param)


def test_the_model_without_the_proxy_is_on_the_frontier_with_a_smaller_gap(found):
    """Nothing was said of stops: the variation finds it, and precision does not suffer."""
    rows = found.frontier.set_index("name")
    chosen, other = rows.loc["chosen"], rows.loc[WITHOUT]
    assert chosen["group"] == "b" and chosen["gap_low"] > 0.02
    assert other["not_worse"] and other["on_frontier"]
    assert other["gap_difference_high"] < 0
    assert other["gap"] < 0.5 * chosen["gap"]
    assert not chosen["on_frontier"]
    assert found.smaller["name"].iloc[0] == WITHOUT


def test_what_the_earlier_dates_picked_holds_on_the_later_one(found):
    assert found.later_as_of == ("2019-01-01",)
    assert tuple(found.later.columns) == LATER_COLUMNS
    assert found.later["chosen"].tolist()[0] and found.later["picked"].sum() == 1
    picked = found.later[found.later["picked"]].iloc[0]
    assert picked["name"] == WITHOUT
    assert picked["gap_difference"] < 0
    assert any("did not pick it" in note for note in found.notes)


def test_only_leaving_proxies_out_looked_at_groups_and_says_so(found):
    assert (found.frontier["reads_group"] == "").all()
    assert [one.name for one in found.candidates if one.by_group] == [WITHOUT]
    assert (found.frontier["legal_note"] != "").tolist() == (
        found.frontier["name"] == WITHOUT
    ).tolist()


def test_scores_are_bit_for_bit_the_same_whoever_belongs_where(planted_proxy, monkeypatch):
    kept = []

    def keeping(*given):
        kept.append(real(*given))
        return kept[-1]

    real = alternatives_search.scored
    monkeypatch.setattr(alternatives_search, "scored", keeping)
    tried = [{"num_leaves": 3}, Candidate("no stops", without=("stops",)), {"random_state": 9}]
    shuffled = planted_proxy.groups.assign(
        half=np.random.default_rng(1).permutation(planted_proxy.groups["half"])
    )
    args = CHOSEN, planted_proxy.train, planted_proxy.test
    one, other = (
        find_alternatives(*args, groups, search=tried, k="10%", n_replicates=20)
        for groups in (planted_proxy.groups, shuffled)
    )
    assert list(kept[0]) == list(kept[1]) and len(kept[0]) == 4
    for name, margin in kept[0].items():
        assert margin.tobytes() == kept[1][name].tobytes()
    same = ["name", "precision", "precision_low", "precision_high", "numerator", "denominator"]
    pd.testing.assert_frame_equal(one.frontier[same], other.frontier[same])
    assert (one.frontier["gap"] != other.frontier["gap"]).all()


def test_one_date_cannot_judge_what_it_picked_and_says_so(planted_proxy):
    world = planted_proxy
    one = world.test.subset(world.test.as_of == world.test.dates[0])
    found = find_alternatives(
        CHOSEN, world.train, one, world.groups, search=[{"num_leaves": 3}], n_replicates=20,
        metric="recall",
    )  # fmt: skip
    assert not len(found.later) and found.later_as_of == ()
    assert tuple(found.frontier.columns) == FRONTIER_COLUMNS
    assert any("two dates or more" in note for note in found.notes)
    assert found.k == "5%"


def test_groups_too_small_to_compare_leave_no_frontier_and_say_so(planted_proxy):
    rare = planted_proxy.groups.assign(half="a")
    rare.loc[rare.index[-3:], "half"] = "b"
    found = find_alternatives(
        CHOSEN, planted_proxy.train, planted_proxy.test, rare, search=[{"num_leaves": 3}],
        n_replicates=20,
    )  # fmt: skip
    assert found.frontier["gap"].isna().all()
    assert not found.frontier["on_frontier"].any()
    assert any("no frontier" in note for note in found.notes)


def test_comparators_are_off_by_default_and_marked_when_asked_for(planted_proxy, monkeypatch):
    name = "riskmodel.audit.alternatives.fairlearn_comparators"
    monkeypatch.setitem(sys.modules, name, None)  # importing it is an error
    find(planted_proxy, search=[{"num_leaves": 3}], n_replicates=5)
    monkeypatch.delitem(sys.modules, name)
    found = find(
        planted_proxy, search=[{"num_leaves": 3}], metric="false_positive_rate",
        comparators=["reductions", "threshold optimiser"], n_replicates=50,
    )  # fmt: skip
    theirs = found.frontier[found.frontier["kind"] == COMPARATOR]
    assert theirs["name"].tolist() == ["reductions, half", "threshold optimiser, half"]
    assert theirs["legal_note"].str.contains("Equality Act 2010 s.13").all()
    assert theirs["reads_group"].tolist() == ["in training", "in training and at scoring"]
    assert not theirs["on_frontier"].any()
    assert (theirs["gap"] < found.frontier["gap"][0]).all()
    assert COMPARATOR not in set(found.later["kind"])
    assert [one.name for one in found.candidates] == ["settings 1"]


def test_what_cannot_be_asked_is_refused_all_at_once(planted_proxy):
    with pytest.raises(SchemaError) as error:
        find(planted_proxy, metric="auc", n_models=0, comparators=["magic"])
    assert len(error.value.problems) == 3
    with pytest.raises(SchemaError, match="ks"):
        find(planted_proxy, k="0%")


def test_rows_without_outcomes_are_refused(planted_proxy):
    world = planted_proxy
    blind = Snapshots.from_table(
        world.test.X, world.test.y * np.nan, person_id=world.test.person_id
    )
    with pytest.raises(RiskModelError, match="no outcome was observed"):
        find_alternatives(CHOSEN, world.train, blind, world.groups)
    nobody = Snapshots.from_table(world.train.X, world.train.y * 0, person_id=world.train.person_id)
    with pytest.raises(RiskModelError, match="with the outcome and without"):
        find_alternatives(CHOSEN, nobody, world.test, world.groups)


def test_training_labels_later_than_the_first_date_are_refused(small_world):
    world = small_world
    task = Task(offences=world.offences, features=(Feature("count", 365), Feature("count")))
    rows = build_snapshots(
        world.histories, task, late_allowance_days=0,
        as_of=["2018-01-01", "2020-01-01", "2021-01-01"],
    )  # fmt: skip
    early, late = split_at(rows, "2020-01-01")
    with pytest.raises(LeakageError, match="split_at"):
        find_alternatives(CHOSEN, rows, late, world.groups)
    found = find_alternatives(
        CHOSEN, early, late, world.groups, histories=world.histories, k=200,
        characteristics=["age band", "sex"], search=[{"num_leaves": 3}], n_replicates=20,
    )  # fmt: skip
    assert isinstance(found, Alternatives)
    assert set(found.frontier["characteristic"]) <= {"age band", "sex"}
    assert found.frontier["denominator"].tolist() == [400.0, 400.0]
