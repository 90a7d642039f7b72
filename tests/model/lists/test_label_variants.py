"""Other readings of the outcome change what followed, never whom a score lists."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.lists.label_variants import (
    ANY,
    LAST_YEAR,
    NOT_UNFOUNDED,
    SEVERE,
    SUSTAINED,
    evaluate_cohort,
    evaluate_variants,
    in_cohort,
    label_variants,
    variants_table,
    with_outcome,
)
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

OPTIONS = {"n_replicates": 5, "ks": (20,)}


@pytest.fixture(scope="module")
def world():
    return make_histories(600, seed=3)


@pytest.fixture(scope="module")
def task(world):
    return Task(
        offences=world.offences,
        cohort=Cohort(lookback_days=None),
        outcome=Outcome(horizon_days=365, evidence=("allegation", "charge", "conviction")),
        features=(Feature("count", 365), Feature("harm_sum")),
    )


def built(world, task):
    dates = ["2019-01-01", "2020-07-01", "2022-01-01"]
    return build_snapshots(world.histories, task, as_of=dates, late_allowance_days=0)


@pytest.fixture(scope="module")
def snapshots(world, task):
    return built(world, task)


@pytest.fixture(scope="module")
def scores(snapshots):
    return {
        "model": snapshots.X["harm_sum_ever"].to_numpy(),
        "v100_sum": snapshots.rules["harm_1y"].fillna(0).to_numpy(),
    }


@pytest.mark.parametrize("name", [ANY, NOT_UNFOUNDED, SUSTAINED, SEVERE])
def test_relabelled_rows_are_those_that_a_task_of_that_outcome_has(world, task, snapshots, name):
    outcome = label_variants(task.outcome)[name]
    rows, anew = with_outcome(snapshots, outcome), built(world, replace(task, outcome=outcome))
    pd.testing.assert_frame_equal(rows.X, anew.X)
    for part in ("y", "harm", "harm_capped", "serious_count", "weight", "observed", "person_id"):
        pd.testing.assert_series_equal(getattr(rows, part), getattr(anew, part))
    pd.testing.assert_frame_equal(rows.totals, anew.totals)
    assert rows.task == anew.task
    assert rows.known_at == anew.known_at


def test_stricter_readings_hold_no_more(snapshots):
    found = {
        name: with_outcome(snapshots, outcome).y.sum()
        for name, outcome in label_variants(snapshots.task.outcome).items()
    }
    assert found[ANY] >= found[NOT_UNFOUNDED] >= found[SUSTAINED] > 0
    assert found[SEVERE] != found[ANY]


def test_the_outcome_s_own_horizon_and_evidence_stay_where_they_are_not_what_varies():
    outcome = Outcome(horizon_days=90, evidence=("charge",), include_police_generated=True)
    variants = label_variants(outcome)
    assert all(variant.horizon_days == 90 for variant in variants.values())
    assert all(variant.include_police_generated for variant in variants.values())
    assert variants[SEVERE].evidence == ("charge",)
    assert variants[SEVERE].min_harm == 100
    assert all(variants[name].min_harm is None for name in (ANY, NOT_UNFOUNDED, SUSTAINED))


def test_each_variant_is_judged_as_by_hand(snapshots, scores):
    found = evaluate_variants(snapshots, scores, **OPTIONS)
    assert list(found) == list(label_variants(snapshots.task.outcome))
    sustained = with_outcome(snapshots, Outcome(horizon_days=365, evidence=("conviction",)))
    by_hand = evaluate_scores(sustained, scores, **OPTIONS)
    pd.testing.assert_frame_equal(found[SUSTAINED].table, by_hand.table)
    own = evaluate_variants(
        snapshots, scores, variants={"as it was": snapshots.task.outcome}, **OPTIONS
    )
    pd.testing.assert_frame_equal(
        own["as it was"].table, evaluate_scores(snapshots, scores, **OPTIONS).table
    )


def test_a_narrower_cohort_is_the_rows_that_it_would_have_had(world, task, snapshots, scores):
    narrow = built(world, replace(task, cohort=LAST_YEAR))
    inside = in_cohort(snapshots, LAST_YEAR, world.histories)
    assert 0 < inside.sum() < len(snapshots)
    assert snapshots.person_id[inside].tolist() == narrow.person_id.tolist()
    assert snapshots.as_of[inside].tolist() == narrow.as_of.tolist()
    found = evaluate_cohort(
        snapshots, scores, world.histories,
        probabilities={"model": np.full(len(snapshots), 0.1)}, **OPTIONS,
    )  # fmt: skip
    by_hand = evaluate_scores(
        narrow,
        {name: values[inside] for name, values in scores.items()},
        probabilities={"model": np.full(len(narrow), 0.1)},
        **OPTIONS,
    )
    pd.testing.assert_frame_equal(found.table, by_hand.table)


def test_a_wider_cohort_cannot_be_judged_on_these_rows(world, task):
    narrow = built(world, replace(task, cohort=LAST_YEAR))
    with pytest.raises(SchemaError, match="not in the snapshots' own cohort, people named"):
        in_cohort(narrow, task.cohort, world.histories)


def test_some_rows_of_a_cohort_are_as_good_as_all(world, snapshots):
    some = np.arange(len(snapshots)) % 3 == 0
    inside = in_cohort(snapshots, LAST_YEAR, world.histories)
    part = in_cohort(snapshots.subset(some), LAST_YEAR, world.histories)
    assert part.tolist() == inside[some].tolist()


def test_the_table_has_a_line_for_each_variant_and_score(snapshots, scores):
    found = evaluate_variants(snapshots, scores, **OPTIONS)
    table = variants_table(found)
    assert len(table) == len(found) * len(scores)
    row = table[(table["variant"] == SUSTAINED) & (table["model"] == "model")].iloc[0]
    assert row["value"] == found[SUSTAINED].value("mean_captured", "model")
    captured = variants_table(found, "captured@20")
    assert captured["value"].iloc[0] == found[ANY].value("captured@20", "model")


def test_ready_made_rows_cannot_be_relabelled(world):
    table = Snapshots.from_table(pd.DataFrame({"priors": [0, 1]}), [0, 1])
    for refused in (
        lambda: with_outcome(table, Outcome()),
        lambda: evaluate_variants(table, {}),
        lambda: in_cohort(table, LAST_YEAR, world.histories),
    ):
        with pytest.raises(SchemaError, match="not built from histories"):
            refused()
