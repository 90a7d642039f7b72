"""Pass and fail both need evidence; anything between is neither."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.gaps import GAP_COLUMNS, INSUFFICIENT, MEASURED
from riskmodel.audit.policy import Criterion, Policy
from riskmodel.audit.verdicts import FAIL, PASS, judge, overall, trivial_list


def policy(**changes):
    criterion = Criterion(**({"metric": "precision", "tolerance": 0.1} | changes))
    return Policy(name="test", use="prioritise", criteria=(criterion,))


def gaps(*differences, error=0.01, characteristic="sex", metric="precision"):
    """Measured gaps with normal intervals; the ratio is to a rate of one half."""
    rows = []
    for i, difference in enumerate(differences):
        ratio = 1 + 2 * difference
        rows.append(
            {
                "characteristic": characteristic, "group": f"g{i}", "reference": "ref",
                "metric": metric, "status": MEASURED, "reason": "",
                "difference": difference, "difference_low": difference - 1.96 * error,
                "difference_high": difference + 1.96 * error, "difference_se": error,
                "ratio": ratio, "ratio_low": ratio - 4 * error, "ratio_high": ratio + 4 * error,
                "log_ratio_se": 2 * error / ratio,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(GAP_COLUMNS))


@pytest.mark.parametrize(
    ("differences", "error", "expected"),
    [
        ([0.0, 0.02], 0.01, PASS),
        ([0.3], 0.01, FAIL),
        ([-0.3], 0.01, FAIL),
        ([0.0, -0.3], 0.01, FAIL),
        ([0.1], 0.01, INSUFFICIENT),
        ([0.3], 0.2, INSUFFICIENT),
        ([0.0], 0.2, INSUFFICIENT),
    ],
)
def test_the_verdict_reads_the_interval_and_not_the_point(differences, error, expected):
    (verdict,) = judge(policy(), gaps(*differences, error=error))
    assert verdict.verdict == expected
    assert verdict.compared == len(differences)


def test_the_widest_failing_gap_is_the_one_shown():
    (verdict,) = judge(policy(), gaps(0.2, -0.4, 0.0))
    assert (verdict.group, verdict.gap) == ("g1", -0.4)


def test_ratios_are_judged_on_their_own_scale():
    criterion = policy(scale="ratio", tolerance=0.2)
    assert judge(criterion, gaps(0.02))[0].verdict == PASS
    found = judge(criterion, gaps(0.4))[0]
    assert found.verdict == FAIL
    assert found.gap == pytest.approx(1.8)


def test_one_gap_among_many_that_only_just_lies_outside_does_not_fail_the_model():
    alone = gaps(0.1 + 0.01 * 2.2)
    assert judge(policy(), alone)[0].verdict == FAIL
    (among,) = judge(policy(), gaps(*([0.0] * 30), 0.1 + 0.01 * 2.2))
    assert among.verdict == INSUFFICIENT
    assert among.reason == (
        "in 1 of 31 comparisons it lies outside, which may be chance among so many"
    )


@pytest.mark.parametrize(
    ("differences", "reason"),
    [
        ([0.0], "in the one comparison the gap lies wholly inside"),
        ([0.0, 0.01], "in all 2 comparisons the gap lies wholly inside"),
        ([0.1, 0.0, 0.0], "in 1 of 3 comparisons the interval reaches across the edge"),
        ([0.4, 0.0], "in 1 of 2 comparisons the gap lies wholly outside"),
    ],
)
def test_the_reason_says_how_many_comparisons_it_speaks_of(differences, reason):
    assert judge(policy(), gaps(*differences))[0].reason == reason


def test_false_alarms_over_many_groups_stay_near_the_level():
    rng = np.random.default_rng(0)
    failed = 0
    for _ in range(200):
        noisy = gaps(*(0.1 + 0.02 * rng.normal(size=20)), error=0.02)
        failed += judge(policy(), noisy)[0].verdict == FAIL
    assert failed <= 14  # 2.5 % of 200 is 5; more than 14 has a chance of 1 in 2,000


def test_groups_that_could_not_be_compared_are_counted_and_do_not_decide():
    table = gaps(0.0, 0.0)
    table.loc[1, "status"] = INSUFFICIENT
    table.loc[1, "difference"] = np.nan
    (verdict,) = judge(policy(), table)
    assert (verdict.verdict, verdict.compared, verdict.not_compared) == (PASS, 1, 1)
    table["status"] = INSUFFICIENT
    assert judge(policy(), table)[0].verdict == INSUFFICIENT


def test_a_characteristic_that_was_not_measured_is_not_passed():
    criterion = policy(characteristics=["ethnicity"])
    (verdict,) = judge(criterion, gaps(0.0, characteristic="sex"))
    assert verdict.verdict == INSUFFICIENT
    assert verdict.characteristic == "ethnicity"
    assert judge(policy(metric="coverage"), gaps(0.0))[0].verdict == INSUFFICIENT


def test_a_trivial_list_fails_whatever_its_gaps():
    (verdict,) = judge(policy(), gaps(0.0), trivial="nobody is listed")
    assert verdict.verdict == FAIL
    assert "nobody is listed" in verdict.reason


@pytest.mark.parametrize(
    ("listed", "margin", "reason"),
    [
        ([0, 0, 0, 0], [1, 2, 1, 2], "nobody"),
        ([1, 1, 1, 1], [1, 2, 1, 2], "everybody is"),
        ([1, 0, 1, 0], [1, 1, 2, 2], "the same score"),
    ],
)
def test_lists_that_are_no_lists(listed, margin, reason):
    assert reason in trivial_list(listed, margin, [0, 0, 1, 1])


def test_an_honest_list_is_not_trivial():
    assert trivial_list([1, 0], [2.0, 1.0], [0, 0]) == ""


def test_the_whole_fails_with_one_and_passes_with_all():
    good, bad = judge(policy(), gaps(0.0))[0], judge(policy(), gaps(0.5))[0]
    unsure = judge(policy(), gaps(0.1))[0]
    assert overall([good, good]) == PASS
    assert overall([good, unsure]) == INSUFFICIENT
    assert overall([good, unsure, bad]) == FAIL
