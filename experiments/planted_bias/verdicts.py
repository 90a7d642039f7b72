"""The verdicts of one world, from the library's own functions, and how often they are wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from rows import LIST_SHARE, World

import riskmodel as rm
from riskmodel.audit.by_group.group_metrics import list_tables
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.policies.verdicts import FAIL, PASS, judge, trivial_list
from riskmodel.statistics.cells import wilson
from riskmodel.statistics.ranking import top_k

REPLICATES = 200
EDGE = 0.002
"""True gaps so near to the tolerance count as at its edge, where either verdict is a mistake."""
GATE = "gate"
COLUMNS = ("metric", "characteristic", "verdict")


def policy_of(tolerances: Mapping[str, float]) -> rm.Policy:
    """Return a policy with one promise per metric."""
    criteria = [rm.Criterion(metric=name, tolerance=size) for name, size in tolerances.items()]
    return rm.Policy(
        name="planted", use="prioritise", criteria=tuple(criteria), gate_share=LIST_SHARE
    )


def listed_of(world: World, seed: int) -> np.ndarray:
    """Return the top share of each date, ties by the seeded order."""
    listed = np.zeros(len(world.person), dtype=bool)
    for date in np.unique(world.as_of):
        rows = world.as_of == date
        k = round(LIST_SHARE * rows.sum())
        listed[rows] = top_k(world.margin[rows], world.person[rows].astype(str), k, seed)
    return listed


def verdicts_of(world: World, policy: rm.Policy, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the verdicts of a world's list, and the gaps that they read."""
    listed = listed_of(world, seed)
    probability = (world.margin - world.margin.min()) / max(np.ptp(world.margin), 1e-9)
    tables = list_tables(
        world.y,
        {GATE: listed},
        probability,
        world.margin,
        world.groups,
        person=world.person,
        as_of=world.as_of,
        settings=Settings(n_replicates=REPLICATES, seed=seed, level=policy.confidence),
    )
    trivial = trivial_list(listed, world.margin, world.as_of)
    gaps = tables.gaps[GATE]
    found = judge(policy, gaps, rates=tables.rates[GATE], trivial=trivial)
    rows = [(v.metric, v.characteristic, v.verdict) for v in found]
    return pd.DataFrame(rows, columns=list(COLUMNS)), gaps


def tally(verdicts: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of each world and promise beside its true gap.

    Parameters
    ----------
    verdicts : DataFrame
        ``world`` and the columns of `COLUMNS`, one row per seed.
    truth : DataFrame
        world, metric, characteristic, true_gap (the widest), tolerance.
    """
    keys = ["world", "metric", "characteristic"]
    counts = verdicts.groupby([*keys, "verdict"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=[PASS, FAIL, "insufficient evidence"], fill_value=0)
    counts["seeds"] = counts.sum(axis=1)
    return truth.merge(counts.reset_index(), on=keys)


def mistakes(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return how often a promise that is kept fails, and how often one that is broken passes.

    A true gap at the edge counts in both; ``worst`` is the highest rate of any one world.
    """
    over = table["true_gap"].abs() - table["tolerance"]
    return {
        "false fail": _rate(table[over <= EDGE], FAIL),
        "false fail at the edge": _rate(table[over.abs() <= EDGE], FAIL),
        "false pass": _rate(table[over >= -EDGE], PASS),
        "false pass at the edge": _rate(table[over.abs() <= EDGE], PASS),
    }


def any_false_fail(verdicts: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Return in how many audits any promise that is kept fails: what Holm's procedure limits."""
    kept = truth[truth["true_gap"].abs() <= truth["tolerance"] + EDGE]
    rows = verdicts.merge(kept[["world", "metric", "characteristic"]])
    failed = rows["verdict"].eq(FAIL).groupby([rows["world"], rows["seed"]]).any()
    return share_with_interval(int(failed.sum()), len(failed))


def share_with_interval(hits: int, n: int) -> dict[str, float]:
    """Return a share with Wilson's interval."""
    low, high = wilson(hits, n)
    return {"n": n, "share": hits / n if n else np.nan, "low": float(low), "high": float(high)}


def _rate(rows: pd.DataFrame, verdict: str) -> dict[str, float]:
    shares = rows[verdict] / rows["seeds"]
    found = share_with_interval(int(rows[verdict].sum()), int(rows["seeds"].sum()))
    return found | {"worst": float(shares.max()) if len(rows) else np.nan}
