"""Which verdicts, waivers and dates open which gate."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.policies.waivers import LONGEST_WAIVER_DAYS, Waiver
from riskmodel.errors import ModelExpiredError, ModelIntegrityError, NotAuditedError
from riskmodel.registry.gates import (
    check_in_force,
    check_not_expired,
    check_promotion,
    check_recorded_audit,
    waiver_tags,
)

SIGNED = date(2026, 1, 1)
DIGEST = "a" * 64


def waiver(days):
    return Waiver(
        name="A. Owner", reason="why", model_digest=DIGEST, signed=SIGNED,
        expires=SIGNED + timedelta(days=days),
    )  # fmt: skip


@given(st.integers(1, LONGEST_WAIVER_DAYS), st.integers(-30, 200))
def test_a_waiver_opens_the_gate_from_its_signing_to_the_day_before_it_ends(days, day):
    today = SIGNED + timedelta(days=day)
    if 0 <= day < days:
        assert check_promotion("fail", [], waiver(days), DIGEST, today)
        assert check_promotion("pass", ["behind logistic"], waiver(days), DIGEST, today)
    else:
        with pytest.raises(NotAuditedError):
            check_promotion("fail", [], waiver(days), DIGEST, today)
        with pytest.raises(NotAuditedError, match="behind logistic"):
            check_promotion("pass", ["behind logistic"], waiver(days), DIGEST, today)


@pytest.mark.parametrize("verdict", ["fail", "insufficient evidence", "", "PASS"])
def test_only_a_pass_passes(verdict):
    assert not check_promotion("pass", [], None, DIGEST)
    assert not check_promotion("pass", [], waiver(5), DIGEST, SIGNED)
    with pytest.raises(NotAuditedError):
        check_promotion(verdict, [], None, DIGEST)


def test_a_pass_does_not_make_up_for_a_baseline_that_was_not_beaten():
    with pytest.raises(NotAuditedError, match=r"behind logistic.*Give a Waiver"):
        check_promotion("pass", ["behind logistic: mean captured -0.020"], None, DIGEST)


def test_an_alias_is_served_while_its_waiver_is_in_force():
    ends = waiver_tags(waiver(30))["riskmodel.waiver.expires"]
    check_in_force("fail", ends, SIGNED + timedelta(days=29))
    with pytest.raises(ModelExpiredError):  # a waiver is noted only where it was needed
        check_in_force("pass", ends, SIGNED + timedelta(days=400))
    check_in_force("fail", "", SIGNED)
    with pytest.raises(ModelExpiredError, match=ends):
        check_in_force("fail", ends, SIGNED + timedelta(days=30))


def test_the_last_day_of_a_model_counts():
    check_not_expired(SIGNED, SIGNED)
    with pytest.raises(ModelExpiredError):
        check_not_expired(SIGNED, SIGNED + timedelta(days=1))


def test_a_stored_audit_speaks_for_its_own_model_alone():
    record = {"verdict": "pass", "model_digest": DIGEST}
    check_recorded_audit(record, {"riskmodel.verdict": "pass"}, DIGEST)
    for tags, digest in (({"riskmodel.verdict": "fail"}, DIGEST), ({}, DIGEST),
                         ({"riskmodel.verdict": "pass"}, "b" * 64)):  # fmt: skip
        with pytest.raises(ModelIntegrityError):
            check_recorded_audit(record, tags, digest)
