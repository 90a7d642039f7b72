"""FairnessAudit: what an audit found, as tables, verdicts and a dict for JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import Verdict, overall
from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.evaluation import Evaluation

TABLES = (
    "listed",
    "gaps",
    "lengths",
    "length_gaps",
    "gate",
    "gate_gaps",
    "bands",
    "calibration",
    "group_calibration",
    "redrawn",
    "victims",
    "victim_gaps",
    "victim_lengths",
    "victim_bounds",
    "gate_victims",
    "gate_victim_gaps",
    "coverage",
    "suspects",
    "suspect_gaps",
    "reporting",
    "data_quality",
    "evidence",
    "label",
    "label_groups",
    "recording",
    "score_gaps",
    "matched_gaps",
    "proxies",
    "proxy_models",
    "follow_up",
    "between",
    "stability",
)
"""Names of the tables, in the order of the report."""

_NOTHING = pd.DataFrame()


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FairnessAudit:
    """What an audit found, for one model, one set of dates and one length of list.

    The tables hold exact counts, for use inside the organisation; `fairness_report` publishes
    them with small counts withheld and the rest rounded.

    Attributes
    ----------
    summary : dict
        Page one, as numbers: who was listed, how many had no later serious record, coverage.
    measured : mapping of str to DataFrame
        The tables by name (`TABLES`); each is an attribute too, such as ``audit.listed``. One that
        was not measured is empty.
    accuracy : Evaluation or None
        The model beside the rule in use.
    verdicts : tuple of Verdict
    policy : Policy
    model : dict
        Name, version, digest, expiry, permitted uses, task in words, features, age ablation.
    notes : tuple of str
        What was left out, and why.
    created : str
        ISO time, UTC.

    Examples
    --------
    >>> audit = FairnessAudit(
    ...     model_digest="0" * 64, model={}, policy=Policy.default(), summary={}, verdicts=(),
    ...     measured={},
    ... )
    >>> audit.verdict
    'insufficient evidence'
    """

    model_digest: str
    model: dict[str, Any]
    policy: Policy
    summary: dict[str, Any]
    measured: dict[str, pd.DataFrame]
    verdicts: tuple[Verdict, ...]
    accuracy: Evaluation | None = None
    settings: Settings = field(default_factory=Settings)
    notes: tuple[str, ...] = ()
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        unknown = sorted(set(self.measured) - set(TABLES))
        if unknown:
            raise SchemaError([f"measured: no table is called {name!r}" for name in unknown])
        whole = {name: self.measured.get(name, _NOTHING) for name in TABLES}
        object.__setattr__(self, "measured", whole)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            table: pd.DataFrame = self.__dict__["measured"][name]
            return table
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        return (
            f"FairnessAudit({self.verdict}, {len(self.verdicts)} promises, "
            f"list of {self.summary['k']} on {len(self.summary['as_of'])} dates, "
            f"model {self.model_digest[:12]})"
        )

    def with_tables(self, **tables: pd.DataFrame) -> FairnessAudit:
        """Return the audit with these tables in place of its own."""
        return replace(self, measured=self.measured | tables)

    @property
    def verdict(self) -> str:
        """The verdict on the whole policy: pass, fail or insufficient evidence."""
        return overall(self.verdicts)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table that was measured by name; exact counts."""
        found = {name: table for name, table in self.measured.items() if len(table.columns)}
        found["verdicts"] = pd.DataFrame([verdict.to_dict() for verdict in self.verdicts])
        if self.accuracy is not None:
            found["accuracy"] = self.accuracy.table
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready content with exact counts: undefined is None, times are ISO text."""
        content = {
            "model_digest": self.model_digest,
            "verdict": self.verdict,
            "created": self.created,
            "model": self.model,
            "policy": self.policy.to_dict(),
            "policy_digest": self.policy.digest(),
            "summary": self.summary,
            "notes": list(self.notes),
            "tables": {name: table.to_dict("records") for name, table in self.tables().items()},
        }
        plain: dict[str, Any] = json_ready(content)
        return plain


def json_ready(value: Any) -> Any:
    """Return `value` with NaN as None, numpy numbers as numbers and times as text.

    Examples
    --------
    >>> json_ready({"rate": float("nan"), "n": np.int64(3), "at": pd.Timestamp("2011-01-01")})
    {'rate': None, 'n': 3, 'at': '2011-01-01'}
    """
    if isinstance(value, dict):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    plain = value.item() if isinstance(value, np.generic) else value
    if plain is None or plain is pd.NaT or plain is pd.NA:
        return None
    if isinstance(plain, pd.Timestamp):
        return plain.isoformat().removesuffix("T00:00:00")
    if isinstance(plain, float):
        return plain if math.isfinite(plain) else None
    return plain if isinstance(plain, str | int) else str(plain)
