"""The model beside the rules: figures of the list apart from figures of the estimates."""

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.report.accuracy_tables import accuracy_tables, leading_sentence


def test_figures_of_the_list_and_of_the_estimates_stand_apart_and_are_explained(audit):
    of_list, of_estimates = accuracy_tables(audit.accuracy.table, audit.summary["k"])
    assert "Precision at 60" in of_list.headings
    assert "AUC" not in of_list.headings
    assert of_estimates.headings[1] == "AUC"
    for table in (of_list, of_estimates):
        first = [heading.split(" at ")[0].split(",")[0] for heading in table.headings[1:]]
        assert all(name.lower().split(" of ")[0] in table.caption.lower() for name in first)


def test_what_is_withheld_is_not_called_undefined(shown):
    table = shown.audit.accuracy.table
    row = (table["metric"] == "precision") & (table["model"] == "model")
    hidden = table.assign(
        value=table["value"].mask(row), note=np.where(row, "withheld", table["note"])
    )
    of_list = accuracy_tables(hidden, shown.audit.summary["k"])[0]
    place = list(of_list.headings).index("Precision at 60")
    assert of_list.rows[0][place].text == "withheld"


def test_the_paired_difference_to_the_rule_in_use_is_said(audit):
    line = audit.accuracy.row("mean_captured", "model")
    sentence = leading_sentence(audit.accuracy)
    assert f"{abs(round(100 * line['difference']))} pts" in sentence
    assert "V100-style" in sentence
    bare = audit.accuracy.table.assign(difference=np.nan)
    assert leading_sentence(replace(audit.accuracy, table=bare)) == ""


def test_the_list_of_the_accuracy_table_is_the_list_that_is_audited(audit):
    line = audit.accuracy.row("precision", "model", audit.summary["k"])
    listed = audit.summary["listed_later_serious"] / audit.summary["listed_observed"]
    assert line["value"] == pytest.approx(listed)
