"""What is asked of a model, as one value: cohort, outcome, offences, features."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from riskmodel.errors import SchemaError
from riskmodel.histories.offences import OffenceTable, Unmapped
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.outcome import STANDING, Outcome, evidence_problems
from riskmodel.snapshots.pairs import AnyFeature, feature_from_dict


@dataclass(frozen=True, kw_only=True)
class Task:
    """The whole question, frozen: it drives snapshots, travels in the bundle, has a digest.

    Parameters
    ----------
    cohort : Cohort
    outcome : Outcome
    offences : OffenceTable
        Harm, group and seriousness of each offence, by named edition.
    features : tuple of Feature
    feature_evidence : tuple of str
        Evidence levels, as known before ``as_of``, of the records that features count.
    unmapped : Unmapped or None
        What an offence counts that the table lacks; None makes it an error.

    Examples
    --------
    >>> task = Task(offences=OffenceTable.cambridge())
    >>> Task.from_dict(task.to_dict()).digest() == task.digest()
    True
    """

    offences: OffenceTable
    cohort: Cohort = field(default_factory=Cohort)
    outcome: Outcome = field(default_factory=Outcome)
    features: tuple[AnyFeature, ...] = field(default_factory=default_features)
    feature_evidence: tuple[str, ...] = STANDING
    unmapped: Unmapped | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", tuple(self.features))
        object.__setattr__(self, "feature_evidence", tuple(self.feature_evidence))
        problems = evidence_problems("Task.feature_evidence", self.feature_evidence)
        names = [feature.name for feature in self.columns]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            problems.append(f"Task.features: named more than once: {', '.join(repeated)}")
        if not names:
            problems.append("Task.features: declare at least one feature")
        groups = {leaf.group for column in self.columns for leaf in column.leaves if leaf.group}
        if missing := sorted(groups - set(self.groups)):
            problems.append(
                f"Task.features: offence groups {missing} are not in the offence table, "
                f"which has {', '.join(self.groups)}"
            )
        if problems:
            raise SchemaError(problems)

    @property
    def groups(self) -> tuple[str, ...]:
        """Offence groups of the table, sorted."""
        return self.offences.groups

    @cached_property
    def columns(self) -> tuple[AnyFeature, ...]:
        """The features, with ``"each"`` written out; one for each column of X."""
        return tuple(part for feature in self.features for part in feature.expand(self.groups))

    @cached_property
    def by_name(self) -> dict[str, AnyFeature]:
        """The features by the names of the columns of X, in order."""
        return {feature.name: feature for feature in self.columns}

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns of X, in order."""
        return list(self.by_name)

    def feature(self, name: str) -> AnyFeature:
        """Return the feature of one column.

        Raises
        ------
        SchemaError
            If there is no such column.
        """
        if name not in self.by_name:
            raise SchemaError(f"feature {name!r} is not in the task")
        return self.by_name[name]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict that holds the whole task, offences included."""
        return {
            "cohort": self.cohort.to_dict(),
            "outcome": self.outcome.to_dict(),
            "offences": self.offences.to_dict(),
            "features": [feature.to_dict() for feature in self.features],
            "feature_evidence": list(self.feature_evidence),
            "unmapped": asdict(self.unmapped) if self.unmapped else None,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Task:
        """Return the task that `to_dict` wrote."""
        return cls(
            cohort=Cohort.from_dict(content["cohort"]),
            outcome=Outcome.from_dict(content["outcome"]),
            offences=OffenceTable.from_dict(content["offences"]),
            features=tuple(feature_from_dict(feature) for feature in content["features"]),
            feature_evidence=tuple(content["feature_evidence"]),
            unmapped=Unmapped(**content["unmapped"]) if content["unmapped"] else None,
        )

    def digest(self) -> str:
        """Return the SHA-256 of the task's JSON."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
