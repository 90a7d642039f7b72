"""What became of those who were scored: past estimates beside the outcomes that are known now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from riskmodel.monitoring.past_scores import estimated, past_scores
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.calibration import calibration_slope
from riskmodel.statistics.cells import wilson

_CALIBRATION = (
    "expected",
    "observed",
    "observed_over_expected",
    "observed_over_expected_low",
    "observed_over_expected_high",
    "brier",
    "calibration_slope",
)
COLUMNS = (
    "as_of",
    "n",
    "n_observed",
    *_CALIBRATION,
    "k",
    "listed_observed",
    "listed_outcome",
    "precision",
    "precision_low",
    "precision_high",
)


def realised(
    scores: pd.DataFrame | Sequence[pd.DataFrame],
    snapshots: Snapshots,
    *,
    k: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """Judge past scores by what was recorded since.

    A list changes what it measures: those who were worked because of it may have offended less,
    or been arrested more. Read this beside the table of actions, not as a test of the model alone.

    Parameters
    ----------
    scores : DataFrame, or several
        From `riskmodel.scoring.scores.score` or `rank`.
    snapshots : Snapshots
        Of the same dates, built since. People who were scored and have no row there (left the
        cohort under another task, say) count in `n`, and their outcome as not observed.
    k : int
        Length of the list: by the tables' own ranks, or by margin, ties by the seed.
    seed : int

    Returns
    -------
    DataFrame
        One row per as_of: n (people with an estimate), n_observed (whose outcome is known);
        among these expected (sum of probabilities), observed (people with the outcome), their
        ratio with an interval (Wilson's of the observed share), the Brier score and the slope of
        the calibration line; among the first k of all n, listed_observed (whose outcome is
        known), listed_outcome (who had it) and precision with Wilson's 95 % interval. NaN where
        nothing is observed, never 0.

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
    return period_table(past_scores(scores, snapshots, k=k, seed=seed))


def period_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `realised` for rows of `past_scores`."""
    table = [_period(as_of, of_date) for as_of, of_date in estimated(rows).groupby("as_of")]
    return pd.DataFrame(table, columns=list(COLUMNS), index=pd.RangeIndex(len(table)))


def _period(as_of: object, rows: pd.DataFrame) -> dict[str, object]:
    seen, listed = rows[rows["y"].notna()], rows[rows["listed"]]
    return {
        "as_of": as_of,
        "n": len(rows),
        "n_observed": len(seen),
        **_calibration(seen),
        "k": len(listed),
        **_list(listed["y"].dropna()),
    }


def _calibration(seen: pd.DataFrame) -> dict[str, float]:
    if seen.empty:
        return dict.fromkeys(_CALIBRATION, np.nan)
    y, probability = seen["y"], seen["probability"]
    expected, observed = float(probability.sum()), float(y.sum())
    low, high = wilson(observed, len(seen))
    scale = len(seen) / expected if expected > 0 else np.nan
    return {
        "expected": expected,
        "observed": observed,
        "observed_over_expected": observed / expected if expected > 0 else np.nan,
        "observed_over_expected_low": float(low) * scale,
        "observed_over_expected_high": float(high) * scale,
        "brier": float(((y - probability) ** 2).mean()),
        "calibration_slope": float(np.asarray(calibration_slope(y, probability))),
    }


def _list(outcomes: pd.Series) -> dict[str, float]:
    low, high = wilson(outcomes.sum(), len(outcomes))
    return {
        "listed_observed": len(outcomes),
        "listed_outcome": int(outcomes.sum()),
        "precision": outcomes.mean(),
        "precision_low": float(low),
        "precision_high": float(high),
    }
