"""What stays of a list is counted; who is lost near the cut is told apart."""

import json
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.offences import OffenceTable
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.lists.list_stability import (
    ListStability,
    RankedList,
    list_at,
    stability_later,
    stability_under_seeds,
    stability_under_tasks,
)
from riskmodel.model.lists.task_variants import under_edition
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.task import Task

CHEAP = RepeatHarmEstimator(n_estimators=8, n_bags=2, min_child_samples=10, n_jobs=1)
DATE = pd.Timestamp("2021-01-01")
DATES = ["2018-01-01", "2019-01-01", "2020-01-01"]


@dataclass(frozen=True)
class ByCount:
    """Ranks by the number of records in a year, sure to within `width`."""

    width: float = 0.0
    feature_names: list = field(default_factory=lambda: ["count_1y"])

    def estimates(self, X):
        margin = X["count_1y"].astype(float)
        parts = {"margin": margin, "low": margin - self.width, "high": margin + self.width}
        return pd.DataFrame(parts)


@pytest.fixture(scope="module")
def world():
    return make_histories(400, seed=3)


@pytest.fixture(scope="module")
def task(world):
    features = (Feature("count", 365), Feature("harm_sum", 365), Feature("incidents"))
    return Task(offences=world.offences, outcome=Outcome(horizon_days=365), features=features)


def ranked(ids, margins, width=0.0, k=2, as_of=DATE):
    margin = np.array(margins, dtype=float)
    parts = {"margin": margin, "low": margin - width, "high": margin + width}
    return RankedList.of(list(ids), pd.DataFrame(parts), as_of, k=k, seed=0)


def test_who_is_kept_lost_and_near_the_cut_is_counted_by_hand():
    first = ranked("abcde", [5.0, 3.0, 2.5, 1.0, 0.0], width=0.3)
    row = first.compared_with(ranked("acde", [5.0, 4.0, 0.0, 0.0]), "later")
    assert (row["listed"], row["kept"], row["lost"]) == (2, 1, 1)
    assert row["share_kept"] == 0.5
    assert row["jaccard"] == pytest.approx(1 / 3)
    assert (row["kept_near_cut"], row["lost_near_cut"]) == (0, 1), "b and c could change places"
    assert row["lost_unranked"] == 1, "b is no longer ranked"


def test_a_list_compared_with_itself_is_kept_whole():
    first = ranked("abcde", [5.0, 3.0, 2.5, 1.0, 0.0], width=9.0)
    row = first.compared_with(first, "itself")
    assert (row["kept"], row["lost"], row["share_kept"], row["jaccard"]) == (2, 0, 1.0, 1.0)
    assert row["kept_near_cut"] == 2


def test_nobody_listed_has_an_undefined_share():
    row = ranked("ab", [np.nan, np.nan]).compared_with(ranked("ab", [1.0, 0.0]), "other")
    assert row["listed"] == 0
    assert np.isnan(row["share_kept"])


def test_a_month_later_is_the_same_rule_on_that_day(world, task):
    found = stability_later(ByCount(), world.histories, task, DATE, k=20, months=(0, 1, 12), seed=4)
    rows = found.table.set_index("variant")
    assert rows.loc["0 months later", "share_kept"] == 1
    now, later = (
        list_at(ByCount(), world.histories, task, date, k=20, seed=4)
        for date in (DATE, pd.Timestamp("2021-02-01"))
    )
    assert rows.loc["1 month later", "kept"] == len(set(now.people) & set(later.people))
    gone = set(now.people) - set(later.person_id)
    assert rows.loc["1 month later", "lost_unranked"] == len(gone)
    assert rows.loc["12 months later", "kept"] < rows.loc["1 month later", "kept"]


def test_reseeding_keeps_what_the_seed_keeps(world, task):
    snapshots = build_snapshots(world.histories, task, as_of=[*DATES, DATE], late_allowance_days=0)
    found = stability_under_seeds(snapshots, DATE, k=20, estimator=CHEAP, seeds=(0, 5))
    same, other = found.table["kept"]
    assert same == 20, "the estimator's own seed is 0"
    assert other < 20
    assert CHEAP.random_state == 0
    again = stability_under_seeds(snapshots, DATE, k=20, estimator=CHEAP, seeds=(0, 5))
    assert again.to_dict() == found.to_dict()
    with pytest.raises(SchemaError, match="no rows of that date"):
        stability_under_seeds(snapshots, "2020-06-01", estimator=CHEAP)


def test_another_edition_is_learnt_anew_and_the_same_one_changes_nothing(world, task):
    frame = world.offences.frame
    inverse = frame.assign(harm=1 + frame["harm"].max() - frame["harm"])
    other = OffenceTable.from_frame(inverse, edition="upside down", source="a test")
    changes = {
        "the same": task,
        "upside down": under_edition(task, other, world.histories),
        "none": "it has no value for 3 of the 9 offences recorded",
    }
    found = stability_under_tasks(
        world.histories, task, changes, DATE, dates=DATES, k=20, estimator=CHEAP
    )
    rows = found.table.set_index("variant")
    assert rows.loc["the same", "kept"] == 20
    assert rows.loc["upside down", "kept"] < 20
    assert rows.loc["none", "note"] == changes["none"]
    assert rows.loc["none", ["share_kept", "as_of"]].isna().all()
    assert changes["none"] in str(found)


def test_what_is_recorded_from_the_date_on_changes_neither_list(world, task):
    narrow = replace(task, outcome=Outcome(horizon_days=365, evidence=("conviction", "charge")))
    one, two = (
        stability_under_tasks(
            histories, task, {"narrow": narrow}, DATE, dates=DATES, k=20, estimator=CHEAP
        )
        for histories in (world.histories, world.histories.before(DATE))
    )
    assert one.to_dict() == two.to_dict()


def test_results_come_back_from_json(world, task):
    found = stability_later(ByCount(0.5), world.histories, task, DATE, k=20)
    text = json.dumps(found.to_dict(), allow_nan=False)
    again = ListStability.from_dict(json.loads(text))
    pd.testing.assert_frame_equal(again.table, found.table)
    assert str(again) == str(found)
    assert str(found).startswith("1 month later: ")
