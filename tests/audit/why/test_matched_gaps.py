"""A gap that the records explain goes away among people alike in them; another one stays."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.why.matched_gaps import (
    MATCHED_GAP_COLUMNS,
    RECORD_EDGES,
    matched_gap_table,
    record_strata,
)
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import divide
from riskmodel.statistics.bootstrap import person_weights

METRICS = ["selection_rate", "mean_probability", "outcome_rate"]


def people(seed=0, n=4000, extra=0.0):
    """Group b has more records; what follows depends on records alone, and on `extra` for b."""
    rng = np.random.default_rng(seed)
    b = rng.random(n) < 0.3
    strata = np.minimum(rng.poisson(np.where(b, 2.0, 1.0)), 5)
    chance = 0.1 * strata + extra * b
    rows = {"listed": strata >= 3, "probability": chance, "y": rng.random(n) < chance}
    return strata, pd.DataFrame({"sex": np.where(b, "b", "a")}), rows


def test_a_score_that_is_a_function_of_the_records_leaves_no_gap():
    strata, columns, rows = people()
    table = matched_gap_table(strata, columns, **rows, person=range(4000)).set_index("metric")
    assert table.index.tolist() == METRICS
    for metric in METRICS[:2]:
        assert table.loc[metric, "gap"] > 0.05
        assert table.loc[metric, "matched_gap"] == pytest.approx(0.0, abs=1e-12)
    outcome = table.loc["outcome_rate"]
    assert outcome["low"] < 0 < outcome["high"] < outcome["gap"]


def test_a_planted_extra_is_what_remains():
    strata, columns, rows = people(extra=0.15)
    table = matched_gap_table(strata, columns, **rows, person=range(4000)).set_index("metric")
    assert table.loc["mean_probability", "matched_gap"] == pytest.approx(0.15)
    assert table.loc["outcome_rate", "low"] < 0.15 < table.loc["outcome_rate", "high"]


def test_the_interval_is_that_of_resampling_people():
    strata, columns, rows = people(n=1500)
    person = np.arange(1500) // 3  # three rows each
    table = matched_gap_table(strata, columns, **rows, person=person).set_index("metric")
    b, y = (columns["sex"] == "b").to_numpy(), rows["y"].astype(float)
    cells = np.equal.outer(np.arange(6), strata)
    gaps = []
    for block in person_weights(person, 600):
        for weight in block:
            of_b, of_a = ((cells * (weight * mask)).sum(axis=1) for mask in (b, ~b))
            hits_b, hits_a = ((cells * (weight * mask * y)).sum(axis=1) for mask in (b, ~b))
            apart = divide(hits_b, of_b) - divide(hits_a, of_a)
            known = ~np.isnan(apart)
            gaps.append((apart[known] * of_b[known]).sum() / of_b[known].sum())
    width = table.loc["outcome_rate", "high"] - table.loc["outcome_rate", "low"]
    assert width == pytest.approx(2 * 1.96 * np.std(gaps), rel=0.12)


def test_those_who_have_nobody_to_be_compared_with_are_counted_and_left_out():
    columns = pd.DataFrame({"sex": ["a"] * 60 + ["b"] * 40})
    strata = np.array([0] * 60 + [0] * 25 + [1] * 15)
    y = np.array([0.0] * 60 + [0.0] * 25 + [1.0] * 15)
    table = matched_gap_table(
        strata, columns, listed=y, probability=y, y=y, person=range(100)
    ).set_index("metric")
    assert table["people"].tolist() == [40] * 3 and table["matched_people"].tolist() == [25] * 3
    assert table["gap"].tolist() == pytest.approx([15 / 40] * 3)
    assert table["matched_gap"].tolist() == [0.0] * 3


def test_nobody_of_few_people_listed_is_no_certainty():
    columns = pd.DataFrame({"sex": ["a"] * 200 + ["b"] * 10})
    nobody = np.zeros(210)
    row = matched_gap_table(
        nobody.astype(int), columns, listed=nobody, probability=nobody, y=nobody, person=range(210)
    ).iloc[0]
    assert row["matched_gap"] == 0 and row["high"] > 0.05


def test_small_groups_and_unknown_outcomes_have_no_numbers():
    columns = pd.DataFrame({"sex": ["a"] * 40 + ["b"] * 20 + ["c"] * 7})
    zeros = np.zeros(67)
    y = np.where(np.arange(67) < 45, 0.0, np.nan)  # 5 of b are known
    table = matched_gap_table(
        zeros.astype(int), columns, listed=zeros, probability=zeros, y=y, person=range(67)
    ).set_index(["group", "metric"])
    shown = table["matched_gap"].notna()
    assert shown["b"].tolist() == [True, True, False] and not shown["c"].any()
    assert table.loc[("b", "outcome_rate"), "people"] == 5


def test_no_records_no_table():
    columns = pd.DataFrame({"sex": ["a", "b"]})
    table = matched_gap_table(
        None, columns, listed=[0, 1], probability=[0, 1], y=[0, 1], person=[0, 1]
    )
    assert table.empty and tuple(table.columns) == MATCHED_GAP_COLUMNS


def test_strata_are_of_records_and_dates(tiny_rows):
    strata = record_strata(tiny_rows)
    rules = tiny_rows.rules
    same = rules["incidents_1y"] == 1
    assert len(np.unique(strata[same])) == 1
    assert len(np.unique(strata)) == rules["incidents_1y"].nunique()
    later = pd.concat([rules, rules], ignore_index=True)
    twice = Snapshots.from_table(
        pd.DataFrame({"x": np.zeros(len(later))}), np.zeros(len(later)),
        person_id=[f"p{i}" for i in range(len(later))],
        as_of=["2015-01-01"] * len(rules) + ["2016-01-01"] * len(rules),
    )  # fmt: skip
    assert record_strata(twice) is None
    object.__setattr__(twice, "rules", later)
    assert len(np.unique(record_strata(twice))) == 2 * len(np.unique(strata))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.booleans(), st.floats(0, 1)),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_a_gap_lies_between_minus_1_and_1_inside_its_interval(rows):
    strata, groups, listed, chance = (np.array(part) for part in zip(*rows, strict=True))
    table = matched_gap_table(
        strata, pd.DataFrame({"g": groups}), listed=listed, probability=chance, y=listed,
        person=range(len(rows)),
    )  # fmt: skip
    assert (table["matched_people"] <= table["people"]).all()
    known = table.dropna(subset="matched_gap")
    assert known["matched_gap"].between(-1 - 1e-12, 1 + 1e-12).all()
    assert (known["low"] <= known["matched_gap"]).all()
    assert (known["matched_gap"] <= known["high"]).all()


def test_what_is_matched_is_among_the_rules(tiny_rows):
    assert set(RECORD_EDGES) <= set(tiny_rows.rules.columns)
