"""A group that features tell is told, another is not, and people are held out whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.why import proxy_models
from riskmodel.audit.why.proxy_models import PROXY_MODEL_COLUMNS, auc_interval, proxy_model_table
from riskmodel.statistics.discrimination import auc


def made(n=3000, told=1.5, seed=0):
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    X = pd.DataFrame(rng.normal(size=(n, 12)), columns=[f"noise{i}" for i in range(12)])
    X["proxy"] = rng.normal(size=n) + told * (group == "b")
    return X, pd.DataFrame({"trait": group, "trait x sex": group})


def test_the_planted_proxy_is_found_at_its_own_auc():
    X, columns = made()
    table = proxy_model_table(X, columns, person=range(len(X))).set_index("group")
    b = columns["trait"] == "b"
    truth = auc(b.astype(float), X["proxy"])  # nothing else tells
    assert table.loc["b", "auc_low"] < truth < table.loc["b", "auc_high"] + 0.02
    assert table.loc["b", "top_features"].split(", ")[0] == "proxy"
    assert table["n"].sum() == len(X)


def test_an_interaction_is_seen():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(4000, 2)), columns=["one", "other"])
    same_sign = np.where((X["one"] > 0) == (X["other"] > 0), "same", "apart")
    table = proxy_model_table(X, pd.DataFrame({"t": same_sign}), person=range(4000))
    assert (table["auc"] > 0.9).all()


def test_nothing_is_told_by_noise():
    X, columns = made(told=0.0)
    table = proxy_model_table(X, columns, person=range(len(X)))
    assert tuple(table.columns) == PROXY_MODEL_COLUMNS
    assert table["characteristic"].unique().tolist() == ["trait"]
    assert table["auc"].between(0.42, 0.58).all()


def test_a_person_in_many_rows_is_not_learnt_by_heart():
    rng = np.random.default_rng(2)
    person = np.repeat(np.arange(300), 10)
    X = pd.DataFrame({"fingerprint": rng.normal(size=300)[person]})  # tells who, not which group
    group = pd.DataFrame({"g": np.where(rng.random(300) < 0.5, "a", "b")[person]})
    table = proxy_model_table(X, group, person=person)
    assert table["n"].sum() == 300
    assert table["auc"].between(0.35, 0.65).all()


def test_small_groups_are_withheld():
    X, columns = made(n=200)
    columns.loc[:5, "trait"] = "few"
    row = proxy_model_table(X, columns, person=range(200)).set_index("group").loc["few"]
    assert row["withheld"] and np.isnan(row["auc"]) and row["top_features"] == ""


def test_the_one_group_there_is_cannot_be_told_from_others():
    X, _ = made(n=100)
    table = proxy_model_table(X, pd.DataFrame({"g": ["a"] * 100}), person=range(100))
    assert table["withheld"].all()


def test_the_same_seed_gives_the_same_bits_and_rows_are_capped(monkeypatch):
    monkeypatch.setattr(proxy_models, "MOST_PEOPLE", 500)
    X, columns = made()
    first, again = (proxy_model_table(X, columns, person=range(len(X))) for _ in range(2))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert first["n"].sum() == 500


def test_the_interval_holds_the_true_auc():
    rng = np.random.default_rng(3)
    y = np.arange(120) < 40
    held = [
        low <= 0.7602 <= high  # P(N(1, 1) > N(0, 1))
        for _, low, high in (auc_interval(y, rng.normal(size=120) + y) for _ in range(300))
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_one_score_for_everybody_is_not_known_to_the_last_digit():
    widths = []
    for n in (10, 1000):
        value, low, high = auc_interval([True, False] * n, [0.3] * (2 * n))
        assert value == 0.5 and low < 0.5 < high
        widths.append(high - low)
    assert 0.4 < widths[0] < 1 and widths[1] < 0.1


@given(
    st.lists(st.tuples(st.booleans(), st.floats(-5, 5)), min_size=4, max_size=40).filter(
        lambda rows: 2 <= sum(y for y, _ in rows) <= len(rows) - 2
    )
)
def test_an_interval_lies_in_0_to_1_around_the_auc(rows):
    y, scores = (np.array(part) for part in zip(*rows, strict=True))
    value, low, high = auc_interval(y, scores)
    assert value == pytest.approx(auc(y.astype(float), scores))
    assert 0 <= low <= value <= high <= 1 and low < high
