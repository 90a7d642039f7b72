"""What the parts share: nothing is lost between tables, drawings and words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.report.parts.common import (
    KEPT_BACK,
    NOT_MEASURED,
    absent,
    by_characteristic,
    criteria_metrics,
    described,
    drawable,
    folded,
    of_characteristic,
    reference_of,
    wide,
)
from riskmodel.report.tables import Table
from tests.report.made_up_audit import SEXES, gaps_of, rates_of

METRICS = ("precision", "recall")
RATES = pd.concat(
    [rates_of("sex", SEXES, METRICS), rates_of("age_band", ("18-24", "65+"), METRICS)],
    ignore_index=True,
)


def test_a_table_that_is_not_there_says_the_reason_that_the_audit_notes(contents):
    noted = replace(contents.audit, notes=("Score gaps: no trees.", "proxies: no groups."))
    said = absent(replace(contents, audit=noted), "score_gaps", "What parts the scores").text
    assert said == f"What parts the scores. {NOT_MEASURED}: Score gaps: no trees."
    silent = replace(contents.audit, notes=())
    bare = absent(replace(contents, audit=silent), "score_gaps", "What parts the scores").text
    assert bare == f"What parts the scores. {NOT_MEASURED}."


def test_what_is_kept_inside_is_not_said_to_be_unmeasured(contents):
    kept = replace(contents, kept_back=frozenset(["lengths"]))
    assert absent(kept, "lengths", "Other lengths").text == f"Other lengths. {KEPT_BACK}"
    assert NOT_MEASURED in absent(kept, "redrawn", "Lists drawn anew").text


def test_every_row_belongs_to_one_characteristic():
    parts = by_characteristic(RATES)
    assert [name for name, _ in parts] == ["sex", "age_band"]
    pd.testing.assert_frame_equal(pd.concat([rows for _, rows in parts]), RATES)
    for name, rows in parts:
        pd.testing.assert_frame_equal(of_characteristic(RATES, name), rows)


def test_an_empty_table_has_no_characteristic():
    nothing = pd.DataFrame()
    assert by_characteristic(nothing) == []
    assert of_characteristic(nothing, "sex").empty


def test_each_characteristic_folds_on_its_own_under_its_name():
    folds = folded(RATES, lambda rows, name: Table(name, [], [[]] * len(rows)), "Rates by {}")
    assert [fold.label for fold in folds] == ["Rates by sex", "Rates by age band"]
    tables = [fold.folded[0].table for fold in folds]
    assert [(table.caption, len(table.rows)) for table in tables] == [("sex", 6), ("age_band", 4)]


def test_a_wide_table_keeps_every_figure_in_the_order_asked_for():
    rates = of_characteristic(RATES, "sex").iloc[::-1]
    found = wide(rates, ["recall", "auc", "precision"])
    assert list(found) == ["group", "recall", "precision"]
    assert list(found["group"]) == list(SEXES[::-1])
    for _, row in rates.iterrows():
        assert found.set_index("group").loc[row["group"], row["metric"]] == row["value"]


@pytest.mark.parametrize(
    ("whole", "groups", "said"),
    [(False, ["a", "b"], " 1 group is withheld"), (True, ["a"], " 2 groups are withheld")],
)
def test_groups_without_a_figure_are_counted_and_not_drawn(whole, groups, said):
    shares = pd.DataFrame({"group": list("abc"), "x": [1.0, np.nan, np.nan], "y": [0, 0, np.nan]})
    drawn, sentence = drawable(shares, whole=whole)
    assert list(drawn["group"]) == groups
    assert sentence.startswith(said)
    assert drawable(drawn, whole=whole)[1] == ""


def test_who_cannot_see_a_drawing_reads_the_same_figures():
    shares = wide(of_characteristic(RATES, "age_band"), METRICS)
    assert described(shares) == (
        "18-24: precision 20.0%, recall 21.0%. 65+: precision 25.0%, recall 26.0%."
    )


def test_the_group_that_others_are_compared_with_is_named():
    gaps = gaps_of("sex", ("Female", "Other"), METRICS)
    assert reference_of(gaps) == "“Male”"
    assert reference_of(gaps.assign(reference="Everyone")) == "everyone"
    assert reference_of(gaps[:0]) == "the reference group"


def test_a_metric_promised_twice_is_named_once(audit):
    twice = replace(audit.policy, criteria=(*audit.policy.criteria, *audit.policy.criteria))
    names = tuple(criterion.metric for criterion in audit.policy.criteria)
    assert criteria_metrics(replace(audit, policy=twice)) == names
