"""A waiver goes to its file and back; what is missing is named."""

from datetime import date, timedelta

import pytest

from riskmodel.audit.policies.waivers import Waiver
from riskmodel.cli.waivers import read_waiver, write_waiver
from riskmodel.errors import RiskModelError, SchemaError

SIGNED = date(2026, 5, 1)


def waiver(**changes) -> Waiver:
    content = {
        "name": 'A. "Owner" Ünal 😀',
        "role": "head of analysis",
        "reason": "a \\ backslash\nand two lines",
        "signed": SIGNED,
        "expires": SIGNED + timedelta(days=60),
        "model_digest": "0" * 64,
    }
    return Waiver(**{**content, **changes})


def test_a_waiver_comes_back_as_it_was(tmp_path):
    path = tmp_path / "waiver.toml"
    write_waiver(waiver(), path)
    assert read_waiver(path) == waiver()


def test_the_day_of_signing_is_never_assumed(tmp_path):
    path = tmp_path / "waiver.toml"
    write_waiver(waiver(), path)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("signed")]
    path.write_text("\n".join(lines))
    with pytest.raises(RiskModelError, match=r"\[waiver\] signed: is missing"):
        read_waiver(path)


def test_mistakes_are_told_together(tmp_path):
    path = tmp_path / "waiver.toml"
    path.write_text('name = "A"\nreasn = "x"\nexpires = "soon"\n')
    with pytest.raises(RiskModelError) as caught:
        read_waiver(path)
    message = str(caught.value)
    for part in ("reasn: no such key; did you mean reason?", "expires: must be a date"):
        assert part in message
    for part in ("reason: is missing", "signed: is missing", "model_digest: is missing"):
        assert part in message
    assert "role" not in message.split("Allowed are", maxsplit=1)[0]


def test_what_is_no_toml_is_said(tmp_path):
    path = tmp_path / "waiver.toml"
    path.write_text("name: A\n")
    with pytest.raises(RiskModelError, match="it is not a TOML file"):
        read_waiver(path)


def test_a_waiver_for_too_long_is_refused(tmp_path):
    path = tmp_path / "waiver.toml"
    write_waiver(waiver(), path)
    path.write_text(path.read_text().replace("2026-06-30", "2027-06-30"))
    with pytest.raises(SchemaError, match="90 days"):
        read_waiver(path)
