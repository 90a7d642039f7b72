"""What a deployment promises about fairness: criteria, how sure, and what is watched afterwards.

A policy is chosen before the figures are seen, by the owner, and travels with the audit and with
the version of the model.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from riskmodel.audit.by_group.rates import LARGEST, OVERALL, SMALLEST_CELL
from riskmodel.audit.policies.criteria import (
    CANNOT_ALL_HOLD,
    PROTECTIVE_USES,
    Criterion,
    usual_criteria,
)
from riskmodel.audit.policies.fields import (
    NAMES,
    NUMBER,
    TEXT,
    WHOLE,
    frozen,
    read_spec,
    toml_value,
    wrong_kinds,
)
from riskmodel.audit.policies.thresholds import USUAL_THRESHOLDS, Threshold, gap_thresholds
from riskmodel.errors import SchemaError
from riskmodel.files import atomic_write_text

REFERENCES = (LARGEST, OVERALL)
_KINDS = {
    "name": TEXT,
    "use": TEXT,
    "minimum_cell": WHOLE,
    "confidence": NUMBER,
    "reference": TEXT,
    "reference_groups": NAMES,
    "gate_share": NUMBER,
    "why": TEXT,
}
_PARTS = {"criteria": Criterion, "thresholds": Threshold}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The criteria of one deployment and how sure their verdicts must be.

    Parameters
    ----------
    name : str
    use : str
        What the list is for; see `Policy.default`.
    criteria : tuple of Criterion
    minimum_cell : int, default 8
        Rates on fewer people than this are withheld; counts of 7 or fewer never leave.
    confidence : float, default 0.95
        From 0.8; verdicts are wrong at most as often as is left to 1.
    reference : {"largest", "overall"}
        What each group is compared with: the largest recorded group of its characteristic, or
        everyone; ``reference_groups`` names others.
    reference_groups : dict of str to str
        Characteristic -> its one group to compare with; a criterion's own reference joins them.
    gate_share : float, default 0.05
        Verdicts read a list of this share of each date's cohort, all dates pooled: 100 people
        are too few to tell a gap of ten points from none.
    thresholds : tuple of Threshold
        What monitoring watches, and what follows.
    why : str
        Why these criteria and not others, in the owner's words.

    Examples
    --------
    >>> Policy.from_dict(Policy.default("prioritise").to_dict()) == Policy.default("prioritise")
    True
    """

    name: str
    use: str
    criteria: tuple[Criterion, ...]
    minimum_cell: int = SMALLEST_CELL
    confidence: float = 0.95
    reference: str = LARGEST
    reference_groups: dict[str, str] = field(default_factory=dict)
    gate_share: float = 0.05
    thresholds: tuple[Threshold, ...] = ()
    why: str = ""

    def __post_init__(self) -> None:
        for name in ("criteria", "thresholds", "reference_groups"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        wrong = wrong_kinds(self, _KINDS) | self._wrong_parts()
        problems = [*wrong.values(), *self._value_problems(wrong)]
        if not {"criteria", "reference_groups"} & set(wrong):
            problems += self._joined_references()
        if problems:
            raise SchemaError(problems)

    def _wrong_parts(self) -> dict[str, str]:
        return {
            name: f"Policy.{name}: must be a list of {kind.__name__}"
            for name, kind in _PARTS.items()
            if not isinstance(getattr(self, name), tuple)
            or not all(isinstance(part, kind) for part in getattr(self, name))
        }

    def _value_problems(self, wrong: Mapping[str, str]) -> list[str]:
        rules = {
            "name": (bool(self.name), "not given"),
            "use": (bool(self.use), "not given"),
            "criteria": (bool(self.criteria), "declare at least one"),
        }
        found = {name: rule for name, rule in rules.items() if name not in wrong}
        if "minimum_cell" not in wrong:
            allowed = self.minimum_cell >= SMALLEST_CELL
            found["minimum_cell"] = allowed, f"a whole number from {SMALLEST_CELL}"
        if "confidence" not in wrong:
            found["confidence"] = 0.8 <= self.confidence < 1, "from 0.8, and below 1"
        if "gate_share" not in wrong:
            found["gate_share"] = 0 < self.gate_share <= 0.5, "a share above 0, to 0.5"
        if "reference" not in wrong:
            words = "'largest' or 'overall'; name others in reference_groups"
            found["reference"] = self.reference in REFERENCES, words
        return [f"Policy.{name}: {words}" for name, (right, words) in found.items() if not right]

    def _joined_references(self) -> list[str]:
        """Add the references that criteria name; say where a characteristic would have two."""
        named = dict(self.reference_groups)
        for criterion in self.criteria:
            if criterion.reference:
                (name,) = criterion.characteristics
                if named.setdefault(name, criterion.reference) != criterion.reference:
                    return [f"Policy.reference_groups: two references for {name!r}, one is allowed"]
        object.__setattr__(self, "reference_groups", named)
        return []

    @classmethod
    def default(cls, use: str = "prioritise") -> Policy:
        """Return the starting policy of a use; the owner should argue with it.

        A list with consequences for the people on it promises like precision: nobody is
        listed on weaker grounds. A list that protects (`PROTECTIVE_USES`) promises like recall
        and like coverage of victims: nobody is left out. Any other use counts as having
        consequences. Tolerance: ten points.

        Examples
        --------
        >>> [criterion.metric for criterion in Policy.default("protect").criteria]
        ['recall', 'coverage']
        """
        kind = "protection" if use in PROTECTIVE_USES else "consequences"
        criteria, why = usual_criteria(use)
        return cls(
            name=f"default for a list with {kind}",
            use=use,
            criteria=criteria,
            thresholds=(*USUAL_THRESHOLDS, *gap_thresholds(criteria)),
            why=f"{why} {CANNOT_ALL_HOLD}",
        )

    @property
    def explanation(self) -> str:
        """Why these criteria were chosen, and that others are given up; never empty.

        Examples
        --------
        >>> bare = Policy(name="n", use="u", criteria=Policy.default().criteria)
        >>> bare.explanation.startswith("The policy does not say why it promises like precision.")
        True
        """
        promised = " and ".join(dict.fromkeys(part.metric for part in self.criteria))
        said = self.why.strip() or (
            f"The policy does not say why it promises like {promised.replace('_', ' ')}."
        )
        return said if CANNOT_ALL_HOLD in said else f"{said} {CANNOT_ALL_HOLD}"

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Policy:
        """Return the policy that `to_dict` wrote.

        Raises
        ------
        SchemaError
            For unknown and missing fields and for values that are not allowed, in the policy and
            in its parts; all at once.
        """
        parts, problems = _read_parts(content)
        policy, own = read_spec(cls, {**content, **parts} if parts else content)
        if policy is None or problems:
            raise SchemaError([*own, *problems])
        return policy

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Policy:
        """Read a policy from a TOML file with the fields of this class.

        Raises
        ------
        SchemaError
            The file is no TOML, or not a policy; all mistakes at once.

        Notes
        -----
        ::

            name = "Force policy, June"
            use = "prioritise"
            why = "Listing has consequences, so ..."

            [[criteria]]
            metric = "precision"
            tolerance = 0.1
            characteristics = ["ethnicity", "sex"]

            [[thresholds]]
            measure = "psi"
            above = 0.25  # consequence = "retest"
        """
        name = Path(path).name
        try:
            content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SchemaError([f"{name}: it is not a TOML file: {error}"]) from error
        return cls.from_dict(content)

    def to_toml(self, path: str | os.PathLike[str]) -> Path:
        """Write the policy as `from_toml` reads it.

        Examples
        --------
        >>> import tempfile
        >>> path = Policy.default("protect").to_toml(f"{tempfile.mkdtemp()}/policy.toml")
        >>> Policy.from_toml(path) == Policy.default("protect")
        True
        """
        content = self.to_dict()
        tables = {name: content.pop(name) for name in _PARTS}
        lines = [f"{key} = {toml_value(value)}" for key, value in content.items()]
        for name, entries in tables.items():
            for entry in entries:
                lines += ["", f"[[{name}]]"]
                lines += [f"{key} = {toml_value(value)}" for key, value in entry.items()]
        return atomic_write_text(path, "\n".join(lines) + "\n")

    def with_minimum_cell(self, minimum_cell: int | None) -> Policy:
        """Return the policy with another minimum cell; None keeps it."""
        return self if minimum_cell is None else replace(self, minimum_cell=minimum_cell)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict; limits that are not set are left out."""
        content = asdict(self)
        for name in _PARTS:
            content[name] = [
                {
                    key: list(value) if isinstance(value, tuple) else value
                    for key, value in e.items()
                }
                for e in content[name]
            ]
        content["thresholds"] = [
            {key: value for key, value in entry.items() if value is not None}
            for entry in content["thresholds"]
        ]
        return content

    def digest(self) -> str:
        """Return the SHA-256 of the policy's JSON."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()


def _read_parts(content: object) -> tuple[dict[str, Any], list[str]]:
    """Return the parts of a policy's content that could be read, and what is wrong with others."""
    parts: dict[str, Any] = {}
    problems: list[str] = []
    for name, kind in _PARTS.items():
        entries = content.get(name) if isinstance(content, Mapping) else None
        if isinstance(entries, list | tuple):
            read = [read_spec(kind, entry, f"{name}[{i}]: ") for i, entry in enumerate(entries, 1)]
            problems += [problem for _, said in read for problem in said]
            parts[name] = tuple(part for part, _ in read if part is not None)
    if problems and parts.get("criteria") == ():
        parts["criteria"] = Policy.default().criteria  # stands in: what is wrong has been said
    return parts, problems


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in entry.items()
        if value is not None
    }
