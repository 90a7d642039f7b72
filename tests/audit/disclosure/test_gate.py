"""Of the gate's list only the gap behind a verdict leaves, where nothing behind it is small."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, MEASURED
from riskmodel.audit.by_group.rates import RATE_COLUMNS
from riskmodel.audit.disclosure import published
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import Verdict
from riskmodel.audit.result import FairnessAudit


def rows(**counts):
    return pd.DataFrame(
        [
            ("sex", group, "precision", top / of, 0.1, 0.9, top, of, False, 50)
            for group, (top, of) in counts.items()
        ],
        columns=list(RATE_COLUMNS),
    )


def audit_of(gate, listed, scale="difference"):
    (a, of_a), (b, of_b) = gate["a"], gate["b"]
    gap, ratio = b / of_b - a / of_a, (b / of_b) / (a / of_a)
    table = pd.DataFrame(
        [{
            "characteristic": "sex", "group": "b", "reference": "a", "metric": "precision",
            "status": MEASURED, "reason": "", "difference": gap, "difference_low": gap - 0.05,
            "difference_high": gap + 0.05, "ratio": ratio, "ratio_low": ratio - 0.1,
            "ratio_high": ratio + 0.1,
        }]
    ).reindex(columns=list(GAP_COLUMNS))  # fmt: skip
    verdict = Verdict(
        criterion="c", metric="precision", characteristic="sex", scale=scale,
        verdict="fail", reason="", group="b", reference="a", gap=gap, low=gap - 0.05,
        high=gap + 0.05,
    )  # fmt: skip
    return FairnessAudit(
        model_digest="0" * 64, model={}, policy=Policy.default(), verdicts=(verdict,),
        summary={"k": 100, "n_dates": 1},
        measured={"gate": rows(**gate), "gate_gaps": table, "listed": rows(**listed)},
    )  # fmt: skip


SHOWN = {"a": (51, 120), "b": (42, 130)}


def test_a_gap_is_given_in_whole_points_and_its_interval_moves():
    (verdict,) = published(audit_of({"a": (102, 301), "b": (88, 404)}, SHOWN)).verdicts
    assert verdict.verdict == "fail"
    assert verdict.gap == pytest.approx(round(90 / 405 - 100 / 300, 2))
    assert verdict.low <= verdict.gap <= verdict.high
    assert verdict.high - verdict.low >= 0.1 - 1e-9


@pytest.mark.parametrize(
    "gate",
    [
        {"a": (102, 301), "b": (5, 404)},  # small
        {"a": (102, 301), "b": (400, 404)},  # small remainder
        {"a": (5, 301), "b": (88, 404)},  # of the reference
        {"a": (102, 301), "b": (45, 404)},  # 3 more than on the list that is shown
        {"a": (102, 301), "b": (88, 133)},  # likewise below the line
    ],
)
def test_it_is_withheld_where_a_count_or_what_lies_between_two_lists_is_small(gate):
    (verdict,) = published(audit_of(gate, SHOWN)).verdicts
    assert np.isnan([verdict.gap, verdict.low, verdict.high]).all()
    assert verdict.verdict == "fail"


def test_a_ratio_is_one_of_rounded_rates():
    (verdict,) = published(audit_of({"a": (102, 301), "b": (88, 404)}, SHOWN, "ratio")).verdicts
    assert verdict.gap == pytest.approx(round((90 / 405) / (100 / 300), 2))


def test_a_verdict_without_a_gap_stays_as_it_is(audited, shown):
    none = [one.to_dict() for one in audited.verdicts if not one.group]
    found = [one.to_dict() for one in shown.verdicts if not one.group]
    assert none
    assert str(none) == str(found)
