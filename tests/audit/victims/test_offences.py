"""Each later offence stands once, where its best placed suspect stood: counted by hand."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.victims.offences import (
    LISTED,
    OUTSIDE,
    SCORED,
    STANDINGS,
    UNNAMED,
    coverage_by_date,
    later_offences,
)
from riskmodel.errors import SchemaError


def test_each_offence_counts_once_where_its_best_placed_suspect_stood(found):
    standing = found.under("p2").set_index("incident_id")["standing"]
    # p1 was not listed and p2 was: one listed suspect covers the offence
    assert standing["i1"] == LISTED
    assert standing["i2"] == SCORED
    assert standing["i3"] == OUTSIDE
    assert standing["i4"] == standing["i5"] == UNNAMED
    assert "i6" not in standing.index  # not serious
    assert len(found) == 5


def test_several_lists_are_told_apart(found):
    assert found.covered.sum().to_dict() == {"p2": 1, "nobody": 0, "p2 p3": 2, "p4": 0}
    assert found.under("nobody")["standing"].tolist().count(SCORED) == 2
    assert list(found.only(["p4"]).covered) == ["p4"]
    assert len(found.subset(found.covered["p2 p3"])) == 2


def test_a_list_of_another_length_is_refused(tiny, tiny_rows, task):
    with pytest.raises(SchemaError, match="2 rows given, 4 expected"):
        later_offences(tiny_rows, tiny, task, {"short": [True, False]})


def test_co_accused_do_not_double_the_harm(found):
    assert found.rows.set_index("incident_id")["harm"]["i1"] == 1000
    assert found.rows["harm"].sum() == 5000


def test_every_date_shows_every_standing(found):
    table = coverage_by_date(found.under("p2"))
    assert table["standing"].tolist() == list(STANDINGS)
    assert table["offences"].tolist() == [1, 1, 1, 2]
    assert table["harm"].sum() == 5000


def test_whom_to_resample_is_the_best_placed_suspect_or_the_victim(found):
    cluster = found.rows.set_index("incident_id")["cluster"]
    assert cluster.to_dict() == {
        "i1": "person p2", "i2": "person p3", "i3": "person p9", "i4": "victim v4",
        "i5": "victim v1",
    }  # fmt: skip


def test_a_part_of_the_offences_keeps_rows_and_lists_together(found):
    kept = found.subset(found.rows["standing"] == SCORED)
    assert kept.rows["incident_id"].tolist() == ["i1", "i2"]
    assert kept.covered["p2 p3"].tolist() == [True, True]
    assert kept.under("p2")["standing"].tolist() == [LISTED, SCORED]


def test_nothing_later_leaves_empty_tables(tiny, tiny_rows, task):
    lists = {"everyone": np.ones(len(tiny_rows), dtype=bool)}
    quiet = later_offences(tiny_rows, tiny.before("2015-01-01"), task, lists)
    assert len(quiet) == 0 and list(quiet.covered) == ["everyone"]
    assert coverage_by_date(quiet.under("everyone")).empty


def test_a_list_of_everyone_covers_all_that_names_one_of_the_cohort(tiny, tiny_rows, task):
    lists = {"everyone": np.ones(len(tiny_rows), dtype=bool)}
    every = later_offences(tiny_rows, tiny, task, lists)
    standing = every.under("everyone")["standing"]
    assert standing.value_counts().to_dict() == {LISTED: 2, UNNAMED: 2, OUTSIDE: 1}
    pd.testing.assert_series_equal(
        every.covered["everyone"], every.rows["standing"] == SCORED, check_names=False
    )
