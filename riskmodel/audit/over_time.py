"""OverTime: what became of a model in use, as tables, alerts and notes; the report shows it.

It is made by `riskmodel.monitoring.monitor.monitor`, and holds nobody's id.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.audit.json_tables import table_of_json, table_to_json
from riskmodel.audit.result import json_ready
from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.files import atomic_write_text

FORMAT = 1
"""Rises when a file of today could be misread tomorrow; readers of older numbers stay."""

TABLES = (
    "periods",
    "group_periods",
    "group_period_gaps",
    "drift",
    "drift_estimates",
    "drift_periods",
    "changes",
    "time_on_list",
    "removals",
    "actions",
    "overrides",
    "random_order",
)
"""Names of the tables, in the order of the report."""

CLEAR, CHANCE, NO_INTERVAL = "clear", "may be chance", "no interval"
"""Whether the interval of what crossed a limit lies beyond it wholly, or reaches back over it."""

_NUMBERS = ("value", "low", "high", "limit")
_NOTHING = pd.DataFrame()


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A measure that crossed a limit of the policy, and what the policy says follows from it.

    Attributes
    ----------
    measure : str
        As the policy names it: ``psi``, ``precision``, ``gap:recall`` ...
    where : str
        The date, feature or group.
    value, low, high : float
        What was measured, with its interval; NaN where there is none.
    limit : float
    side : {"above", "below"}
        On which side of the limit the value lies.
    certainty : {"clear", "may be chance", "no interval"}
        Whether the interval excludes the limit.
    consequence : str
        What the policy says is to be done.
    sentence : str

    Examples
    --------
    >>> alert = Alert(
    ...     measure="precision", where="2024-01-01", value=0.2, low=0.1, high=0.3, limit=0.25,
    ...     side="below", certainty=CHANCE, consequence="retest", sentence="Precision is 0.2.",
    ... )
    >>> alert.consequence, alert.stands
    ('retest', False)
    """

    measure: str
    where: str
    value: float
    low: float
    high: float
    limit: float
    side: str
    certainty: str
    consequence: str
    sentence: str

    @property
    def stands(self) -> bool:
        """Whether its consequence follows: chance alone does not explain the crossing."""
        return self.certainty != CHANCE


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class OverTime:
    """What became of past scores, lists and decisions, period by period.

    The tables hold exact counts, for use inside the organisation.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        By name (`TABLES`); one that was not measured is empty.
    alerts : tuple of Alert
        In the order of the policy's thresholds.
    notes : tuple of str
        How to read the tables, and what was not measured.
    model_digest : str
        Of the model that made the newest scores; empty where they don't say.
    k : int
        Length of the list.
    policy : dict
        The policy whose thresholds were held, as `Policy.to_dict`.
    created : str
        ISO time, UTC.

    Examples
    --------
    >>> found = OverTime(tables={}, model_digest="0" * 64, k=100)
    >>> found
    OverTime(nothing measured, 0 alerts, list of 100, model 000000000000)
    >>> OverTime.from_dict(found.to_dict()).k
    100
    """

    tables: dict[str, pd.DataFrame]
    model_digest: str
    k: int
    alerts: tuple[Alert, ...] = ()
    notes: tuple[str, ...] = ()
    policy: dict[str, Any] = field(default_factory=dict)
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        unknown = sorted(set(self.tables) - set(TABLES))
        if unknown:
            raise SchemaError([f"tables: no table is called {name!r}" for name in unknown])
        whole = {name: self.tables.get(name, _NOTHING) for name in TABLES}
        object.__setattr__(self, "tables", whole)

    def __repr__(self) -> str:
        periods = self.tables["periods"]
        measured = f"{len(periods)} periods" if len(periods) else "nothing measured"
        return (
            f"OverTime({measured}, {len(self.alerts)} alerts, list of {self.k}, "
            f"model {self.model_digest[:12] or 'not said'})"
        )

    @property
    def measured(self) -> dict[str, pd.DataFrame]:
        """The tables that were measured."""
        return {name: table for name, table in self.tables.items() if len(table.columns)}

    def with_tables(self, **tables: pd.DataFrame) -> OverTime:
        """Return the same with these tables in place of its own."""
        return replace(self, tables=self.tables | tables)

    def to_dict(self) -> dict[str, Any]:
        """Return content for JSON, from which `from_dict` makes the same again."""
        return {
            "format": FORMAT,
            "model_digest": self.model_digest,
            "k": self.k,
            "created": self.created,
            "policy": json_ready(self.policy),
            "notes": list(self.notes),
            "alerts": [json_ready(asdict(alert)) for alert in self.alerts],
            "tables": {name: table_to_json(table) for name, table in self.measured.items()},
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> OverTime:
        """Return what `to_dict` wrote.

        Raises
        ------
        RiskModelError
            Of a format that this version does not read.
        """
        if content.get("format") != FORMAT:
            raise RiskModelError(
                f"over_time: format {content.get('format')!r} given; this version reads {FORMAT}. "
                "Run riskmodel monitor again"
            )
        return cls(
            tables={name: table_of_json(table) for name, table in content["tables"].items()},
            model_digest=content["model_digest"],
            k=content["k"],
            alerts=tuple(_alert(entry) for entry in content["alerts"]),
            notes=tuple(content["notes"]),
            policy=content["policy"],
            created=content["created"],
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a JSON file, whole or not at all."""
        content = json.dumps(self.to_dict(), indent=1, allow_nan=False)
        return atomic_write_text(path, content + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> OverTime:
        """Read what `save` wrote.

        Raises
        ------
        RiskModelError
            The file is none of these, or damaged.
        """
        name = Path(path).name
        try:
            return cls.from_dict(json.loads(Path(path).read_bytes()))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, RiskModelError) and not isinstance(error, SchemaError):
                raise
            raise RiskModelError(
                f"{name} cannot be read ({type(error).__name__}): give the over_time.json of "
                "riskmodel monitor"
            ) from error


def _alert(entry: Mapping[str, Any]) -> Alert:
    numbers = {name: float("nan") if entry[name] is None else entry[name] for name in _NUMBERS}
    return Alert(**{**entry, **numbers})
