"""The full model, the fallback, or nobody: row by row, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.scoring.who_answers import (
    FALLBACK,
    LACKING,
    SCORED,
    answer_rows,
    check_missing,
    fallback_table,
    why_lacking,
)
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.passes import RULE_COLUMNS


@pytest.fixture(scope="module")
def rows(trained):
    table = features_at(trained.histories, trained.task, "2022-07-01")
    return table.X.to_numpy()[:40], table.rules.to_numpy()[:40]


@given(where=st.sets(st.integers(0, 39), max_size=12))
def test_only_rows_that_lack_something_go_to_the_fallback(trained, rows, where):
    X, rules = rows
    always = int(np.flatnonzero(trained.model.reference["missing"] == 0)[0])
    cut = X.copy()
    cut[sorted(where), always] = np.nan
    lacks = np.isin(np.arange(len(X)), sorted(where))
    found = answer_rows(trained.model, cut, rules, (), "fallback")
    assert found.status.tolist() == np.where(lacks, FALLBACK, SCORED).tolist()
    full = trained.model.scorer.estimates(X[~lacks])
    np.testing.assert_array_equal(found.numbers["margin"][~lacks], full.margin)
    assert np.isnan(found.numbers["expected_harm"][lacks]).all()
    name = trained.model.feature_names[always]
    assert all((name in text) == lack for text, lack in zip(found.warnings, lacks, strict=True))


def test_without_a_fallback_or_by_choice_nobody_answers(trained, rows):
    X, rules = rows
    refused = answer_rows(trained.model, X, rules, ("birth_date",), "refuse")
    none = answer_rows(replace(trained.model, fallback=None), X, rules, ("birth_date",), "fallback")
    for found in (refused, none):
        assert set(found.status) == {LACKING}
        assert all(np.isnan(column).all() for column in found.numbers.values())
        assert set(found.warnings) == {"birth_date not given, which the model reads of a person"}


def test_the_fallback_reads_its_columns_of_the_rules(trained, rows):
    _, rules = rows
    table = fallback_table(trained.model.fallback, rules)
    names = trained.model.fallback.feature_names
    for place, name in enumerate(names):
        np.testing.assert_array_equal(table[:, place], rules[:, RULE_COLUMNS.index(name)])


def test_words_that_say_nothing_are_refused():
    with pytest.raises(SchemaError, match="fallback, refuse"):
        check_missing("guess")
    assert why_lacking((), ()) == ""
