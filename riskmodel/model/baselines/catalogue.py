"""All baselines by name, and how to fit those that can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.default_trees import DefaultTrees
from riskmodel.model.baselines.elastic_net import ElasticNet
from riskmodel.model.baselines.explainable_boosting import ExplainableBoosting
from riskmodel.model.baselines.interface import Baseline, FittedBaseline
from riskmodel.model.baselines.logistic import PlainLogistic
from riskmodel.model.baselines.ogrs3 import ogrs3_score
from riskmodel.model.baselines.recalibrated import RecalibratedRule
from riskmodel.model.baselines.rows import learning_rows
from riskmodel.model.baselines.rules import BASELINES
from riskmodel.snapshots.table import Snapshots

RESERVED: Final = frozenset(
    {"model", "expected_harm", "probability", "margin", "y", "serious_count", "harm"}
    | {"as_of", "person_id"}
)
"""What results call something else: a baseline of that name would take its place unseen."""


class FittedBaselines(NamedTuple):
    """Baselines by name, in the order given; and why the others could not be computed."""

    fitted: dict[str, FittedBaseline]
    left_out: dict[str, str]


def default_baselines() -> tuple[Baseline, ...]:
    """Return all baselines, in the order in which tables show them.

    Examples
    --------
    >>> [baseline.name for baseline in default_baselines()]
    ['v100_sum', 'v100_repeat', 'rfgv', 'prior_count', 'prior_serious', 'decayed_serious',
     'logistic', 'elastic_net', 'ogrs3', 'explainable_boosting', 'default_trees']
    """
    return (
        *(RecalibratedRule(name, rule) for name, rule in BASELINES.items()),
        PlainLogistic(),
        ElasticNet(),
        RecalibratedRule("ogrs3", ogrs3_score),
        ExplainableBoosting(),
        DefaultTrees(),
    )


def baseline_named(name: str) -> Baseline:
    """Return the baseline of that name.

    Raises
    ------
    SchemaError
        Unknown; the message lists the names.

    Examples
    --------
    >>> baseline_named("default_trees")
    DefaultTrees(name='default_trees')
    """
    by_name = {baseline.name: baseline for baseline in default_baselines()}
    if name not in by_name:
        raise SchemaError(f"baseline: {name!r} given, one of {', '.join(by_name)} is allowed")
    return by_name[name]


def fit_baselines(
    snapshots: Snapshots, baselines: Iterable[Baseline], *, seed: int = 0
) -> FittedBaselines:
    """Fit each baseline on the rows whose outcome is known.

    Returns
    -------
    FittedBaselines
        What was fitted, and the reasons for what was not: columns of the rules that a ready-made
        table lacks, or a library that is not installed.

    Raises
    ------
    SchemaError
        Nothing can be learnt from the rows by any baseline, or two baselines have one name, or
        one the name of something else: of a rule, say, that it is not.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": [0, 1, 2, 9]}), [0, 0, 1, 1])
    >>> asked = [baseline_named(name) for name in ("v100_sum", "logistic")]
    >>> fitted, left_out = fit_baselines(table, asked)
    >>> list(fitted), left_out["v100_sum"].splitlines()[1]
    (['logistic'], '  - rules.harm_1y: missing in all 4 rows')
    """
    asked = tuple(baselines)
    names = [baseline.name for baseline in asked]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SchemaError(f"baselines: {', '.join(repeated)} given more than once")
    if taken := sorted(baseline.name for baseline in asked if _is_taken(baseline)):
        raise SchemaError(f"baselines: {', '.join(taken)} is the name of something else")
    learning_rows(snapshots)  # what keeps every baseline from learning is no reason of one
    found = FittedBaselines({}, {})
    for baseline in asked:
        try:
            found.fitted[baseline.name] = baseline.fit(snapshots, seed=seed)
        except (SchemaError, ModuleNotFoundError) as reason:
            found.left_out[baseline.name] = str(reason)
    return found


def _is_taken(baseline: Baseline) -> bool:
    """Say whether a name is that of another column, or of a rule that this is not."""
    rule = BASELINES.get(baseline.name)
    of_another_rule = rule is not None and getattr(baseline, "rule", None) is not rule
    return baseline.name in RESERVED or of_another_rule
