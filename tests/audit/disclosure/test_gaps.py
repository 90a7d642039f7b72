"""A gap is one of published rates: withheld with either, and its interval moves with it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, MEASURED
from riskmodel.audit.disclosure.gaps import disclose_gaps, overall_rates
from riskmodel.audit.disclosure.group_counts import ALL, key_of
from riskmodel.audit.disclosure.measures import LIST_MEASURES
from riskmodel.audit.disclosure.rates import STEP
from riskmodel.audit.disclosure.rounding import WITHHELD
from tests.audit.disclosure.ledgers import context_with


def rates(step=0.01, **values):
    rows = [{"characteristic": "sex", "metric": "precision", "group": group, "value": value,
             STEP: step} for group, value in values.items()]  # fmt: skip
    return pd.DataFrame(rows)


def gap(group, mine, base, reference="a", width=0.05, **other):
    difference, ratio = mine - base, mine / base
    return {
        "characteristic": "sex", "metric": "precision", "group": group, "reference": reference,
        "status": MEASURED, "reason": "", "difference": difference,
        "difference_low": difference - width, "difference_high": difference + width,
        "difference_se": 0.1, "ratio": ratio, "ratio_low": ratio * 0.81, "ratio_high": ratio * 1.27,
        "log_ratio_se": 0.1, "simultaneous_low": difference - 2 * width,
        "simultaneous_high": difference + 2 * width, "detectable": 0.123,
    } | other  # fmt: skip


def shown(shown_rates, exact_rates, *gaps, overall=None):
    table = pd.DataFrame(gaps).reindex(columns=list(GAP_COLUMNS))
    return disclose_gaps(table, shown_rates, exact_rates, overall)


def test_a_gap_is_withheld_with_either_of_its_rates():
    exact = rates(a=0.5, b=0.03, c=0.24)
    found = shown(rates(a=0.5, b=np.nan, c=0.25), exact, gap("b", 0.03, 0.5), gap("c", 0.24, 0.03,
                                                                                 "b"))  # fmt: skip
    assert found["status"].tolist() == [WITHHELD, WITHHELD]
    assert found["reason"].str.contains("withheld").all()
    numbers = found.drop(columns=["characteristic", "metric", "group", "reference", "status",
                                  "reason"])  # fmt: skip
    assert numbers.isna().all(axis=None)


def test_a_gap_moves_with_its_rates_and_its_interval_with_it():
    exact = rates(a=0.5, c=0.24)
    found = shown(rates(a=0.5, c=0.25), exact, gap("c", 0.24, 0.5)).iloc[0]
    assert found["difference"] == pytest.approx(0.25 - 0.5)
    assert (found["difference_low"], found["difference_high"]) == pytest.approx((-0.30, -0.20))
    assert (found["simultaneous_low"], found["simultaneous_high"]) == pytest.approx((-0.35, -0.15))
    assert found["detectable"] == 0.13
    assert found["ratio"] == 0.5
    # 0.81 and 1.27 of the ratio, outwards to steps of 0.05
    assert (found["ratio_low"], found["ratio_high"]) == pytest.approx((0.4, 0.65))
    assert np.isnan([found["difference_se"], found["log_ratio_se"]]).all()


def test_the_coarser_of_two_rates_says_the_step():
    mixed = pd.concat([rates(a=0.5), rates(0.05, c=0.25)])
    found = shown(mixed, rates(a=0.5, c=0.25), gap("c", 0.25, 0.5, width=0.061)).iloc[0]
    assert (found["difference_low"], found["difference_high"]) == pytest.approx((-0.35, -0.15))
    assert found["detectable"] == 0.15


def test_a_gap_to_everyone_is_one_to_the_published_rate_of_everyone():
    exact, everyone = rates(a=0.51, b=0.24), 75 / 200
    row = gap("b", 0.24, everyone, "Everyone")
    counted = shown(rates(a=0.5, b=0.25), exact, row, overall={"precision": 0.4}).iloc[0]
    assert counted["difference"] == pytest.approx(0.25 - 0.4)
    plain = shown(rates(a=0.5, b=0.25), exact, row).iloc[0]
    assert plain["difference"] == pytest.approx(0.25 - round(everyone, 2))


def test_a_gap_that_was_not_measured_keeps_its_reason():
    row = gap("b", 0.2, 0.5, status="insufficient evidence", reason="few people", difference=np.nan)
    found = shown(rates(a=0.5, b=0.25), rates(a=0.5, b=0.2), row).iloc[0]
    assert (found["status"], found["reason"]) == ("insufficient evidence", "few people")
    assert np.isnan([found["difference"], found["ratio"], found["detectable"]]).all()


@given(mine=st.floats(0.1, 0.9), base=st.floats(0.1, 0.9), width=st.floats(0.01, 0.4),
       moved=st.floats(-0.05, 0.05))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_rounding_makes_no_finding(mine, base, width, moved):
    row = gap("b", mine, base, width=width)
    found = shown(rates(a=base, b=mine + moved), rates(a=base, b=mine), row).iloc[0]
    for name, none in (("difference", 0.0), ("ratio", 1.0)):
        low, high = found[f"{name}_low"], found[f"{name}_high"]
        assert low <= found[name] <= high
        if row[f"{name}_low"] <= none <= row[f"{name}_high"]:
            assert low <= none <= high, name
    assert found["difference_high"] - found["difference_low"] >= 2 * width - 1e-5


def test_the_rate_of_everyone_is_one_of_printed_counts():
    counts = {"listed_outcome": 23, "listed_observed": 99, "outcome": 60, "observed": 301}
    keys = {key_of("list", ALL, ALL, name): value for name, value in counts.items()}
    hidden = key_of("list", ALL, ALL, "outcome")
    found = overall_rates(LIST_MEASURES, "list", context_with(keys, withheld=[hidden]))
    assert found["precision"] == 25 / 100
    assert np.isnan([found["recall"], found["outcome_rate"], found["selection_rate"]]).all()
    assert "share_of_pool" not in found  # of everyone it is 1
