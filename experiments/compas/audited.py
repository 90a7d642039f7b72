"""Our own model of the COMPAS file under the library's audit, by estimates made out of fold."""

from __future__ import annotations

import pandas as pd
from judge import SEED, Floats

import riskmodel as rm
from riskmodel.statistics.log_odds import logit

LIST_LENGTH = 500
POLICY = rm.Policy.default("prioritise")


def audit_model(
    rows: rm.Snapshots, chance: Floats, groups: pd.DataFrame, *, seed: int = SEED
) -> rm.FairnessAudit:
    """Return the audit of a list of `LIST_LENGTH`, and of the gate's 5 %.

    Parameters
    ----------
    rows : Snapshots, n rows
    chance : array of float, shape (n,)
        Estimates of models that never saw the person.
    groups : DataFrame
        Race and sex, indexed by id: no model has read them.

    Notes
    -----
    The model without age: a ready-made table can declare no justification. What explains the
    scores (SHAP by group) is of a model that learnt from everyone.
    """
    model = rm.train(rows, name="broward-two-years", seed=seed, baselines=())
    predictions = pd.DataFrame(
        {
            "as_of": rows.as_of.to_numpy(),
            "person_id": rows.person_id.to_numpy(),
            "probability": chance,
            "margin": logit(chance),
        }
    )
    table = groups.rename_axis("person_id").reset_index().astype({"person_id": "str"})
    return rm.audit_fairness(
        model, rows, None, table,
        k=LIST_LENGTH, policy=POLICY, intersections=(("race", "sex"),),
        predictions=predictions, seed=seed,
    )  # fmt: skip
