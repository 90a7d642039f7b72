"""Where a model is from: data, dates, settings and libraries, as JSON."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.snapshots.late_reports import late_share
from riskmodel.snapshots.table import Snapshots

_LIBRARIES = ("riskmodel", "numpy", "pandas", "scikit-learn", "lightgbm", "numba", "scipy")


def describe_training(
    snapshots: Snapshots, labelled: Snapshots, estimator: RepeatHarmEstimator, *, seed: int
) -> dict[str, Any]:
    """Return what a reader needs to know, and an engineer to train it again.

    Parameters
    ----------
    snapshots, labelled : Snapshots
        All rows given, and those learnt from.
    estimator : RepeatHarmEstimator
        Fitted.
    seed : int
    """
    params = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in estimator.get_params().items()
    }
    if not isinstance(params["random_state"], int | None):
        params["random_state"] = "a random generator's state: not repeatable"
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "seed": seed,
        "estimator": params,
        **_complete_from_to(labelled),
        "data": _data(snapshots, labelled),
        "label": _label(labelled),
        "calibration": {
            "n_rows": estimator.calibration_.n_rows,
            "n_people": estimator.calibration_.n_people,
            "limited": estimator.calibration_.limited,
        },
    }


def _complete_from_to(labelled: Snapshots) -> dict[str, str | None]:
    """Return from when, and until before when, the histories are complete."""
    histories = labelled._histories
    if histories is None:
        return {"data_start": None, "data_end": None}
    span = {"data_start": histories.data_start, "data_end": histories.data_end}
    return {name: moment.isoformat() for name, moment in span.items()}


def _data(snapshots: Snapshots, labelled: Snapshots) -> dict[str, Any]:
    return {
        "digest": _data_digest(labelled),
        "rows": len(labelled),
        "rows_without_observed_outcome": len(snapshots) - len(labelled),
        "people": int(labelled.person_id.nunique()),
        "positive_rows": int(labelled.y.sum()),
        "positive_people": int(labelled.person_id[labelled.y == 1].nunique()),
        "as_of": [date.isoformat() for date in labelled.dates],
        "features": [str(name) for name in labelled.X.columns],
        "between": [
            {"as_of": date.isoformat(), **{name: int(count) for name, count in counts.items()}}
            for date, counts in zip(
                labelled.between.index, labelled.between.to_dict("records"), strict=True
            )
        ],
    }


def _data_digest(labelled: Snapshots) -> dict[str, str]:
    """Return the histories' digest where there are histories, and that of the rows learnt from."""
    rows = hashlib.sha256(np.ascontiguousarray(labelled.X.to_numpy()).tobytes())
    rows.update(labelled.y.to_numpy().tobytes())
    digests = {"rows": rows.hexdigest()}
    if labelled._histories is not None:
        digests["histories"] = labelled._histories.digest()
    return digests


def _label(labelled: Snapshots) -> dict[str, Any] | None:
    task = labelled.task
    if task is None:
        return None
    histories, allowance = labelled._histories, labelled.late_allowance_days
    late = None if histories is None else late_share(histories, task, allowance)
    return {
        "definition": task.outcome.describe(),
        "horizon_days": task.outcome.horizon_days,
        "evidence": list(task.outcome.evidence),
        "offence_edition": task.offences.edition,
        "known_at": labelled.known_at.isoformat(),
        "late_allowance_days": allowance,
        "share_of_serious_events_recorded_later": None if late is None or np.isnan(late) else late,
        "task_digest": task.digest(),
    }
