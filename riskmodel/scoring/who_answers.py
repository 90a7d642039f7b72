"""Which model answers for a person: the full one, the fallback, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.model.needs import lacking, lacking_names, say_lacking
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scorer import Estimates, Scorer
from riskmodel.scoring.sentences import about_the_fallback
from riskmodel.snapshots.cohort import STATUSES
from riskmodel.snapshots.passes import RULE_COLUMNS

Missing = Literal["fallback", "refuse"]

SCORED: Final = STATUSES[0]
FALLBACK: Final = "fallback"
EVIDENCE_SHARE: Final = RULE_COLUMNS.index("evidence_share")
LACKING: Final = "lacks what the model needs"


def check_missing(missing: str) -> None:
    """Raise for a word that says nothing of what to do with people who lack something."""
    if missing not in get_args(Missing):
        raise SchemaError(f"missing: one of {', '.join(get_args(Missing))} is expected")


def labels_of(model: RiskModel) -> dict[str, str]:
    """Return what a score says of the model that made it."""
    return {
        "model": model.name,
        "version": model.version,
        "digest": model.digest,
        "edition": model.edition,
        "thresholds_version": model.thresholds.version,
    }


def fallback_table(fallback: Scorer, rules: NDArray[Any]) -> NDArray[np.float64]:
    """Return the columns that the fallback reads, (n, p), of rules (n, r)."""
    columns = [RULE_COLUMNS.index(name) for name in fallback.feature_names]
    return np.ascontiguousarray(rules[:, columns], dtype=np.float64)


class Answers(NamedTuple):
    """What is said of n people: numbers by name, status and warning, each of shape (n,)."""

    numbers: dict[str, NDArray[np.float64]]
    status: NDArray[np.object_]
    warnings: NDArray[np.object_]


def answer_rows(
    model: RiskModel,
    table: NDArray[Any],
    rules: NDArray[Any],
    absent: Sequence[str],
    missing: Missing,
) -> Answers:
    """Answer for people in the cohort.

    Parameters
    ----------
    model : RiskModel
    table : float array of shape (n, p)
        Features in the model's order.
    rules : float array of shape (n, r)
        Columns of the rules in use, as `RULE_COLUMNS`.
    absent : sequence of str
        Columns that features read and that are not there for anyone.
    missing : {"fallback", "refuse"}
    """
    mask = lacking(table, model.reference)
    lacks: NDArray[np.bool_] = np.logical_or(mask.any(axis=1), bool(absent))
    status = np.full(len(table), SCORED, dtype=object)
    warnings = np.full(len(table), "", dtype=object)
    numbers = {name: np.full(len(table), np.nan) for name in Estimates._fields}
    _fill(numbers, ~lacks, model.scorer, table[~lacks])
    if lacks.any():
        why = _why_each(model.feature_names, mask[lacks], absent)
        fallback = None if missing == "refuse" else model.fallback
        status[lacks] = LACKING if fallback is None else FALLBACK
        warnings[lacks] = why if fallback is None else [about_the_fallback(text) for text in why]
        if fallback is not None:
            _fill(numbers, lacks, fallback, fallback_table(fallback, rules[lacks]))
    return Answers(numbers, status, warnings)


def _fill(
    numbers: dict[str, NDArray[np.float64]],
    rows: NDArray[np.bool_],
    scorer: Scorer,
    table: NDArray[Any],
) -> None:
    if len(table):
        for name, column in scorer.estimates(table)._asdict().items():
            numbers[name][rows] = column


def _why_each(names: Sequence[str], mask: NDArray[np.bool_], absent: Sequence[str]) -> list[str]:
    """Return why the full model does not answer for each row; most rows share few reasons."""
    if absent:
        return [why_lacking(absent, ())] * len(mask)
    kinds, kind = np.unique(mask, axis=0, return_inverse=True)
    said = [why_lacking((), lacking_names(names, one)) for one in kinds]
    return [said[number] for number in kind.reshape(-1)]


def why_lacking(columns: Sequence[str], names: Sequence[str]) -> str:
    """Return why the full model does not answer: columns not said, values not known."""
    said = []
    if columns:
        said.append(f"{' and '.join(columns)} not given, which the model reads of a person")
    if names:
        said.append(say_lacking(names))
    return "; ".join(said)


def number_or_none(value: float) -> float | None:
    """Return a number as a reply has it: None where a table has NaN."""
    return None if np.isnan(value) else float(value)
