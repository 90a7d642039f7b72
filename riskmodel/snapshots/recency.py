"""Weights by recency: what was learnt long ago may count for less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from riskmodel.errors import SchemaError
from riskmodel.snapshots.table import Snapshots


def weighted_by_recency(snapshots: Snapshots, *, half_life_days: float) -> Snapshots:
    """Return the rows with weights that halve with every `half_life_days` before the newest date.

    For training: metrics do not use weights. Only ratios of weights matter, so that `split_at`
    on the result trains each earlier date as if it had been weighted at that date.

    Parameters
    ----------
    snapshots : Snapshots
    half_life_days : float
        Above 0. Long keeps old dates; infinity would change nothing.

    Raises
    ------
    SchemaError
        The half-life is not a finite number above 0; or the outcome weights rows that the end of
        the data cuts: those weights are worked out anew at each earlier date, and these lost.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = Snapshots.from_table(
    ...     pd.DataFrame({"priors": [1, 2]}), [0, 1], as_of=["2018-01-01", "2020-01-01"])
    >>> weighted_by_recency(rows, half_life_days=365).weight.tolist()
    [0.25, 1.0]
    """
    if not (np.isfinite(half_life_days) and half_life_days > 0):
        raise SchemaError(f"half_life_days: {half_life_days} given, a number above 0 is needed")
    if snapshots.task is not None and snapshots.task.outcome.weighted:
        raise SchemaError(
            'weighted_by_recency: Outcome(censored="weighted") has weights of its own, which are '
            "worked out anew at each earlier date",
            advice='Build the snapshots with Outcome(censored="left_out").',
        )
    age = (snapshots.as_of.max() - snapshots.as_of).dt.total_seconds() / 86_400
    return replace(snapshots, weight=snapshots.weight * 0.5 ** (age / half_life_days))
