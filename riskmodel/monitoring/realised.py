"""What became of those who were scored: past estimates beside the outcomes that are known now."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.cells import wilson
from riskmodel.statistics.ranking import top_k

KEYS = ["person_id", "as_of"]
COLUMNS = (
    "as_of",
    "n",
    "n_observed",
    "expected",
    "observed",
    "observed_over_expected",
    "brier",
    "k",
    "listed_observed",
    "precision",
    "precision_low",
    "precision_high",
)
_NEEDED = ("person_id", "as_of", "probability", "margin")


def realised(
    scores: pd.DataFrame, snapshots: Snapshots, *, k: int = 100, seed: int = 0
) -> pd.DataFrame:
    """Judge past scores by what was recorded since.

    A list changes what it measures: those who were worked because of it may have offended less,
    or been arrested more. Read this beside the table of actions, not as a test of the model alone.

    Parameters
    ----------
    scores : DataFrame
        One or several tables from `riskmodel.scoring.scores.score`, one below the other.
    snapshots : Snapshots
        Of the same dates, built since. People who were scored and have no row there (left the
        cohort under another task, say) count in `n`, and their outcome as not observed.
    k : int
        Length of the list, by margin, ties by the seed.
    seed : int

    Returns
    -------
    DataFrame
        One row per as_of: n (people with an estimate), n_observed (whose outcome is known);
        among these expected (sum of probabilities), observed (people with the outcome), their
        ratio and the Brier score; among the first k of all n, listed_observed (whose outcome is
        known) and precision with Wilson's 95 % interval. NaN where nothing is observed, never 0.

    Raises
    ------
    SchemaError
        An outcome of another kind than "any"; columns missing, a person twice on a date, k under 1.

    Examples
    --------
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": [0, 3, 4]}), [0, 1, np.nan])
    >>> scores = pd.DataFrame({"person_id": ["0", "1", "2"], "as_of": pd.Timestamp(0),
    ...                        "probability": [0.2, 0.8, 0.9], "margin": [-1.4, 1.4, 2.2]})
    >>> realised(scores, table, k=2)[["n", "n_observed", "observed_over_expected", "precision"]]
       n  n_observed  observed_over_expected  precision
    0  3           2                     1.0        1.0
    """
    _check(scores, k)
    snapshots.check_any("realised()")
    outcome = pd.DataFrame(
        {
            "person_id": snapshots.person_id.astype("str"),
            "as_of": snapshots.as_of,
            "y": snapshots.y.where(snapshots.observed),
        }
    )
    given = scores.loc[scores["margin"].notna(), list(_NEEDED)]
    given = given.astype({"person_id": "str", "as_of": "datetime64[us]"})
    joined = given.merge(outcome, on=KEYS, how="left", validate="one_to_one")
    rows = [_period(as_of, rows, k, seed) for as_of, rows in joined.groupby("as_of")]
    return pd.DataFrame(rows, columns=list(COLUMNS), index=pd.RangeIndex(len(rows)))


def _check(scores: pd.DataFrame, k: int) -> None:
    if missing := [name for name in _NEEDED if name not in scores.columns]:
        raise SchemaError(f"scores: no columns {', '.join(missing)}; give a table from score()")
    problems = []
    if twice := int(scores.duplicated(KEYS).sum()):
        problems.append(f"scores: {twice} rows repeat a person on the same date")
    if isinstance(k, bool) or int(k) != k or k < 1:
        problems.append("k: a whole number from 1 is allowed")
    if problems:
        raise SchemaError(problems)


def _period(as_of: object, rows: pd.DataFrame, k: int, seed: int) -> dict[str, object]:
    seen = rows[rows["y"].notna()]
    expected, observed = seen["probability"].sum(), seen["y"].sum()
    listed = rows[top_k(rows["margin"], rows["person_id"], k, seed)]
    outcomes = listed["y"].dropna()
    low, high = wilson(outcomes.sum(), len(outcomes))
    known = len(seen) > 0
    return {
        "as_of": as_of,
        "n": len(rows),
        "n_observed": len(seen),
        "expected": expected if known else np.nan,
        "observed": observed if known else np.nan,
        "observed_over_expected": observed / expected if known and expected > 0 else np.nan,
        "brier": ((seen["y"] - seen["probability"]) ** 2).mean(),
        "k": min(k, len(rows)),
        "listed_observed": len(outcomes),
        "precision": outcomes.mean(),
        "precision_low": low,
        "precision_high": high,
    }
