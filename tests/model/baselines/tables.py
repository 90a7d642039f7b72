"""Tables whose rules are known, and the same rows in another order."""

from dataclasses import replace

import numpy as np
import pandas as pd

from riskmodel.snapshots.table import Snapshots


def table_with_rules(X, y, rules, **options):
    """A ready-made table whose rules are known."""
    table = Snapshots.from_table(pd.DataFrame(X), y, **options)
    return replace(table, rules=table.rules.assign(**rules))


def in_other_order(snapshots, seed=1):
    """The same rows, shuffled, and where each of them was before."""
    order = np.random.default_rng(seed).permutation(len(snapshots))
    names = ("X", "y", "harm", "harm_capped", "serious_count", "weight", "person_id", "as_of",
             "observed", "follow_up", "rules")  # fmt: skip
    parts = {name: getattr(snapshots, name).iloc[order].reset_index(drop=True) for name in names}
    return replace(snapshots, **parts), order
