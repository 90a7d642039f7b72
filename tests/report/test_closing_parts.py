"""Parts 10 to 14: nothing is said to be absent that is withheld, or measured that was not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.report.closing_parts import limits, people_and_list, proxies, stability

WORKED = "Places held by someone worked because of a list"


def facts(part):
    return {
        name: text for block in part.blocks if block.kind == "facts" for name, text in block.rows
    }


def said(part):
    return [block.text for block in part.blocks if block.kind == "note"]


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        ({}, "no log of actions was given"),
        ({"listed_worked": None}, "withheld"),
        ({"listed_worked": 0}, "0"),
        ({"listed_worked": 25}, "25"),
    ],
)
def test_a_withheld_count_of_people_worked_is_not_taken_for_a_missing_log(audit, summary, text):
    assert facts(people_and_list(replace(audit, summary=audit.summary | summary)))[WORKED] == text


def test_a_variant_that_was_not_computed_shows_its_reason_and_no_zero(audit):
    columns = ["variant", "as_of", "k", "kept", "share_kept", "note"]
    done = ("under another edition", pd.Timestamp("2020-01-01"), 60, 48, 0.8, "")
    left = ("under a third edition", pd.NaT, 0, 0, np.nan, "it has no value for 3 of the 5")
    table = pd.DataFrame([done, left], columns=columns)
    part = stability(audit.with_tables(stability=table))
    (grid,) = (block for block in part.blocks if block.kind == "grid")
    assert [[cell.text for cell in row] for row in grid.table.rows] == [
        ["Under another edition", "2020-01-01", "60", "48", "80.0%"]
    ]
    assert facts(part)["Under a third edition"] == "it has no value for 3 of the 5"


def test_age_is_said_to_be_a_feature_whether_or_not_its_part_was_measured(audit):
    plain = replace(audit, model=audit.model | {"age_ablation": None})
    assert "Age is not a feature of this model." in said(proxies(plain))
    age = {"features": [{"name": "age", "sentence": "age in years"}]}
    assert "Age is a feature of this model. What it adds was not recorded." in said(
        proxies(replace(plain, model=plain.model | age))
    )


def test_what_age_adds_is_said_in_words_and_without_exact_counts(audit):
    auc = {"with_age": 0.742, "without_age": 0.74, "difference": 0.002, "low": -0.001,
           "high": 0.004, "n": 11324, "n_people": 11324}  # fmt: skip
    found = facts(
        proxies(
            replace(
                audit,
                model=audit.model
                | {"age_ablation": {"kind": "later date", "features": ["age"], "auc": auc}},
            )
        )
    )
    assert found["AUC"] == (
        "0.742 with age, 0.740 without: a difference of 0.002 (interval −0.001 to 0.004)"
    )
    assert "11324" not in " ".join(found.values())


def test_the_published_page_says_that_secondary_suppression_is_not_done(audit):
    noted = replace(audit, notes=("a column is left out",))
    shown, inside = (said(limits(noted, internal=internal)) for internal in (False, True))
    assert any("Secondary suppression is not yet done" in text for text in shown)
    assert not any("suppression" in text for text in inside)
    assert "A column is left out." in shown
