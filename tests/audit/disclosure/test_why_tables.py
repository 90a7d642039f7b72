"""Why there are gaps: figures of groups that are shown, beside rates and gaps as published."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure import why_tables
from riskmodel.audit.disclosure.audit_counts import people_key
from riskmodel.audit.disclosure.group_counts import key_of
from riskmodel.audit.disclosure.rates import STEP
from riskmodel.audit.disclosure.rounding import WITHHELD
from tests.audit.disclosure.ledgers import context_with


def pool(*, withheld=(), **people):
    """A context that knows how many people each group has."""
    key = {group: key_of("list", "sex", group, "people") for group in people}
    counts = {key[group]: n for group, n in people.items()}
    return context_with(counts, withheld=[key[group] for group in withheld])


def score_gaps(**columns):
    return pd.DataFrame({
        "characteristic": "sex", "group": ["f"], "reference": "m", "feature": "count_1y",
        "mean_group": 0.12345, "mean_reference": 0.02345, "contribution": 0.1, "share": 0.61,
        "value_group": 2.3456, "value_reference": 1.2345, "gap": 0.16345, "gap_low": -0.02,
        "gap_high": 0.3, "people": 90,
    } | columns)  # fmt: skip


FIGURES = ["mean_group", "mean_reference", "contribution", "share", "gap", "gap_low", "gap_high"]


def test_mean_scores_have_two_decimals_and_shares_follow_from_them():
    found = why_tables.score_gaps(score_gaps(), pool(f=120, m=400)).iloc[0]
    assert found[["mean_group", "mean_reference", "gap"]].tolist() == [0.12, 0.02, 0.16]
    assert found["share"] == round(0.1 / 0.16, 2)
    assert found["gap_low"] <= 0 <= found["gap_high"]
    assert found["gap_high"] - found["gap_low"] >= 0.32
    assert "people" not in found  # an exact count
    assert (found["value_group"], found["value_reference"]) == (2.3, 1.2)


@pytest.mark.parametrize("side", ["f", "m"])
def test_of_a_group_of_withheld_size_no_mean_is_given(side):
    found = why_tables.score_gaps(score_gaps(), pool(f=120, m=400, withheld=[side])).iloc[0]
    assert found[[*FIGURES, "value_group", "value_reference"]].isna().all()


def test_means_of_features_are_of_a_hundred_or_more():
    """To a decimal, a mean of few people is a sum of whole numbers."""
    found = why_tables.score_gaps(score_gaps(), pool(f=90, m=400)).iloc[0]
    assert found[FIGURES].notna().all()
    assert np.isnan(found["value_group"])
    assert found["value_reference"] == 1.2
    small_reference = why_tables.score_gaps(score_gaps(), pool(f=400, m=90)).iloc[0]
    assert small_reference["value_group"] == 2.3
    assert np.isnan(small_reference["value_reference"])


def test_everyone_is_a_reference_of_any_size_and_an_unknown_group_is_none():
    whole = score_gaps(reference="Everyone")
    assert why_tables.score_gaps(whole, pool(f=120)).iloc[0]["value_reference"] == 1.2
    unknown = why_tables.score_gaps(score_gaps(), pool(m=400)).iloc[0]
    assert unknown[FIGURES].isna().all()


def test_a_real_audit_gives_no_mean_of_a_withheld_group(context):
    found = why_tables.score_gaps(context.audit.score_gaps, context)
    size = [
        context.printed(key_of("list", row["characteristic"], row["group"], "people"))
        for row in found.to_dict("records")
    ]
    assert np.isnan(size).any()
    assert found.loc[np.isnan(size), FIGURES].isna().all(axis=None)
    assert found.loc[np.array(size) < 100, "value_group"].isna().all()


def rates(**values):
    return pd.DataFrame(
        [
            {"characteristic": "sex", "metric": "precision", "group": group, "value": value,
             "low": value - 0.1, "high": value + 0.1, STEP: 0.01}
            for group, value in values.items()
        ]
    )  # fmt: skip


def test_a_list_drawn_anew_is_beside_the_published_rate():
    table = pd.DataFrame({
        "characteristic": "sex", "group": ["f", "m", "x"], "metric": "precision", "value": 0.232,
        "low": 0.2, "high": 0.27, "redrawn_low": 0.18, "redrawn_high": 0.29,
    })  # fmt: skip
    found = why_tables.redrawn(table, rates(f=0.25, m=np.nan)).set_index("group")
    numbers = ["value", "low", "high", "redrawn_low", "redrawn_high"]
    # 0.052 below and 0.058 above, in steps of 0.01
    np.testing.assert_allclose(
        found.loc["f", numbers].astype(float), [0.25, 0.15, 0.35, 0.19, 0.31], atol=1e-9
    )
    assert found.loc[["m", "x"], numbers].isna().all(axis=None)


def counted(withheld=False):
    rows = [("f", 10, 100), ("m", 30, 100), ("Not recorded", 5, 20)]
    table = pd.DataFrame(rows, columns=["group", "numerator", "denominator"], dtype=object)
    table[["numerator", "denominator"]] = table[["numerator", "denominator"]].astype(float)
    if withheld:
        table.loc[2, "numerator"] = np.nan
    return table.assign(characteristic="sex", metric="coverage")


def gap_rows(**columns):
    return pd.DataFrame({"characteristic": ["sex"], "group": "f", "reference": "m",
                         "metric": "coverage", "status": "measured", "difference": -0.2,
                         **columns})  # fmt: skip


def test_bounds_are_those_that_the_published_counts_give():
    asked = gap_rows(low_bound=-0.9, high_bound=0.9, share_not_recorded=0.123)
    found = why_tables.bounds_of_victims(asked, counted(), gap_rows()).iloc[0]
    # f: 10 to 15 of 100 + 15 or 5 more; m likewise
    assert found["low_bound"] == round(10 / 115 - 35 / 105, 4)
    assert found["high_bound"] == round(15 / 105 - 30 / 115, 4)
    assert found["share_not_recorded"] == round(20 / 220, 4)
    for counts, gaps in (
        (counted(withheld=True), gap_rows()),
        (counted(), gap_rows(difference=np.nan)),
        (counted().iloc[:0], gap_rows()),
    ):
        found = why_tables.bounds_of_victims(asked, counts, gaps)
        numbers = found[["difference", "low_bound", "high_bound", "share_not_recorded"]]
        assert len(found) == 1
        assert numbers.isna().all(axis=None)


def matched(**columns):
    return pd.DataFrame({
        "characteristic": ["sex"], "group": "f", "reference": "m", "metric": "precision",
        "people": 133, "matched_people": 111, "gap": -0.22, "matched_gap": -0.1234, "low": -0.2,
        "high": 0.01, **columns,
    })  # fmt: skip


def matched_context(table, withheld=()):
    row = table.iloc[0].to_dict()
    whole, part, others = (
        people_key("matched", row, name) for name in ("people", "matched_people", "others")
    )
    counts = {whole: row["people"], part: row["matched_people"]}
    context = context_with(counts, withheld=[people_key("matched", row, name) for name in withheld])
    context.ledger.rest(whole, part, others)
    return context


PUBLISHED = pd.DataFrame({"characteristic": ["sex"], "group": "f", "reference": "m",
                          "metric": "precision", "difference": -0.25})  # fmt: skip


def test_a_matched_gap_is_beside_the_published_one_in_steps():
    found = why_tables.matched_gaps(matched(), PUBLISHED, matched_context(matched())).iloc[0]
    assert (found["people"], found["matched_people"]) == (135, 110)
    assert (found["gap"], found["matched_gap"]) == (-0.25, -0.12)
    assert found["low"] <= found["matched_gap"] <= 0 <= found["high"]
    few = matched(people=90, matched_people=60)
    coarse = why_tables.matched_gaps(few, PUBLISHED, matched_context(few)).iloc[0]
    assert coarse["matched_gap"] == -0.1
    nothing = why_tables.matched_gaps(matched(), PUBLISHED.iloc[:0], matched_context(matched()))
    assert nothing["gap"].isna().all()


@pytest.mark.parametrize(
    ("table", "withheld"),
    [
        (matched(), ["people"]),
        (matched(), ["matched_people"]),
        (matched(matched_people=130), []),  # three have nobody alike
    ],
)
def test_a_matched_gap_is_withheld_with_its_people_and_those_left_out(table, withheld):
    found = why_tables.matched_gaps(table, PUBLISHED, matched_context(table, withheld)).iloc[0]
    assert found[["gap", "matched_gap", "low", "high"]].isna().all()


def test_how_well_features_tell_a_group_has_two_decimals_where_its_people_are_shown():
    table = pd.DataFrame({
        "characteristic": "sex", "group": ["f", "m", "x"], "n": [120, 60, 40], "auc": 0.6789,
        "auc_low": 0.61, "auc_high": 0.99, "top_features": "count_1y", "withheld": False,
    })  # fmt: skip
    keys = [people_key("proxy", row, "n") for row in table.to_dict("records")]
    context = context_with(dict(zip(keys, table["n"], strict=True)), withheld=keys[2:])
    found = why_tables.proxy_models(table, context).set_index("group")
    assert found["auc"].tolist()[:2] == [0.68, 0.68]
    assert found["auc_low"].tolist()[:2] == [0.61, 0.58]  # steps of 0.01, and of 0.05
    assert (found["auc_high"].dropna() <= 1).all()
    assert found.loc["x", ["n", "auc", "auc_low", "auc_high"]].isna().all()
    assert found["top_features"].tolist() == ["count_1y", "count_1y", ""]
    assert found["withheld"].tolist() == [False, False, True]


class Gate:
    """Shows the gaps of f, and of no other group."""

    def may_show(self, characteristic, metric, group, reference):
        assert (characteristic, metric, reference) == ("sex", "precision", "m")
        return group == "f"


def test_the_factor_that_turns_a_verdict_is_withheld_where_its_gap_is():
    table = pd.DataFrame({
        "characteristic": "sex", "group": ["f", "x"], "reference": "m", "metric": "precision",
        "scale": "difference", "verdict": ["pass", "fail"], "factor": 0.207678,
        "direction": "less often", "assumption": "alike", "overturns": True, "note": "",
    })  # fmt: skip
    found = why_tables.recording(table, Gate()).set_index("group")
    assert found.loc["f", "factor"] == 0.21
    assert np.isnan(found.loc["x", "factor"])
    assert found["direction"].tolist() == ["less often", ""]
    assert found["note"].tolist() == ["", WITHHELD]
    assert found["verdict"].tolist() == ["pass", "fail"]
    assert not {"scale", "overturns"} & set(found.columns)
