"""The plain model is scikit-learn's, is numbers only, and gives a row the same bits anywhere."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression

from riskmodel.errors import ModelIntegrityError, ModelMismatchError, SchemaError
from riskmodel.model.logistic_baseline import LogisticBaseline

CELLS = st.floats(-1e6, 1e6, width=32) | st.just(np.nan)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.poisson(3, (500, 4)).astype("float32"), columns=list("abcd"))
    y = (rng.random(500) < 1 / (1 + np.exp(3 - 1.5 * np.log1p(X["a"])))).astype(float)
    X.loc[rng.random(500) < 0.2, "b"] = np.nan
    return X, y


@pytest.fixture(scope="module")
def baseline(table):
    return LogisticBaseline.fit(*table)


def test_it_is_scikit_learns_fit_of_the_same_columns(table, baseline):
    X, y = table
    logs = np.sign(X) * np.log1p(X.abs())
    filled = logs.fillna(logs.median())
    design = ((filled - filled.mean()) / filled.std(ddof=0)).assign(b_missing=X["b"].isna())
    model = LogisticRegression(C=1.0, tol=1e-10, solver="newton-cholesky").fit(
        design.to_numpy(float), y
    )
    assert np.allclose(baseline.predict_proba(X), model.predict_proba(design.to_numpy(float)))
    assert baseline.flagged == ("b",)


def test_weights_are_repeated_rows(table):
    X, y = table
    times = np.random.default_rng(1).integers(1, 3, len(X))
    repeated = LogisticBaseline.fit(
        X.loc[X.index.repeat(times)].reset_index(drop=True), np.repeat(y, times)
    )
    weighted = LogisticBaseline.fit(X, y, times)
    # the standardisation is of the rows given, so the penalty falls a little differently
    assert np.allclose(repeated.predict_proba(X), weighted.predict_proba(X), atol=2e-3)


def test_planted_coefficients_come_back():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"priors": rng.poisson(4, 40_000).astype(float)})
    truth = -3 + 1.2 * np.log1p(X["priors"])
    y = (rng.random(40_000) < 1 / (1 + np.exp(-truth))).astype(float)
    found = LogisticBaseline.fit(X, y, l2=1e-6)
    assert abs(found.coefficient[0] / found.scale[0] - 1.2) < 0.1
    assert np.allclose(found.decision_function(X), truth, atol=0.15)


def test_json_keeps_every_bit(table, baseline):
    text = json.dumps(baseline.to_dict(), allow_nan=False)
    again = LogisticBaseline.from_dict(json.loads(text))
    assert again == baseline
    assert np.array_equal(again.predict_proba(table[0]), baseline.predict_proba(table[0]))


@given(arrays(np.float32, st.tuples(st.integers(1, 8), st.just(4)), elements=CELLS))
def test_a_rows_score_does_not_depend_on_other_rows_or_on_the_order_of_columns(baseline, values):
    X = pd.DataFrame(values, columns=list("abcd"))
    together = baseline.decision_function(X)
    alone = [baseline.decision_function(X.iloc[[row]])[0] for row in range(len(X))]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, baseline.decision_function(X[list("cadb")]))
    assert np.isfinite(together).all()


def test_many_columns_round_alike_for_one_row_and_for_many():
    rng = np.random.default_rng(0)  # numpy adds up 40 columns in another order if memory says so
    X = pd.DataFrame({f"x{column}": rng.normal(size=200) * 100 for column in range(40)})
    found = LogisticBaseline.fit(X, np.arange(200) % 2)
    alone = [found.decision_function(X.iloc[[row]])[0] for row in range(200)]
    assert np.array_equal(found.decision_function(X), alone)
    copied = pd.DataFrame(np.ascontiguousarray(X.to_numpy()), columns=X.columns)
    assert np.array_equal(found.decision_function(copied), alone)


@given(arrays(np.float32, (3, 4), elements=CELLS))
def test_probabilities_are_a_row_each_that_adds_up_to_one(baseline, values):
    found = baseline.predict_proba(pd.DataFrame(values, columns=list("abcd")))
    assert found.shape == (3, 2)
    assert np.allclose(found.sum(axis=1), 1)
    assert ((found >= 0) & (found <= 1)).all()


def test_prediction_does_not_import_scikit_learn(baseline):
    import subprocess
    import sys

    code = (
        "import sys, json, pandas as pd\n"
        "from riskmodel.model.logistic_baseline import LogisticBaseline\n"
        "baseline = LogisticBaseline.from_dict(json.loads(sys.stdin.read()))\n"
        "baseline.predict_proba(pd.DataFrame({name: [1.0] for name in 'abcd'}))\n"
        "print('sklearn' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(baseline.to_dict()),
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "False"


@settings(max_examples=25)
@given(st.data())
def test_any_table_with_both_classes_can_be_fitted(data):
    n = data.draw(st.integers(2, 15))
    X = pd.DataFrame(data.draw(arrays(np.float32, (n, 3), elements=CELLS)), columns=list("abc"))
    y = data.draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    y[:2] = [0, 1]
    found = LogisticBaseline.fit(X, y)
    assert np.isfinite(found.decision_function(X)).all()
    assert found.flagged == tuple(X.columns[X.isna().any()])


def test_a_feature_missing_throughout_or_constant_is_survived():
    X = pd.DataFrame({"none": [np.nan] * 4, "same": 3.0, "priors": [0.0, 1.0, 2.0, 3.0]})
    found = LogisticBaseline.fit(X, [0, 1, 0, 1])
    assert np.isfinite(found.predict_proba(X)).all()
    assert found.coefficient[1] == 0


def test_a_missing_value_never_seen_in_training_counts_as_the_median(table, baseline):
    X = table[0].iloc[[0]]
    median = np.expm1(baseline.median[0])
    unknown, typical = X.assign(a=np.nan), X.assign(a=np.float64(median))
    assert np.allclose(baseline.predict_proba(unknown), baseline.predict_proba(typical))


def test_mistakes_in_a_table_are_named(table, baseline):
    X, y = table
    with pytest.raises(ModelMismatchError, match=r"lacks 2 columns .*: a, c\."):
        baseline.predict_proba(X[["b", "d"]])
    with pytest.raises(SchemaError, match=r"X\.a: infinite in 1 rows"):
        baseline.predict_proba(X.iloc[:1].assign(a=np.inf))
    with pytest.raises(SchemaError) as found:
        LogisticBaseline.fit(X.iloc[:5], np.zeros(3), l2=0)
    assert len(found.value.problems) == 3
    with pytest.raises(SchemaError, match="y: missing in 1 rows"):
        LogisticBaseline.fit(X, y.where(y.index > 0))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"kind": "pickle"},
        {"scale": [0.0, 1.0, 1.0, 1.0]},
        {"coefficient": [1.0]},
        {"coefficient": ["1", "2", "3", "4"]},
        {"coefficient": [True, 1.0, 1.0, 1.0]},
        {"flagged": ["z"]},
        {"flagged": [1]},
        {"flag_coefficient": []},
        {"intercept": float("nan")},
        {"intercept": "1.5"},
        {"intercept": None},
        {"surplus": 1.0},
    ],
    ids="-".join,
)
def test_altered_content_is_refused(baseline, change):
    with pytest.raises(ModelIntegrityError):
        LogisticBaseline.from_dict({**baseline.to_dict(), **change})


@pytest.mark.parametrize("name", ["features", "median", "intercept"])
def test_absent_content_is_refused(baseline, name):
    content = baseline.to_dict()
    del content[name]
    with pytest.raises(ModelIntegrityError):
        LogisticBaseline.from_dict(content)
