"""What a forecast has to beat to earn its complexity, and whether it did."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmodel.model.evaluation.evaluation import LEADING
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.table import Snapshots

RULE_IN_USE: Final = "v100_sum"
MODEL: Final = "model"
LEARNT: Final = "logistic"
"""The baseline without which no comparison counts: it can be fitted to any rows."""
FEWEST_REPLICATES: Final = 100
"""With one resample an interval is a point: noise then led in 18 of 40 trials, with 200 in 2."""


def gains_over(
    rows: Snapshots, scores: Mapping[str, npt.ArrayLike], *, n_replicates: int, seed: int
) -> list[dict[str, Any]]:
    """Return the model's gain in mean captured over each baseline, on the same resamples.

    Parameters
    ----------
    rows : Snapshots
        That no model of `scores` has learnt from.
    scores : mapping of str to array (n,)
        ``model`` and its baselines.

    Returns
    -------
    list of dict
        baseline, gain (share of later serious offences of named suspects, mean over lists of 50 to
        500), low, high (95 % by resampling people); ready for JSON.
    """
    found = evaluate_scores(
        rows, scores, reference=MODEL, ks=(), n_replicates=n_replicates, seed=seed
    )
    return [
        {
            "baseline": name,
            "gain": _plain(-row["difference"]),
            "low": _plain(-row["difference_high"]),
            "high": _plain(-row["difference_low"]),
        }
        for name in found.models
        if name != MODEL
        for row in [found.row(LEADING, name)]
    ]


def why_not_ahead(backtest: Mapping[str, Any]) -> list[str]:
    """Return why a back-test does not show that the model earns its complexity; empty if it does.

    It has to be ahead of the rule in use, beyond the noise of resampling people, and measurably
    behind no other baseline; by intervals of `FEWEST_REPLICATES` resamples at least.

    Parameters
    ----------
    backtest : mapping
        ``model.provenance["backtest"]``.

    Examples
    --------
    >>> ahead = {"baseline": "v100_sum", "gain": 0.02, "low": 0.01, "high": 0.03}
    >>> behind = {"baseline": "logistic", "gain": -0.02, "low": -0.03, "high": -0.01}
    >>> why_not_ahead({"must_beat": [ahead]})
    ['never compared with logistic']
    >>> why_not_ahead({"must_beat": [ahead, behind]})
    ['behind logistic: mean captured -0.020 (-0.030 to -0.010)']
    """
    gains = backtest.get("must_beat") or []
    if not gains:
        return ["nothing could be held out, so that it was compared with no baseline"]
    drawn = (backtest.get("evaluation") or {}).get("n_replicates", FEWEST_REPLICATES)
    if drawn < FEWEST_REPLICATES:
        return [f"its intervals rest on {drawn} resamples, and {FEWEST_REPLICATES} are needed"]
    reasons = []
    for gain in gains:
        low, high = gain.get("low"), gain.get("high")
        if _known(high) and high < 0:
            reasons.append(f"behind {_told(gain)}")
        elif gain.get("baseline") == RULE_IN_USE and not (_known(low) and low > 0):
            reasons.append(f"not ahead of {_told(gain)} beyond noise")
    if LEARNT not in {gain.get("baseline") for gain in gains}:
        reasons.append(f"never compared with {LEARNT}")
    if not reasons and not any(_known(gain.get("low")) for gain in gains):
        return ["mean captured is undefined beside every baseline, so that none was beaten"]
    return reasons


def _known(number: Any) -> bool:
    """Say whether a bound is a number: JSON read back may hold NaN, which is no lead."""
    return isinstance(number, int | float) and math.isfinite(number)


def _told(gain: Mapping[str, Any]) -> str:
    numbers = [gain.get(part) for part in ("gain", "low", "high")]
    if not all(_known(number) for number in numbers):
        return f"{gain['baseline']} (mean captured is undefined)"
    middle, low, high = (f"{number:+.3f}" for number in numbers)
    return f"{gain['baseline']}: mean captured {middle} ({low} to {high})"


def _plain(value: Any) -> float | None:
    number = float(value)
    return None if np.isnan(number) else number
