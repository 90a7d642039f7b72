"""The Georgia parole study: everyone is estimated in order, and groups are never read.

The tables here are made up, with the columns of the real ones.
"""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.schema import is_protected

FOLDER = Path(__file__).parents[2] / "experiments" / "nij_georgia"
NAMES = ("data", "models", "judge", "run", "ceiling")
BANDS = {
    "Age_at_Release": ["18-22", "23-27", "28-32", "33-37", "38-42", "43-47", "48 or older"],
    "Supervision_Level_First": ["", "Standard", "Specialized", "High"],
    "Education_Level": ["Less than HS diploma", "High School Diploma", "At least some college"],
    "Dependents": ["0", "1", "2", "3 or more"],
    "Prison_Offense": ["", "Drug", "Other", "Property", "Violent/Non-Sex", "Violent/Sex"],
    "Prison_Years": [
        "Less than 1 year", "1-2 years", "Greater than 2 to 3 years", "More than 3 years",
    ],
    "Residence_PUMA": [str(area) for area in range(1, 26)],
    "Supervision_Risk_Score_First": [f"{score}.0" for score in range(11)],
}  # fmt: skip
MOST = {
    "Prior_Arrest_Episodes_Felony": 10, "Prior_Arrest_Episodes_Misd": 6,
    "Prior_Arrest_Episodes_Violent": 3, "Prior_Arrest_Episodes_Property": 5,
    "Prior_Arrest_Episodes_Drug": 5, "Prior_Arrest_Episodes_PPViolationCharges": 5,
    "Prior_Conviction_Episodes_Felony": 3, "Prior_Conviction_Episodes_Misd": 4,
    "Prior_Conviction_Episodes_Prop": 3, "Prior_Conviction_Episodes_Drug": 2,
}  # fmt: skip
FLAGS = [
    "Prior_Arrest_Episodes_DVCharges", "Prior_Arrest_Episodes_GunCharges",
    "Prior_Conviction_Episodes_Viol", "Prior_Conviction_Episodes_PPViolationCharges",
    "Prior_Conviction_Episodes_DomesticViolenceCharges", "Prior_Conviction_Episodes_GunCharges",
    "Prior_Revocations_Parole", "Prior_Revocations_Probation",
    "Condition_MH_SA", "Condition_Cog_Ed", "Condition_Other",
]  # fmt: skip


@pytest.fixture
def study(modules_of):
    """The study's modules with few trees, forgotten afterwards: their names are common."""
    return modules_of(FOLDER, NAMES)


@pytest.fixture
def few_trees(study, monkeypatch):
    quick = {"n_estimators": 15, "n_bags": 2, "n_jobs": 1}
    monkeypatch.setattr(study.models, "TREES", study.models.TREES | quick)
    monkeypatch.setitem(study.run.OTHERS, "estimator, defaults", study.models.learn_trees)


def made_up(n, seed):
    rng = np.random.default_rng(seed)
    columns = {name: rng.choice(bands, n) for name, bands in BANDS.items()}
    columns |= {name: with_top(rng.integers(0, most + 1, n), most) for name, most in MOST.items()}
    columns |= {name: rng.integers(0, 2, n).astype(str) for name in FLAGS}
    gender = rng.choice(["M", "F"], n, p=[0.7, 0.3])
    people = pd.DataFrame(
        {
            "ID": rng.permutation(n * 3)[:n].astype(str),
            "Gender": gender,
            "Race": rng.choice(["BLACK", "WHITE"], n),
            "Gang_Affiliated": np.where(gender == "F", "", rng.choice(["True", "False"], n)),
            **columns,
        }
    )
    young = pd.Series(columns["Age_at_Release"]).isin(BANDS["Age_at_Release"][:3])
    return people, np.where(rng.random(n) < np.where(young, 0.8, 0.3), "1", "0")


def with_top(counts, most):
    return np.where(counts == most, f"{most} or more", counts.astype(str))


@pytest.fixture
def folder(tmp_path):
    people, outcome = made_up(n=300, seed=0)
    people.assign(Recidivism_Within_3years=outcome).to_csv(tmp_path / "train.csv.gz", index=False)
    made_up(n=80, seed=1)[0].to_csv(tmp_path / "test_features.csv.gz", index=False)
    return tmp_path


def tables(study, folder):
    return [
        study.data.read_people(folder / f"{name}.csv.gz") for name in ("train", "test_features")
    ]


@pytest.mark.usefixtures("few_trees")
def test_everyone_is_estimated_in_order_and_everything_measured_has_an_interval(
    study, folder, tmp_path, capsys
):
    study.run.run(folder, tmp_path / "out", repeats=1)
    written = pd.read_csv(tmp_path / "out" / "predictions.csv", dtype={"ID": str})
    assert list(written.columns) == ["ID", "probability"]
    assert list(written["ID"]) == list(tables(study, folder)[1]["ID"])
    assert written["probability"].between(0, 1, inclusive="neither").all()
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    for row in [*results["accuracy"], *results["left_out"]]:
        assert row["low"] <= row["value"] <= row["high"]
        if row["model"] not in ("logistic", "model"):
            assert row["difference"]["low"] <= row["difference"]["high"]
    groups = {row["group"]: row for row in results["groups"]}
    assert set(groups) == {"F", "M", "BLACK", "WHITE", "F BLACK", "F WHITE", "M BLACK", "M WHITE"}
    assert groups["F"]["people"] + groups["M"]["people"] == 300
    for row in groups.values():
        for measure in study.judge.MEASURES:
            assert row[measure]["low"] <= row[measure]["value"] <= row[measure]["high"]
    aucs = {row["model"]: row["value"] for row in results["accuracy"] if row["measure"] == "auc"}
    assert aucs["model"] > 0.65  # age made the outcome
    assert "trees alone" in capsys.readouterr().out


@pytest.mark.usefixtures("few_trees")
def test_race_and_gender_change_no_estimate(study, folder):
    people, others = tables(study, folder)
    before = study.run.predict(people, others)
    for table in (people, others):
        shuffled = table.sample(frac=1, random_state=3)
        for name in ("Gender", "Race"):
            table[name] = shuffled[name].to_numpy()
    pd.testing.assert_frame_equal(study.run.predict(people, others), before)


def test_a_blank_for_gang_membership_says_nothing_of_gender(study):
    people = made_up(n=50, seed=0)[0]
    told = people.assign(Gang_Affiliated=people["Gang_Affiliated"].replace("", "False"))
    pd.testing.assert_frame_equal(study.data.make_features(told), study.data.make_features(people))


def test_only_age_is_protected_among_the_features(study):
    X = study.data.make_features(made_up(n=20, seed=0)[0])
    assert [name for name in X.columns if is_protected(name)] == [study.data.AGE]
    assert set(study.data.RECORDED) < set(X.columns)
    assert set(study.data.WORKED_OUT_WITH_AGE) < set(X.columns) - set(study.data.RECORDED)


def test_without_age_nothing_changes_with_age(study):
    """What is dropped for "without age" is all that age goes into."""
    people = made_up(n=50, seed=0)[0]
    dropped = study.run.LEFT_OUT["without age"]
    young, old = (
        study.data.make_features(people.assign(Age_at_Release=band)).drop(columns=dropped)
        for band in ("18-22", "48 or older")
    )
    pd.testing.assert_frame_equal(young, old)


def test_bands_become_numbers_and_a_score_of_0_is_missing(study):
    people = made_up(n=3, seed=0)[0].assign(
        Age_at_Release=["18-22", "33-37", "48 or older"],
        Supervision_Risk_Score_First=["0.0", "1.0", "10.0"],
        Supervision_Level_First=["", "Standard", "High"],
        Prior_Arrest_Episodes_Felony=["0", "9", "10 or more"],
        Prior_Arrest_Episodes_Misd=["0", "0", "6 or more"],
    )
    X = study.data.make_features(people)
    assert X["age_at_release"].tolist() == [20, 35, 53]
    assert X["supervision_risk_score_first"].fillna(-1).tolist() == [-1, 1, 10]
    assert X["supervision_level_first"].fillna(-1).tolist() == [-1, 0, 2]
    assert X["arrests"].tolist() == [0, 9, 16]
    assert X["arrests_a_year"].tolist() == pytest.approx([0, 9 / 20, 16 / 38])


def test_unknown_bands_and_absent_columns_are_named(study, tmp_path):
    people = made_up(n=5, seed=0)[0]
    with pytest.raises(SchemaError, match="Age_at_Release: 1 bands are unknown"):
        study.data.make_features(people.assign(Age_at_Release="ninety"))
    people.drop(columns=["Prison_Years"]).to_csv(tmp_path / "t.csv.gz", index=False)
    with pytest.raises(SchemaError, match="lacks Prison_Years"):
        study.data.read_people(tmp_path / "t.csv.gz")
    pd.concat([people, people]).to_csv(tmp_path / "t.csv.gz", index=False)
    with pytest.raises(SchemaError, match="5 rows repeat"):
        study.data.read_people(tmp_path / "t.csv.gz")


def test_a_blend_lies_between_its_parts(study):
    low, high = np.array([0.2, 0.5]), np.array([0.8, 0.9])
    found = study.models.mean_log_odds([low, high])
    assert found[0] == pytest.approx(0.5)
    assert ((found > low) & (found < high)).all()


def test_each_person_is_estimated_by_a_model_that_did_not_see_them(study):
    """A learner that knows whom it saw would give them away."""
    X, y = pd.DataFrame({"person": np.arange(40.0)}), np.tile([0.0, 1.0], 20)

    def learn(seen, _):
        return lambda rows: rows["person"].isin(seen["person"]).to_numpy(dtype=float)

    found = study.judge.out_of_fold(X, y, learn, repeats=3)
    assert found.shape == (3, 40)
    assert (found == 0).all()


def test_the_learning_curve_learns_from_the_share_it_says(study, monkeypatch):
    X, y = pd.DataFrame({"person": np.arange(40.0)}), np.tile([0.0, 1.0], 20)
    monkeypatch.setattr(study.ceiling, "learn_blend", lambda X, y: (X, y))
    seen, outcome = study.ceiling.learn_from(0.25)(X, y)
    assert seen["person"].nunique() == len(outcome) == 10
    assert outcome.tolist() == (seen["person"] % 2).tolist()


def test_the_false_positive_rate_is_that_of_the_weighted_table(study):
    y, chance = np.array([0.0, 0, 0, 1]), np.array([0.7, 0.2, 0.5, 0.9])
    weights = np.array([[1.0, 1, 1, 1], [2, 1, 0, 1]])
    found = study.judge.false_positive_rate(y, chance, weights)
    assert found.tolist() == pytest.approx([2 / 3, 2 / 3])


@pytest.fixture
def real():
    folder = Path(os.environ.get("RISKMODEL_DATA", "absent")) / "nij_georgia"
    if not (folder / "train.csv.gz").is_file():
        pytest.skip("RISKMODEL_DATA names no folder with nij_georgia/train.csv.gz: public records")
    return folder


@pytest.mark.realdata
def test_out_of_fold_the_model_beats_a_plain_logistic_model_on_the_real_table(study, real):
    people = study.data.read_people(real / "train.csv.gz")
    X, y = study.data.make_features(people), study.data.outcome_of(people)
    chances = {
        name: study.judge.out_of_fold(X, y, learn, repeats=1)
        for name, learn in (
            ("model", study.models.learn_blend), ("logistic", study.models.learn_logistic),
        )
    }  # fmt: skip
    rows = study.judge.accuracy(y, chances, reference="logistic", n_replicates=200)
    found = {row["measure"]: row for row in rows if row["model"] == "model"}
    assert found["brier"]["value"] <= 0.2033
    assert found["auc"]["value"] >= 0.7355
    assert found["brier"]["difference"]["high"] < 0
    assert found["auc"]["difference"]["low"] > 0
