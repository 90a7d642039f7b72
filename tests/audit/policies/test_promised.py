"""Each promise is laid beside the gaps that were measured for it, and the people left out."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, INSUFFICIENT, MEASURED
from riskmodel.audit.policies.criteria import Criterion
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.promised import promises

METRICS = {"precision": "share_of_pool", "coverage": "share_of_offences"}


def gaps(metric, **statuses):
    rows = [
        {
            "characteristic": "sex", "group": group, "reference": "ref", "metric": metric,
            "status": status, "difference": 0.1, "difference_low": 0.0, "difference_high": 0.2,
            "ratio": 2.0, "ratio_low": 0.0, "ratio_high": 4.0,
        }
        for group, status in statuses.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(GAP_COLUMNS))


def rates(metric, **people):
    return pd.DataFrame(
        {
            "characteristic": "sex", "group": list(people), "metric": METRICS[metric],
            "numerator": list(people.values()),
        }
    )  # fmt: skip


def only(metric="precision", measured=None, counted=None, **changes):
    criterion = Criterion(**({"metric": metric, "tolerance": 0.5} | changes))
    policy = Policy(name="n", use="u", criteria=(criterion,))
    (promise,) = promises(policy, measured, counted)
    return promise


@pytest.mark.parametrize("metric", list(METRICS))
def test_the_share_left_out_is_of_the_people_on_that_side(metric):
    other = next(name for name in METRICS if name != metric)
    counted = pd.concat([rates(metric, a=70, b=5, ref=25), rates(other, a=1, b=98, ref=1)])
    promise = only(metric, gaps(metric, a=MEASURED, b=INSUFFICIENT), counted)
    assert (len(promise.measured), promise.not_compared) == (1, 1)
    assert promise.share_left_out == pytest.approx(0.05)


def test_a_share_that_is_not_known_is_infinite():
    measured = gaps("precision", a=MEASURED, b=INSUFFICIENT)
    assert only(measured=measured).share_left_out == np.inf
    assert only(measured=measured, counted=rates("precision", a=1)).share_left_out == np.inf
    assert only(measured=gaps("precision", a=MEASURED)).share_left_out == 0


def test_ratios_are_compared_as_logarithms():
    promise = only(measured=gaps("precision", a=MEASURED), scale="ratio")
    gap = promise.gaps
    assert gap.gap[0] == pytest.approx(np.log(2))
    assert gap.low[0] == -np.inf
    assert gap.high[0] == pytest.approx(np.log(4))
    assert gap.tolerance[0] == pytest.approx(np.log(2))


def test_every_criterion_and_characteristic_is_a_promise():
    table = pd.concat(
        [gaps("precision", a=MEASURED), gaps("precision", a=MEASURED).assign(characteristic="age")]
    )
    criteria = (
        Criterion(metric="precision", tolerance=0.1),
        Criterion(metric="coverage", tolerance=0.1),
        Criterion(metric="precision", tolerance=0.2, characteristics=("sex", "religion")),
    )
    found = promises(Policy(name="n", use="u", criteria=criteria), table, None)
    assert [(p.criterion.tolerance, p.characteristic, bool(p.obstacle)) for p in found] == [
        (0.1, "age", False), (0.1, "sex", False), (0.1, "all", True),
        (0.2, "sex", False), (0.2, "religion", True),
    ]  # fmt: skip
