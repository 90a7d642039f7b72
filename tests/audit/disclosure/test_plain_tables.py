"""Tables that are no rates by group: counts as printed, figures that follow from those alone."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure import plain_tables
from riskmodel.audit.disclosure.other_counts import (
    bin_key,
    coverage_key,
    enter_tenths,
    everyone,
    follow_up_keys,
    missing_keys,
)
from tests.audit.disclosure.ledgers import context_with


def same(found, expected):
    np.testing.assert_array_equal(np.asarray(found, dtype=float), np.array(expected, dtype=float))


def test_page_one_is_printed_within_what_stands_within():
    summary = {"k": 33, "entries_listed": 98, "aside": {"events": 6, "of": 9}, "at": ["x"]}
    counts = {everyone("listed"): 98, ("summary", "aside", "events"): 6,
              ("summary", "aside", "of"): 9}  # fmt: skip
    context = context_with(counts, withheld=[("summary", "aside", "events")])
    assert plain_tables.disclose_summary(summary, context) == {
        "k": 33, "entries_listed": 100, "aside": {"events": None, "of": 10}, "at": ["x"],
    }  # fmt: skip


def tenths():
    return pd.DataFrame({
        "bin": [0, 1, 2], "n": [203, 98, 41], "positives": [21, 94, 3],
        "predicted": [0.12345, 0.91, 0.2], "observed": [21 / 203, 94 / 98, 3 / 41],
        "low": [0.06, 0.9, 0.01], "high": [0.15, 0.98, 0.2],
    })  # fmt: skip


def test_a_tenth_is_printed_and_its_rate_follows():
    context, table = context_with({}), tenths().head(2)
    enter_tenths(context.ledger, table)
    first, second = (row for _, row in plain_tables.calibration(table, context).iterrows())
    assert (first["n"], first["positives"], first["observed"]) == (205, 20, 20 / 205)
    assert first["low"] <= first["observed"] <= first["high"]
    assert first["high"] - first["low"] >= 0.09
    assert first["predicted"] == 0.123
    # four of 98 did not go on: neither count nor rate says so
    same(second[["positives", "observed", "low", "high"]], [np.nan] * 4)
    assert (second["n"], second["predicted"]) == (100, 0.91)


def test_a_tenth_of_withheld_size_says_nothing():
    context = context_with({}, withheld=[("tenth", "0", "n"), ("tenth", "2", "positives")])
    enter_tenths(context.ledger, tenths())
    found = plain_tables.calibration(tenths(), context)
    same(found.loc[0, ["n", "positives", "observed", "low", "high", "predicted"]], [np.nan] * 6)
    same(found.loc[2, ["n", "positives", "observed", "low", "high"]], [40] + [np.nan] * 4)


def test_bins_of_a_group_have_two_decimals():
    table = tenths().assign(characteristic="sex", group="f")
    keys = [bin_key(row) for row in table.to_dict("records")]
    counts = {
        (*key, name): row[name]
        for key, (_, row) in zip(keys, table.iterrows(), strict=True)
        for name in ("n", "positives")
    }
    found = plain_tables.group_calibration(table, context_with(counts))
    assert found["predicted"].tolist() == [0.12, 0.91, 0.2]
    assert found["n"].tolist() == [205, 100, 40]


def test_days_of_harm_have_two_figures_and_go_with_their_offences():
    table = pd.DataFrame({"as_of": ["a", "b"], "standing": "on the list", "offences": [22, 5],
                          "victims": [16, 4], "harm": [30_660.0, 5_475.0]})  # fmt: skip
    counts = {coverage_key(row, name): row[name] for row in table.to_dict("records")
              for name in ("offences", "victims")}  # fmt: skip
    hidden = [key for key, value in counts.items() if value < 8]
    found = plain_tables.coverage(table, context_with(counts, withheld=hidden))
    same(found[["offences", "victims", "harm"]], [[20, 15, 31_000], [np.nan] * 3])


def test_the_share_missing_is_of_printed_counts():
    table = pd.DataFrame({"table": "people scored", "characteristic": ["sex", "race"],
                          "n": 102, "missing": [23, 3], "share_missing": 0.5})  # fmt: skip
    counts = {}
    for row in table.to_dict("records"):
        whole, missing = missing_keys(row)
        counts |= {whole: row["n"], missing: row["missing"]}
    hidden = [missing_keys(table.iloc[1].to_dict())[1]]
    found = plain_tables.data_quality(table, context_with(counts, withheld=hidden))
    same(found[["n", "missing", "share_missing"]], [[100, 25, 0.25], [100, np.nan, np.nan]])


def test_shares_of_evidence_are_of_the_records_shown():
    table = pd.DataFrame({
        "evidence": ["arrest", "charge", "caution"], "records_listed": [31, 9, 4],
        "records_scored": [59, 41, 20],
    })  # fmt: skip
    counts = {("evidence", row["evidence"], who): row[f"records_{who}"]
              for row in table.to_dict("records") for who in ("listed", "scored")}  # fmt: skip
    hidden = [("evidence", "caution", "listed")]
    found = plain_tables.evidence(table, context_with(counts, withheld=hidden))
    same(found["share_listed"], [0.75, 0.25, np.nan])
    same(found["share_scored"], [0.5, 1 / 3, 1 / 6])


def test_readings_are_rates_of_printed_counts_and_keep_their_note():
    table = pd.DataFrame({
        "label": ["declared", "charged"], "listed_observed": 118, "listed_later": [28, 3],
        "precision": 0.2, "scored_observed": 1094, "scored_later": [109, 36], "recall": 0.3,
        "note": ["", "few"],
    })  # fmt: skip
    names = {"listed_observed": "listed_observed", "listed_later": "listed_outcome",
             "scored_observed": "observed", "scored_later": "outcome"}  # fmt: skip
    counts = {everyone(key, "label", (row["label"],)): row[name]
              for row in table.to_dict("records") for name, key in names.items()}  # fmt: skip
    hidden = [everyone("listed_outcome", "label", ("charged",))]
    found = plain_tables.label(table, context_with(counts, withheld=hidden))
    assert list(found.columns) == list(table.columns)
    same(found["precision"], [30 / 120, np.nan])
    same(found["recall"], [30 / 110, np.nan])
    assert found["note"].tolist() == ["", "few"]


def test_follow_up_is_counted_and_its_mean_is_in_whole_days():
    table = pd.DataFrame({"what": ["competing event: left", "mean days at risk"],
                          "listed": [3, 681.27], "scored": [22, 704.11]})  # fmt: skip
    listed, scored = follow_up_keys("competing event: left")
    context = context_with({listed: 3, scored: 22}, withheld=[listed])
    found = plain_tables.follow_up(table, context)
    same(found[["listed", "scored"]], [[np.nan, 20], [681, 704]])


@pytest.mark.parametrize(
    ("late", "serious", "shown"),
    [(52, 20, [50, 20]), (52, 4, [50, np.nan]), (52, 48, [50, np.nan]), (5, 0, [np.nan, np.nan])],
)
def test_of_late_records_all_but_a_few_are_a_few(late, serious, shown):
    table = pd.DataFrame({"as_of": ["a"], "happened_before_recorded_after": late,
                          "of_them_serious": serious, "recorded_too_late": 0})  # fmt: skip
    found = plain_tables.between(table).drop(columns="as_of").iloc[0]
    same(found, [*shown, 0])


@pytest.mark.parametrize(("kept", "shown"), [(48, 50), (60, 60), (0, 0), (3, None), (57, None)])
def test_who_stays_on_a_list_of_known_length_says_who_leaves(kept, shown):
    table = pd.DataFrame({"variant": ["v"], "as_of": "a", "k": 60, "kept": kept,
                          "share_kept": kept / 60, "note": ""})  # fmt: skip
    found = plain_tables.stability(table).iloc[0]
    expected = [np.nan, np.nan] if shown is None else [shown, shown / 60]
    same(found[["kept", "share_kept"]], expected)
    assert found["k"] == 60


def test_what_a_feature_says_of_a_characteristic_has_two_decimals():
    table = pd.DataFrame({"characteristic": ["sex"], "feature": "f", "share_explained": 0.12345})
    assert plain_tables.proxies(table)["share_explained"].tolist() == [0.12]
