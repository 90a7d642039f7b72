"""Each table leaves by its rule or never, and nothing leaves beside the rules."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure.rates import STEP
from riskmodel.audit.disclosure.rules import NEVER, RULES, published_tables
from riskmodel.audit.result import TABLES


@pytest.fixture(scope="module")
def tables(context):
    return published_tables(context)


def in_place(context, **tables):
    return published_tables(replace(context, audit=context.audit.with_tables(**tables), made={}))


def test_every_table_has_a_rule_or_never_leaves():
    assert set(RULES) | set(NEVER) == set(TABLES)
    assert not set(RULES) & set(NEVER)


def test_no_figure_of_another_list_leaves(audited, tables):
    assert len(audited.lengths)
    assert len(audited.gate_gaps)
    assert not set(NEVER) & set(tables)


def test_every_other_table_that_was_measured_leaves(audited, tables):
    measured = {name for name, table in audited.measured.items() if len(table)}
    assert set(tables) == measured - set(NEVER)


def test_a_table_of_no_rows_keeps_its_columns(context, tables):
    empty = context.audit.stability.iloc[:0]
    found = in_place(context, stability=empty, coverage=pd.DataFrame())
    assert list(found["stability"].columns) == list(empty.columns)
    assert "coverage" not in found


def test_a_column_without_a_rule_stays_inside(context):
    tables = {
        name: table.assign(exact_people=7.0)
        for name, table in context.audit.measured.items()
        if len(table.columns)
    }
    for name, table in in_place(context, **tables).items():
        assert not {"exact_people", STEP} & set(table.columns), name


def test_a_metric_without_a_rule_stays_inside(context):
    rows = context.audit.listed.head(2).assign(metric="new_metric", numerator=3.0)
    listed = pd.concat([context.audit.listed, rows], ignore_index=True)
    assert "new_metric" not in set(in_place(context, listed=listed)["listed"]["metric"])


@pytest.mark.parametrize(
    ("gaps", "rates"),
    [("gaps", "listed"), ("victim_gaps", "victims"), ("suspect_gaps", "suspects")],
)
def test_gaps_are_between_the_rates_of_their_own_table(tables, gaps, rates):
    value = tables[rates].set_index(["characteristic", "metric", "group"])["value"]
    sides = [
        value.reindex(pd.MultiIndex.from_frame(tables[gaps][["characteristic", "metric", side]]))
        for side in ("group", "reference")
    ]
    exact = sides[0].to_numpy() - sides[1].to_numpy()
    measured = tables[gaps]["difference"].notna()
    assert measured.any()
    np.testing.assert_allclose(tables[gaps]["difference"][measured], exact[measured], atol=1e-6)
