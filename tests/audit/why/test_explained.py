"""Why there are gaps, for the audited list: every table where it can be measured, or a caveat."""

import warnings

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.question import pose
from riskmodel.audit.result import TABLES
from riskmodel.audit.why.explained import OTHER_TRAINING, caveats, explained
from riskmodel.audit.why.matched_gaps import NOT_MATCHED
from riskmodel.errors import RiskModelWarning
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

ALWAYS = {"score_gaps", "matched_gaps", "proxies", "proxy_models"}


def asked(model, rows, histories, groups, **options):
    given = {
        "k": 60, "policy": None, "characteristics": None, "intersections": (),
        "minimum_cell": None, "predictions": None, "n_replicates": 20, "seed": 0,
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        return pose(model, rows, histories, groups, **(given | options))


@pytest.fixture(scope="module")
def question(small_world, known_model):
    task = Task(
        offences=small_world.offences,
        features=(Feature("count", 365), Feature("incidents", serious=True)),
    )
    rows = build_snapshots(small_world.histories, task, as_of="2019-01-01", late_allowance_days=0)
    model = known_model("count_1y", task=task)
    return asked(model, rows, small_world.histories, small_world.groups, characteristics=["sex"])


def test_with_histories_everything_is_measured_and_nothing_is_held_back(question):
    found = explained(question)
    assert set(found) == ALWAYS | {"label_groups"} <= set(TABLES)
    assert all(len(table) for table in found.values())
    assert {one for table in found.values() for one in table["characteristic"]} == {"sex"}
    assert caveats(question) == ()


def test_only_what_the_model_reads_drives_the_gap_in_its_scores(question):
    gaps = explained(question)["score_gaps"].set_index("feature")["contribution"]
    assert (gaps.loc[["count_1y"]] != 0).all() and (gaps.drop("count_1y") == 0).all()


def test_the_gap_before_matching_is_that_of_the_audited_list(question):
    table = explained(question)["matched_gaps"].query("metric == 'selection_rate'")
    listed = pd.Series(question.listed).groupby(question.columns["sex"].to_numpy()).mean()
    assert len(table)
    for row in table.itertuples():
        assert row.gap == pytest.approx(listed[row.group] - listed[row.reference])


@pytest.fixture(scope="module")
def ready_made(known_model):
    rng = np.random.default_rng(0)
    score = rng.normal(size=300)
    ids = [f"p{i}" for i in range(300)]
    rows = Snapshots.from_table(pd.DataFrame({"score": score}), score > 1, person_id=ids)
    groups = pd.DataFrame({"person_id": ids, "sex": np.where(score > 0, "m", "f")})
    return known_model("score"), rows, groups


def test_a_ready_made_table_has_no_readings_nor_matches_and_says_why(ready_made):
    model, rows, groups = ready_made
    question = asked(model, rows, None, groups)
    found = explained(question)
    assert set(found) == ALWAYS and found["matched_gaps"].empty
    assert found["proxies"]["share_explained"].iloc[0] > 0.7
    assert caveats(question) == (NOT_MATCHED,)


def test_estimates_that_were_given_are_not_those_that_are_explained(ready_made):
    model, rows, groups = ready_made
    given = pd.DataFrame({"as_of": rows.as_of, "person_id": rows.person_id, "probability": 0.5})
    question = asked(model, rows, None, groups, predictions=given.assign(margin=rows.X["score"]))
    assert caveats(question) == (NOT_MATCHED, OTHER_TRAINING)
