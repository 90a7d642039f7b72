"""From labelled snapshots to what an estimator's `fit` takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from riskmodel.errors import RiskModelError
from riskmodel.model.directions import agreed_directions
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.snapshots.table import Snapshots


def default_estimator(snapshots: Snapshots, seed: int = 0) -> RepeatHarmEstimator:
    """Return the settings that `train` takes unless it is given others.

    They are the estimator's defaults with `agreed_directions`. For a model without directions give
    ``RepeatHarmEstimator(random_state=seed)``.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": [0, 3]}), [0, 1])
    >>> default_estimator(table, seed=3).random_state
    3
    """
    directions = {} if snapshots.task is None else agreed_directions(snapshots.task)
    return RepeatHarmEstimator(random_state=seed, monotone=directions or None)


def learn(
    settings: RepeatHarmEstimator,
    labelled: Snapshots,
    *,
    columns: Sequence[str] | None = None,
    expected_harm: bool = False,
) -> RepeatHarmEstimator:
    """Fit a copy of `settings` on all rows; `calibrate` is still to come.

    Parameters
    ----------
    settings : RepeatHarmEstimator
        It is not changed. Directions (`monotone`) of features that are left out are left out.
    labelled : Snapshots
        ``snapshots.learnable``.
    columns : sequence of str, optional
        The features to learn from; all unless given.
    expected_harm : bool
        Learn harm too, where it is known in every row and there is any.
    """
    chosen = list(labelled.X.columns) if columns is None else list(columns)
    blend = settings.blend or {}
    copy: RepeatHarmEstimator = clone(settings)
    if copy.monotone:
        kept = {name: way for name, way in copy.monotone.items() if name in chosen}
        copy.set_params(monotone=kept or None)
    targets: dict[str, Any] = {"date": labelled.as_of.to_numpy()} if "rank" in blend else {}
    if {"count", "rank"} & set(blend):
        targets["count"] = _known(labelled, "serious_count")
    if "harm" in blend:
        targets["harm"] = _known(labelled, "harm")
    elif expected_harm and harm_is_known(labelled):
        targets["harm"] = labelled.harm.to_numpy()
    return copy.fit(
        labelled.X[chosen],
        labelled.y.to_numpy(),
        labelled.weight.to_numpy(),
        person=labelled.person_id.to_numpy(),
        calibration_folds=[],
        **targets,
    )


def harm_is_known(labelled: Snapshots) -> bool:
    """Say whether summed harm is known in every row, and there is any."""
    harm = labelled.harm.to_numpy()
    return bool(np.isfinite(harm).all() and harm.any())


def _known(labelled: Snapshots, name: str) -> Any:
    amount = getattr(labelled, name).to_numpy()
    unknown = int((~np.isfinite(amount)).sum())
    if unknown:
        raise RiskModelError(
            f"blend learns from {name}, which is not known in {unknown} rows: their windows are "
            "still open. Use Outcome(censored='left_out'), or a blend without it."
        )
    return amount
