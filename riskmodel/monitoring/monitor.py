"""monitor(): what became of a model in use, from its stored scores and later outcomes."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pandas as pd

from riskmodel.audit.by_group.gaps import INSUFFICIENT, warn_withheld
from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.question import settings_under
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.monitoring.actions import NO_EFFECT, WITHIN_DAYS, worked_and_not
from riskmodel.monitoring.alerts import not_held, raise_alerts
from riskmodel.monitoring.changes import list_moves, removals, time_on_list
from riskmodel.monitoring.drift import drift_by_period, feature_drift, score_drift
from riskmodel.monitoring.effect import effect_of_listing
from riskmodel.monitoring.group_periods import group_periods
from riskmodel.monitoring.overrides import override_table
from riskmodel.monitoring.past_scores import past_scores
from riskmodel.monitoring.realised import period_table
from riskmodel.snapshots.table import Snapshots

Tables = dict[str, pd.DataFrame]


def monitor(
    scores: pd.DataFrame | Sequence[pd.DataFrame],
    snapshots: Snapshots,
    histories: EventHistories | None = None,
    groups: pd.DataFrame | None = None,
    *,
    model: RiskModel | None = None,
    X: pd.DataFrame | None = None,
    policy: Policy | None = None,
    k: int = 100,
    overrides: pd.DataFrame | None = None,
    random_log: pd.DataFrame | str | os.PathLike[str] | None = None,
    worked_within_days: int = WITHIN_DAYS,
    n_replicates: int = 1000,
    seed: int = 0,
) -> OverTime:
    """Hold stored scores against later outcomes, and thresholds against what comes of it.

    Parameters
    ----------
    scores : DataFrame, or several
        As they were stored: from `riskmodel.scoring.scores.score` or `rank`, one or several dates.
    snapshots : Snapshots
        Of the same dates, built since, with the outcomes that are known now.
    histories : EventHistories, optional
        For the table of actions (who was worked, who was removed) and dates of birth.
    groups : DataFrame, optional
        ``person_id`` and one column per protected characteristic: for rates by group.
    model : RiskModel, optional
        The model in use: for drift since its training.
    X : DataFrame, optional
        Features now; by default those of the newest date that was scored.
    policy : Policy, optional
        Its thresholds raise alerts; by default that of the model's first permitted use.
    k : int, default 100
        Length of the list.
    overrides : DataFrame, optional
        person_id, as_of, direction (``added``, ``removed``); other columns are not read.
    random_log : DataFrame or path, optional
        Of `riskmodel.scoring.lists.random_order.randomise_near_cut`.
    worked_within_days : int, default 30
        Whoever has an action under way in so many days from the list's date was worked.
    n_replicates, seed : int
        Of the resamples; the seed is that of the order among equal scores too.

    Returns
    -------
    OverTime

    Raises
    ------
    SchemaError
        A table breaks its rules, or the outcome is of another kind than "any".
    ModelMismatchError
        The features are not those of the model.

    Warns
    -----
    SmallGroupWarning
        Rates on fewer people than the policy's minimum are withheld.

    Examples
    --------
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": range(40)}), [0, 1] * 20)
    >>> scores = pd.DataFrame({"person_id": table.person_id, "as_of": table.as_of,
    ...                        "probability": [0.4, 0.6] * 20, "margin": [-0.4, 0.4] * 20})
    >>> found = monitor(scores, table, k=20)
    >>> float(found.tables["periods"]["precision"].iloc[0]), found.tables["time_on_list"].values[0]
    (1.0, array([ 1, 20, 20,  1]))
    """
    use = "prioritise" if model is None else next(iter(model.permitted_uses), "prioritise")
    chosen = policy or Policy.default(use)
    rows = past_scores(scores, snapshots, k=k, seed=seed)
    tables: Tables = {
        "periods": period_table(rows),
        "changes": list_moves(rows),
        "time_on_list": time_on_list(rows),
    }
    if groups is not None:
        tables |= _by_group(rows, groups, histories, chosen, n_replicates, seed)
    if model is not None:
        tables |= _drift(model, snapshots, rows, scores, X)
    if histories is not None and len(histories.actions):
        tables |= _actions(rows, snapshots, histories, worked_within_days, chosen)
    if overrides is not None:
        tables["overrides"] = override_table(rows, overrides, level=chosen.confidence)
    if random_log is not None:
        outcomes = snapshots.followed.to_frame()[["person_id", "as_of", "y"]]
        tables["random_order"] = effect_of_listing(
            random_log, outcomes, level=chosen.confidence, seed=seed
        )
    return OverTime(
        tables=tables,
        alerts=raise_alerts(chosen.thresholds, tables),
        notes=tuple(_notes(tables, rows, chosen, worked_within_days)),
        model_digest=str(rows.loc[rows["as_of"] == rows["as_of"].max(), "digest"].iloc[0]),
        k=k,
        policy=chosen.to_dict(),
    )


def _by_group(
    rows: pd.DataFrame,
    groups: pd.DataFrame,
    histories: EventHistories | None,
    policy: Policy,
    n_replicates: int,
    seed: int,
) -> Tables:
    settings = settings_under(policy, n_replicates=n_replicates, seed=seed)
    found = group_periods(rows, groups, histories=histories, settings=settings)
    warn_withheld(found.rates, policy.minimum_cell)
    return {"group_periods": found.rates, "group_period_gaps": found.gaps}


def _drift(
    model: RiskModel,
    snapshots: Snapshots,
    rows: pd.DataFrame,
    scores: pd.DataFrame | Sequence[pd.DataFrame],
    X: pd.DataFrame | None,
) -> Tables:
    """Return drift since the model was trained: of features, and of the estimates it made."""
    newest = rows["as_of"].max()
    scored = snapshots.as_of.isin(rows["as_of"])
    now = snapshots.X[snapshots.as_of == newest] if X is None else X
    tables: Tables = {}
    if len(now):
        tables["drift"] = feature_drift(model, now)
    if scored.any():
        dates = snapshots.as_of[scored].reset_index(drop=True)
        tables["drift_periods"] = drift_by_period(model, snapshots.X[scored], dates)
    several = [scores] if isinstance(scores, pd.DataFrame) else scores
    last = pd.concat([part[pd.to_datetime(part["as_of"]) == newest] for part in several])
    if "digest" in last.columns and (last["digest"] == model.digest).all():
        tables["drift_estimates"] = score_drift(model, last)
    return tables


def _actions(
    rows: pd.DataFrame,
    snapshots: Snapshots,
    histories: EventHistories,
    within_days: int,
    policy: Policy,
) -> Tables:
    horizon = None if snapshots.task is None else snapshots.task.outcome.horizon_days
    return {
        "actions": worked_and_not(
            rows,
            histories.actions,
            within_days=within_days,
            horizon_days=horizon,
            level=policy.confidence,
        ),
        "removals": removals(rows, histories.actions),
    }


_MISSING = {
    "group_periods": "no table of groups was given, so nothing is told by group",
    "drift": "no model and features of the newest date were given, so drift was not measured",
    "actions": "the histories hold no actions: who was worked, and who removed, is not known",
    "overrides": "no table of overrides was given: how often people overrode the list is unknown",
    "random_order": "no order was drawn by lot near the cut: what the list itself does is unknown",
}


def _notes(tables: Tables, rows: pd.DataFrame, policy: Policy, within_days: int) -> list[str]:
    """Return how to read the tables, and what was not measured."""
    notes = [text for name, text in _MISSING.items() if name not in tables]
    unknown = int((tables["periods"]["n_observed"] == 0).sum())
    if unknown:
        notes.append(f"of {unknown} of {len(tables['periods'])} dates no outcome is known yet")
    if rows["digest"].nunique() > 1:
        notes.append("the scores are of several models; share_stayed mixes that with time passing")
    if "actions" in tables:
        notes.append(
            f"worked: an action was under way within {within_days} days of the list's date. "
            + NO_EFFECT
        )
    if "group_period_gaps" in tables:
        gaps = tables["group_period_gaps"]
        few = int((gaps["status"] == INSUFFICIENT).sum())
        notes.append(
            f"{few} of {len(gaps)} gaps between groups rest on too few people to be shown; alerts "
            "judge all dates together, by intervals that hold for all groups at once where there "
            "are such"
        )
    if "overrides" in tables and (stray := tables["overrides"].attrs["without_list"]):
        notes.append(f"{stray} overrides go against no list that was given, and are not counted")
    notes += [
        f"the policy has a threshold of {measure}, of which nothing was measured"
        for measure in not_held(policy.thresholds, tables)
    ]
    return notes
