"""A waiver says who answers for what a policy does not keep, why, and for how long."""

from datetime import date, datetime, timedelta

import pytest

from riskmodel.audit.policies.waivers import LONGEST_WAIVER_DAYS, Waiver
from riskmodel.errors import SchemaError

SIGNED = date(2026, 1, 1)


def waiver(**changes):
    fields = {
        "name": "A. Owner", "reason": "Re-audit booked", "model_digest": "a" * 64,
        "signed": SIGNED, "expires": SIGNED + timedelta(days=30),
    }  # fmt: skip
    return Waiver(**(fields | changes))


def test_a_waiver_holds_for_its_model_and_its_days_only():
    signed = waiver()
    assert signed.covers("a" * 64, today=SIGNED)
    assert signed.covers("a" * 64, today=SIGNED + timedelta(days=29))
    assert not signed.covers("a" * 64, today=SIGNED + timedelta(days=30))
    assert not signed.covers("a" * 64, today=SIGNED - timedelta(days=1))
    assert not signed.covers("b" * 64, today=SIGNED)


def test_a_waiver_lasts_90_days_at_most():
    assert waiver(expires=SIGNED + timedelta(days=LONGEST_WAIVER_DAYS))
    with pytest.raises(SchemaError, match="at most 90 days"):
        waiver(expires=SIGNED + timedelta(days=LONGEST_WAIVER_DAYS + 1))


def test_a_waiver_needs_a_name_a_reason_a_model_and_an_end():
    with pytest.raises(SchemaError) as caught:
        waiver(name=" ", reason="", model_digest="", expires=SIGNED)
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expires": "2026-01-31"}, "Waiver.expires: must be a date such as 2026-01-31"),
        ({"expires": datetime(2026, 1, 31)}, "Waiver.expires: must be a date"),
        ({"expires": None}, "Waiver.expires: must be a date"),
        ({"signed": "today"}, "Waiver.signed: must be a date"),
        ({"name": None}, "Waiver.name: must be text"),
        ({"reason": 3}, "Waiver.reason: must be text"),
        ({"role": ["owner"]}, "Waiver.role: must be text"),
    ],
)
def test_a_value_of_another_kind_is_a_clear_error(changes, problem):
    with pytest.raises(SchemaError) as caught:
        waiver(**changes)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_a_waiver_is_ready_for_json():
    assert waiver().to_dict()["expires"] == "2026-01-31"
