"""Pass and fail both need evidence; anything between is neither."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, INSUFFICIENT, MEASURED
from riskmodel.audit.policies.criteria import Criterion
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import FAIL, PASS, judge, overall, trivial_list


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


@pytest.mark.parametrize("groups", [1, 2, 20])
def test_false_alarms_stay_within_the_level_where_every_gap_is_at_the_edge(groups):
    rng = np.random.default_rng(0)
    failed = 0
    for _ in range(200):
        noisy = gaps(*(0.1 + 0.02 * rng.normal(size=groups)), error=0.02)
        failed += judge(policy(), noisy)[0].verdict == FAIL
    assert failed <= 20  # 5 % of 200 is 10; more than 20 has a chance of 1 in 1,000


def test_false_passes_stay_within_the_level_where_one_gap_is_at_the_edge():
    rng = np.random.default_rng(1)
    passed = 0
    for _ in range(200):
        noisy = gaps(0.1 + 0.02 * rng.normal(), 0.0, error=0.02)
        passed += judge(policy(), noisy)[0].verdict == PASS
    assert passed <= 13  # 2.5 % of 200 is 5; more than 13 has a chance of 1 in 1,000


def pool(**people):
    """How many people each group has, as the audit's rates say it."""
    return pd.DataFrame(
        {
            "characteristic": "sex", "group": list(people), "metric": "share_of_pool",
            "numerator": list(people.values()), "denominator": sum(people.values()),
        }
    )  # fmt: skip


def without_second(table):
    return table.assign(status=[MEASURED, INSUFFICIENT, *table["status"][2:]])


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ({"g0": 600, "g1": 10, "ref": 390}, PASS),
        ({"g0": 600, "g1": 11, "ref": 389}, INSUFFICIENT),
        ({"g0": 600, "ref": 400}, INSUFFICIENT),
        (None, INSUFFICIENT),
    ],
)
def test_no_pass_leaves_out_more_than_a_hundredth_of_the_people(people, expected):
    rates = None if people is None else pool(**people)
    (verdict,) = judge(policy(), without_second(gaps(0.0, 0.0)), rates=rates)
    assert (verdict.verdict, verdict.compared, verdict.not_compared) == (expected, 1, 1)
    assert "1 group, with" in verdict.reason


def test_cutting_groups_small_is_no_way_to_pass():
    table = gaps(0.0, *[0.0] * 20)
    table.loc[1:, "status"] = INSUFFICIENT
    people = pool(ref=900, g0=90, **{f"g{i}": 1 for i in range(1, 21)})
    (verdict,) = judge(policy(), table, rates=people)
    assert verdict.verdict == INSUFFICIENT
    assert verdict.reason == "20 groups, with more than 1 % of the people, could not be compared"


def test_a_group_that_fails_is_not_hidden_by_one_that_cannot_be_compared():
    table = without_second(gaps(0.4, 0.0))
    assert judge(policy(), table)[0].verdict == FAIL


def test_no_comparison_is_no_pass():
    table = gaps(0.0, 0.0).assign(status=INSUFFICIENT)
    (verdict,) = judge(policy(), table, rates=pool(g0=1, g1=1, ref=998))
    assert verdict.verdict == INSUFFICIENT
    assert verdict.reason == "no group could be compared"


def test_a_gap_without_limits_is_no_evidence():
    table = gaps(0.0, 0.0)
    table.loc[1, ["difference_low", "difference_high"]] = np.nan
    (verdict,) = judge(policy(), table)
    assert (verdict.verdict, verdict.not_compared) == (INSUFFICIENT, 1)


def test_a_group_by_itself_is_no_pass():
    rates = pool(m=100).assign(metric="precision")
    (verdict,) = judge(policy(), gaps(), rates=rates)
    assert verdict.verdict == INSUFFICIENT
    assert verdict.characteristic == "sex"
    assert verdict.reason == "there is no second group to compare"


def test_only_the_groups_that_a_criterion_names_are_compared():
    named = {"characteristics": ("sex",), "groups": ("g0",)}
    assert judge(policy(**named), gaps(0.0, 0.4))[0].verdict == PASS
    assert judge(policy(**named), gaps(0.4, 0.0))[0].verdict == FAIL
    (verdict,) = judge(policy(**named | {"groups": ("g0", "g9")}), gaps(0.0, 0.0))
    assert verdict.verdict == INSUFFICIENT
    assert verdict.reason == "not measured in this audit: g9"


def test_a_group_that_is_named_must_be_compared_however_small():
    named = policy(characteristics=("sex",), groups=("g0", "g1"))
    table = without_second(gaps(0.0, 0.0))
    (verdict,) = judge(named, table, rates=pool(g0=500, g1=1, ref=499))
    assert verdict.verdict == INSUFFICIENT


def test_another_reference_than_the_policys_is_no_evidence():
    asked = policy(characteristics=("sex",), reference="men")
    (verdict,) = judge(asked, gaps(0.0))
    assert verdict.verdict == INSUFFICIENT
    assert "not compared with 'men'" in verdict.reason
    assert judge(asked, gaps(0.0).assign(reference="men"))[0].verdict == PASS


def test_all_promises_share_one_allowance_for_chance():
    only_just = gaps(0.1 + 0.01 * 2.2)
    others = gaps(*[0.0] * 15, metric="recall")
    criteria = tuple(Criterion(metric=name, tolerance=0.1) for name in ("precision", "recall"))
    both = Policy(name="test", use="prioritise", criteria=criteria)
    found = judge(both, pd.concat([only_just, others], ignore_index=True))
    assert [verdict.verdict for verdict in found] == [INSUFFICIENT, PASS]
    assert judge(policy(), only_just)[0].verdict == FAIL


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
