"""Other lists of the same people leave as rates of counts in fives, and never as counts."""

import numpy as np
import pandas as pd

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.alternatives.frontier import FRONTIER_COLUMNS
from riskmodel.audit.disclosure import published_alternatives


def frontier(group_hits):
    rows = [
        {"name": "chosen", "kind": "chosen", "chosen": True, "settings": "", "precision": 92 / 398,
         "gap": 0.1, "numerator": 92, "denominator": 398, "group_numerator": 31,
         "group_denominator": 122, "reference_numerator": 61, "reference_denominator": 276},
        {"name": "other", "kind": "search", "chosen": False, "settings": "depth 3",
         "precision": 88 / 398, "gap": 0.05, "numerator": 88, "denominator": 398,
         "group_numerator": group_hits, "group_denominator": 118, "reference_numerator": 57,
         "reference_denominator": 280},
    ]  # fmt: skip
    common = {
        "metric": "precision", "characteristic": "sex", "group": "f", "reference": "m",
        "not_worse": True, "on_frontier": True, "reads_group": "", "legal_note": "", "note": "",
    }  # fmt: skip
    table = pd.DataFrame([row | common for row in rows])
    for name in ("precision", "gap"):
        table[f"{name}_low"] = table[name] - 0.03
        table[f"{name}_high"] = table[name] + 0.03
        table[f"{name}_difference"] = table[name] - table[name].iloc[0]
        table[f"{name}_difference_low"] = table[f"{name}_difference"] - 0.02
        table[f"{name}_difference_high"] = table[f"{name}_difference"] + 0.02
    return table[list(FRONTIER_COLUMNS)].assign(exact=7)


def test_rates_are_of_counts_in_fives_and_no_count_leaves():
    found = published_alternatives(Alternatives(frontier=frontier(29))).frontier
    assert not [name for name in found if name.endswith("ator") or name == "exact"]
    assert found["precision"].tolist() == np.round([90 / 400, 90 / 400], 2).tolist()
    assert found["gap"].tolist() == np.round([30 / 120 - 60 / 275, 30 / 120 - 55 / 280], 2).tolist()
    for name in ("precision", "gap", "precision_difference", "gap_difference"):
        assert (found[f"{name}_low"] <= found[name]).all()
        assert (found[f"{name}_high"] >= found[name]).all()


def test_a_gap_on_a_small_count_is_withheld_and_the_precision_is_not():
    found = published_alternatives(Alternatives(frontier=frontier(5))).frontier.iloc[1]
    assert np.isnan(found[["gap", "gap_low", "gap_difference"]].astype(float)).all()
    assert found["precision"] == 0.22 or found["precision"] == 0.23


def test_nothing_stays_nothing():
    empty = Alternatives(frontier=pd.DataFrame(columns=list(FRONTIER_COLUMNS)))
    assert published_alternatives(empty).frontier.empty
