"""train(): what it learns from, what it holds out, what it writes down."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from riskmodel.errors import RiskModelError, RiskModelWarning, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.search import search
from riskmodel.model.search.space import Choice, SearchSpace
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

QUICK = RepeatHarmEstimator(n_estimators=12, min_child_samples=10, reg_lambda=5.0, n_jobs=1)


def test_same_data_and_seed_give_the_same_trees_and_another_seed_others(table):
    first, again, other = (
        train(
            table, estimator=clone(QUICK).set_params(random_state=seed), n_replicates=5, seed=seed
        )
        for seed in (0, 0, 1)
    )
    trees = [model.to_files()["trees_0.txt"] for model in (first, again, other)]
    assert trees[0] == trees[1] != trees[2]
    assert first.estimator.calibration_ == again.estimator.calibration_


def test_rows_without_an_observed_outcome_teach_nothing_but_the_level(world_model, world_snapshots):
    data = world_model.provenance["data"]
    assert data["rows"] == int(world_snapshots.observed.sum())
    assert data["rows_without_observed_outcome"] == int((~world_snapshots.observed).sum()) > 0
    assert data["positive_rows"] == int(world_snapshots.y.sum())
    shuffled = world_snapshots.X.copy()
    unseen = ~world_snapshots.observed.to_numpy()
    shuffled.loc[unseen] = 999.0
    again = train(replace(world_snapshots, X=shuffled), estimator=QUICK, n_replicates=5)
    assert again.to_files()["trees_0.txt"] == world_model.to_files()["trees_0.txt"]
    before, after = world_model.estimator.calibration_, again.estimator.calibration_
    assert after == replace(before, intercept=after.intercept)
    older = world_snapshots.dates[:-1]  # the newest date is what is to be scored
    elsewhere = world_snapshots.X.mask(unseen & world_snapshots.as_of.isin(older), 999.0)
    same = train(replace(world_snapshots, X=elsewhere), estimator=QUICK, n_replicates=5)
    assert same.estimator.calibration_ == before


def test_the_newest_date_calibrates_and_is_the_backtest(world_model, world_snapshots):
    backtest = world_model.provenance["backtest"]
    labelled = world_snapshots.labelled
    newest = int((labelled.as_of == labelled.dates[-1]).sum())
    assert backtest["kind"] == "later date"
    assert backtest["evaluation"]["n"] == newest
    assert backtest["evaluation"]["n_dates"] == 1
    assert world_model.provenance["calibration"]["n_rows"] == newest
    models = {row["model"] for row in backtest["evaluation"]["table"]}
    assert models >= {"model", "logistic", "v100_sum", "prior_count"}


def test_age_is_ablated_where_it_is_a_feature(world_model, table_model):
    ablation = world_model.provenance["age_ablation"]
    assert ablation["features"] == ["age"]
    for metric in ("auc", "mean_captured"):
        found = ablation[metric]
        assert found["low"] <= found["difference"] <= found["high"]
        assert found["difference"] == pytest.approx(found["with_age"] - found["without_age"])
    assert table_model.provenance["age_ablation"] is None


def test_with_one_date_people_are_held_out(table_model, table):
    backtest = table_model.provenance["backtest"]
    assert backtest["kind"] == "other people"
    assert backtest["evaluation"]["n"] == len(table)
    assert table_model.provenance["calibration"]["n_people"] == table.person_id.nunique()


def test_a_table_of_noise_gets_no_credit_from_its_own_rows():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 5)), columns=list("abcde"))
    y = rng.integers(0, 2, size=300)
    free = clone(QUICK).set_params(reg_lambda=0.0, min_child_samples=2, num_leaves=31)
    with pytest.warns(RiskModelWarning) if _limited(X, y, free) else _nothing():
        model = train(Snapshots.from_table(X, y), estimator=free, n_replicates=5)
    table = pd.DataFrame(model.provenance["backtest"]["evaluation"]["table"])
    auc = table[(table["metric"] == "auc") & (table["model"] == "model")]["value"].iloc[0]
    assert 0.4 < auc < 0.6
    assert roc_auc_score(y, model.predict_margin(X)) > 0.9
    assert model.predict_proba(X).std() < 0.15


def _limited(X, y, estimator):
    from riskmodel.model.backtest import hold_out
    from riskmodel.model.calibration.logistic import LogisticCalibration

    held_out = hold_out(Snapshots.from_table(X, y), estimator, 0)
    return LogisticCalibration.fit(held_out.margin, held_out.rows.y).limited


class _nothing:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def test_margins_against_the_outcome_are_warned_of():
    """Neighbours have opposite outcomes, each a person: what is learnt is wrong for the next."""
    X = pd.DataFrame({"a": np.repeat([0.0, 1.0, 2.0, 3.0], 30)})
    y = np.repeat([1.0, 0.0, 1.0, 0.0], 30)
    person = np.repeat(["p", "q", "r", "s"], 30)
    free = clone(QUICK).set_params(reg_lambda=0.0, min_child_samples=1)
    with pytest.warns(RiskModelWarning, match="knows nothing"):
        model = train(Snapshots.from_table(X, y, person_id=person), estimator=free, n_replicates=5)
    assert model.provenance["calibration"]["limited"]


def test_a_class_with_one_person_is_calibrated_on_itself_and_warned_of():
    X = pd.DataFrame({"a": np.arange(40.0)})
    table = Snapshots.from_table(X, np.arange(40) >= 39)
    with pytest.warns(RiskModelWarning, match="one class has a single person"):
        model = train(table, estimator=QUICK, n_replicates=5)
    assert model.provenance["backtest"]["kind"] == "none"
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([np.nan] * 6, "observed in none of 6 rows"),
        ([0.0] * 5 + [np.nan], "0 of 5 labelled rows"),
        ([1.0] * 6, "6 of 6 labelled rows"),
    ],
)
def test_labels_that_teach_nothing_are_refused(y, message):
    table = Snapshots.from_table(pd.DataFrame({"a": np.arange(6.0)}), y)
    with pytest.raises(RiskModelError, match=message):
        train(table, estimator=QUICK)


def test_provenance_is_json_and_says_where_the_model_is_from(world_model, world_snapshots):
    provenance = world_model.provenance
    assert json.loads(json.dumps(provenance, allow_nan=False)) == provenance
    label, data = provenance["label"], provenance["data"]
    assert label["definition"] == world_snapshots.task.outcome.describe()
    assert label["offence_edition"] == world_snapshots.task.offences.edition
    assert label["known_at"] == world_snapshots.known_at.isoformat()
    assert 0 < label["share_of_serious_events_recorded_later"] <= 1
    assert len(data["digest"]["histories"]) == 64
    assert provenance["data_start"] < data["as_of"][0] < provenance["data_end"]
    assert data["as_of"] == [day.isoformat() for day in world_snapshots.labelled.dates]
    assert len(data["between"]) == len(data["as_of"])
    assert provenance["estimator"]["n_estimators"] == QUICK.n_estimators
    assert set(provenance["libraries"]) >= {"riskmodel", "lightgbm", "numpy"}
    created = datetime.fromisoformat(provenance["created"])
    assert abs(datetime.now(UTC) - created) < timedelta(hours=1)


def test_a_ready_made_table_says_what_it_does_not_know(table_model):
    provenance = table_model.provenance
    assert (provenance["label"], provenance["data_start"], provenance["data_end"]) == (None,) * 3
    assert set(provenance["data"]["digest"]) == {"rows"}


def test_uses_expiry_and_name_are_kept(table, table_model):
    model = train(
        table,
        estimator=QUICK,
        permitted_uses=["audit"],
        expires=date(2030, 1, 2),
        name="trial",
        n_replicates=5,
    )
    assert (model.permitted_uses, model.expires, model.name) == (
        ("audit",),
        date(2030, 1, 2),
        "trial",
    )
    assert table_model.expires - datetime.now(UTC).date() in {timedelta(364), timedelta(365)}
    assert QUICK.get_params() == clone(QUICK).get_params()
    assert not hasattr(QUICK, "boosters_")


def test_other_kinds_of_outcome_are_refused_with_what_to_do(world_snapshots):
    task = replace(world_snapshots.task, outcome=Outcome(horizon_days=365, kind="count"))
    counts = replace(world_snapshots, task=task, y=world_snapshots.serious_count)
    with pytest.raises(SchemaError, match=r"train\(\).*\n.*an estimator of your own"):
        train(counts)


@pytest.fixture(scope="module")
def weighted(small_world):
    task = Task(
        offences=small_world.offences, outcome=Outcome(horizon_days=365, censored="weighted")
    )
    dates = pd.date_range("2020-01-01", "2023-10-01", freq="5MS")
    return build_snapshots(small_world.histories, task, as_of=dates, late_allowance_days=0)


def test_rows_that_are_cut_teach_by_their_weights_and_are_not_what_is_judged(weighted):
    rows = weighted.learnable
    assert (~rows.observed).any()
    with pytest.warns(RiskModelWarning, match="no expected harm is learnt"):
        model = train(weighted, estimator=QUICK, n_replicates=5)
    assert model.provenance["data"]["rows"] == len(rows) > weighted.observed.sum()
    newest = weighted.labelled.dates[-1]
    held_out = model.provenance["backtest"]["evaluation"]
    assert held_out["n"] == int((weighted.as_of == newest).sum())
    unweighted = replace(weighted, weight=(weighted.weight > 0).astype(float))
    with pytest.warns(RiskModelWarning):
        other = train(unweighted, estimator=QUICK, n_replicates=5)
    assert other.to_files()["trees_0.txt"] != model.to_files()["trees_0.txt"]
    with pytest.warns(RiskModelWarning, match="flatter"):
        assert model.evaluate(weighted, n_replicates=5).n == int(weighted.observed.sum())


def test_a_model_keeps_the_search_that_its_settings_are_from(world_snapshots):
    space = SearchSpace({"num_leaves": Choice((3, 4))})
    found = search(
        world_snapshots, estimator=QUICK, space=space, n_trials=2, choose="best", n_replicates=5
    )
    model = train(world_snapshots, search=found, baselines=(), n_replicates=5)
    assert model.provenance["search"] == found.to_dict()
    assert model.estimator.num_leaves == found.chosen["num_leaves"]
    ours = train(world_snapshots, search=found, estimator=QUICK, baselines=(), n_replicates=5)
    assert ours.estimator.num_leaves == QUICK.num_leaves
    assert (
        train(world_snapshots, estimator=QUICK, baselines=(), n_replicates=5).provenance["search"]
        is None
    )


def test_only_ratios_of_weights_matter(table):
    weight = 1.0 + np.arange(len(table)) % 3
    one, hundredth = (
        train(replace(table, weight=scale * weight), estimator=QUICK, baselines=(), n_replicates=5)
        for scale in (pd.Series(1.0, index=table.X.index), pd.Series(0.01, index=table.X.index))
    )
    assert np.allclose(one.predict_proba(table.X), hundredth.predict_proba(table.X), atol=1e-9)
    apart = one.baseline.predict_proba(table.X) - hundredth.baseline.predict_proba(table.X)
    assert np.abs(apart).max() < 1e-9
