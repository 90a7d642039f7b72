"""A feature that tells groups apart is found; one that does not is not accused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.why.proxies import FEATURES_SHOWN, proxy_table, shares_explained


def test_the_planted_proxy_comes_first():
    rng = np.random.default_rng(0)
    sex = pd.DataFrame({"sex": rng.choice(["f", "m"], 500)})
    X = pd.DataFrame(rng.normal(size=(500, 8)), columns=[f"noise{i}" for i in range(8)])
    X["proxy"] = (sex["sex"] == "m") + rng.normal(0, 0.3, 500)
    found = proxy_table(X, sex)
    assert found["feature"].iloc[0] == "proxy"
    assert found["share_explained"].iloc[0] > 0.5
    assert (found["share_explained"].iloc[1:] < 0.05).all()
    assert len(found) == FEATURES_SHOWN


def test_a_value_that_is_missing_for_one_group_is_a_proxy_too():
    sex = pd.DataFrame({"sex": ["f"] * 50 + ["m"] * 50, "sex x age": "x"})
    X = pd.DataFrame({"gap": [np.nan] * 50 + list(range(50))})
    found = proxy_table(X, sex)
    assert found["characteristic"].unique().tolist() == ["sex"]
    assert found["share_explained"].iloc[0] > 0.5


@given(st.lists(st.tuples(st.floats(-9, 9), st.sampled_from("ab")), min_size=1, max_size=30))
def test_a_share_lies_between_0_and_1(rows):
    X = pd.DataFrame({"x": [value for value, _ in rows]})
    found = proxy_table(X, pd.DataFrame({"g": [group for _, group in rows]}))
    assert found["share_explained"].between(-1e-9, 1 + 1e-9).all()


@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("ab")), min_size=3, max_size=30))
def test_of_two_groups_the_share_is_the_squared_correlation_with_belonging_to_one(rows):
    value, group = (np.array(column) for column in zip(*rows, strict=True))
    found = shares_explained(pd.DataFrame({"x": value}), pd.DataFrame({"g": group}))["g"].item()
    if len(set(value)) == 1:
        assert np.isnan(found)
    elif len(set(group)) == 1:
        assert found == pytest.approx(0, abs=1e-12)
    else:
        ranks = pd.Series(value).rank()
        assert found == pytest.approx(np.corrcoef(ranks, group == "a")[0, 1] ** 2, abs=1e-12)
