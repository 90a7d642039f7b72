"""Rows as a model may see them when it is judged: features without what followed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from riskmodel.snapshots.ready_made import unknown_follow_up
from riskmodel.snapshots.table import Snapshots

_UNKNOWN = ("y", "harm", "harm_capped", "serious_count")


def blinded(snapshots: Snapshots) -> Snapshots:
    """Return the rows as a model may see them: without outcomes, nor the records behind them."""
    unknown = {name: getattr(snapshots, name) * np.nan for name in _UNKNOWN}
    unseen = pd.Series(False, index=snapshots.observed.index, name="observed")
    equal = pd.Series(1.0, index=unseen.index, name="weight")  # others tell when an offence came
    return replace(
        snapshots,
        **unknown,
        observed=unseen,
        weight=equal,
        follow_up=unknown_follow_up(unseen),
        totals=snapshots.totals * np.nan,
        between=snapshots.between.iloc[:, :0],
        _histories=None,
    )
