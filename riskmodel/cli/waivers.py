"""A signed waiver as a TOML file.

::

    name = "A. Owner"
    role = "head of analysis"
    reason = "Trial without consequences until the audit of June"
    signed = 2026-05-01
    expires = 2026-06-30
    model_digest = "..."
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

from riskmodel.audit.policies.fields import TEXT, toml_value
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.cli.task_file import DATE, key_problems, unusable
from riskmodel.files import atomic_write_text

_KINDS = {
    field.name: DATE if field.name in ("signed", "expires") else TEXT for field in fields(Waiver)
}
_OPTIONAL = ("role",)


def read_waiver(path: Path) -> Waiver:
    """Read a waiver; who signed, when and why must stand in it.

    Raises
    ------
    RiskModelError
        For unknown or missing keys, and values of the wrong kind; all at once.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unusable(path, [f"it is not a TOML file: {error}"]) from error
    problems = list(key_problems("waiver", content, _KINDS))
    wanted = [name for name in _KINDS if name not in (*content, *_OPTIONAL)]
    problems += [f"[waiver] {name}: is missing" for name in wanted]
    if problems:
        raise unusable(path, problems)
    return Waiver(**content)


def write_waiver(waiver: Waiver, path: Path) -> None:
    """Write a waiver as `read_waiver` reads it."""
    lines = [f"{name} = {toml_value(getattr(waiver, name))}" for name in _KINDS]
    atomic_write_text(path, "\n".join(lines) + "\n")
