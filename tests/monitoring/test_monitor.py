"""monitor() as its users run it: what was planted is found, nothing else is said."""

import warnings

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.over_time import CLEAR, OverTime
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.thresholds import Threshold
from riskmodel.errors import ModelMismatchError, SchemaError, SmallGroupWarning
from riskmodel.histories.events import EventHistories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.monitoring.monitor import monitor
from riskmodel.snapshots.table import Snapshots

DATES = pd.to_datetime(["2015-01-01", "2015-07-01", "2016-01-01"])
N, K = 300, 60


@pytest.fixture(scope="module")
def table():
    """Three dates of 300 people whose number of priors says how likely the outcome is."""
    rng = np.random.default_rng(0)
    priors = rng.poisson(2, 3 * N).astype(float)
    y = (rng.random(3 * N) < 1 / (1 + np.exp(2.5 - priors))).astype(float)
    X = pd.DataFrame({"priors": priors, "days": rng.exponential(100, 3 * N)})
    people = [f"p{i}" for _ in DATES for i in range(N)]
    return Snapshots.from_table(X, y, person_id=people, as_of=np.repeat(DATES, N))


@pytest.fixture(scope="module")
def model(table):
    return train(table, estimator=RepeatHarmEstimator(n_estimators=10), n_replicates=10)


@pytest.fixture(scope="module")
def scores(model, table):
    identity = {"person_id": table.person_id, "as_of": table.as_of, "digest": model.digest}
    return model.estimates(table.X).assign(**identity)


@pytest.fixture(scope="module")
def histories():
    """Every person once; one in three worked from each list's date on, and two removed."""
    people = [f"p{i}" for i in range(N)]
    happened = pd.Timestamp("2014-06-01 09:00")
    events = pd.DataFrame(
        {"source_id": [f"e{i}" for i in range(N)], "person_id": people, "event_time": happened,
         "recorded_time": happened + pd.Timedelta(hours=1), "offence": "x"}
    )  # fmt: skip
    visits = [(f"p{i}", date, "visit") for date in DATES for i in range(0, N, 3)]
    removed = [(f"p{i}", DATES[0] + pd.Timedelta(days=9), "removal") for i in range(2)]
    actions = pd.DataFrame(visits + removed, columns=["person_id", "start", "kind"])
    actions["end"] = actions["start"] + pd.Timedelta(days=20)
    actions["recorded_time"] = actions["start"]
    return EventHistories(events, actions=actions, data_end="2020-01-01")


@pytest.fixture(scope="module")
def groups():
    people = [f"p{i}" for i in range(N)]
    return pd.DataFrame({"person_id": people, "half": np.where(np.arange(N) % 2, "odd", "even")})


@pytest.fixture(scope="module")
def found(scores, table, histories, groups, model):
    first = scores[scores["as_of"] == DATES[0]].nlargest(K, "margin")["person_id"]
    overrides = pd.DataFrame(
        {"person_id": first.head(6), "as_of": DATES[0], "direction": "removed"}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallGroupWarning)
        return monitor(scores, table, histories, groups, model=model, k=K, overrides=overrides,
                       n_replicates=100)  # fmt: skip


def test_every_table_but_the_lottery_is_there(found, model):
    assert set(found.tables) - set(found.measured) == {"random_order"}
    assert found.model_digest == model.digest and found.k == K
    assert found.policy["name"] == Policy.default().name
    assert any("drawn by lot" in note for note in found.notes)
    assert any("regression to the mean" in note for note in found.notes)


def test_the_tables_agree_with_each_other(found, scores):
    periods, changes = found.tables["periods"], found.tables["changes"]
    assert periods["k"].tolist() == [K] * 3
    assert (changes["entered"] + changes["stayed"] == K).all()
    times = found.tables["time_on_list"]
    assert (times["dates_listed"] * times["people"]).sum() == 3 * K
    actions = found.tables["actions"].set_index("who")
    assert actions.loc["all", "listed"] == periods["k"].sum()
    assert actions.loc["all", "observed"] == periods["listed_outcome"].sum()
    rates = found.tables["group_periods"]
    precision = rates[(rates["metric"] == "precision") & rates["as_of"].notna()]
    by_date = precision.groupby("as_of")["numerator"].sum()
    assert by_date.tolist() == periods["listed_outcome"].tolist()
    assert found.tables["overrides"].set_index("direction").loc["removed", "n"] == 6


def test_it_goes_to_a_file_and_back(found, tmp_path):
    again = OverTime.load(found.save(tmp_path / "over_time.json"))
    assert again.to_dict() == found.to_dict()
    assert len(again.alerts) == len(found.alerts)


def test_no_id_of_a_person_is_in_it(found):
    text = str(found.to_dict())
    assert not any(f"'p{i}'" in text for i in range(N))


def test_planted_drift_is_found_in_its_feature_and_raises_what_the_policy_says(
    scores, table, model
):
    policy = Policy(
        name="p", use="prioritise", criteria=Policy.default().criteria,
        thresholds=(Threshold(measure="psi", above=0.25, consequence="retrain"),),
    )  # fmt: skip
    quiet = monitor(scores, table, model=model, policy=policy, k=K)
    assert quiet.alerts == ()
    moved = table.X[table.as_of == DATES[-1]].assign(days=lambda X: X["days"] * 5)
    (alert,) = monitor(scores, table, model=model, X=moved, policy=policy, k=K).alerts
    assert (alert.where, alert.certainty, alert.consequence) == ("feature days", CLEAR, "retrain")
    with pytest.raises(ModelMismatchError, match="days"):
        monitor(scores, table, model=model, X=moved.drop(columns="days"), k=K)


def test_planted_miscalibration_is_found(scores, table):
    halved = scores.assign(probability=scores["probability"] / 2)
    wrong = monitor(halved, table, k=K)
    measures = [(a.measure, a.side, a.certainty) for a in wrong.alerts]
    assert measures.count(("observed_over_expected", "above", CLEAR)) == 3
    assert not any(
        a.measure == "observed_over_expected" for a in monitor(scores, table, k=K).alerts
    )


def test_outcomes_that_are_not_known_yet_are_said_and_not_made_up(scores, table):
    open_window = table.subset(table.as_of < DATES[-1])
    found = monitor(scores, open_window, k=K)
    assert found.tables["periods"]["precision"].isna().tolist() == [False, False, True]
    assert any(note.startswith("of 1 of 3 dates") for note in found.notes)


def test_scores_of_another_model_have_no_drift_of_estimates(scores, table, model):
    found = monitor(scores.assign(digest="another"), table, model=model, k=K)
    assert "drift" in found.measured and "drift_estimates" not in found.measured
    mixed = scores.assign(digest=np.where(scores["as_of"] == DATES[0], "a", "b"))
    assert any("several models" in note for note in monitor(mixed, table, k=K).notes)


def test_a_random_order_is_read_from_its_log(scores, table, tmp_path):
    log = scores.assign(arm=np.where(np.arange(len(scores)) % 2, "listed", "not listed"))
    found = monitor(scores, table, k=K, random_log=log)
    assert found.tables["random_order"]["arm"].tolist() == ["listed", "not listed", "difference"]
    assert found.tables["random_order"]["n"].tolist() == [450, 450, 900]


def test_mistakes_are_named(scores, table):
    with pytest.raises(SchemaError, match="repeat a person"):
        monitor([scores, scores], table, k=K)
