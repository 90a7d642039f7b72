"""What is checked before the estimator learns or scores. Messages name columns and count rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from riskmodel.errors import RiskModelError
from riskmodel.model.bagging import Codes, Fold
from riskmodel.model.parts import Floats


def encoded(y: ArrayLike, weight: Floats) -> tuple[NDArray[Any], Floats]:
    """Return (classes, y as 0 and 1); both classes must have a row with weight."""
    check_classification_targets(y)
    kind = type_of_target(y, input_name="y", raise_unknown=True)
    classes, codes = np.unique(np.asarray(y), return_inverse=True)
    if len(classes) > 2:
        raise RiskModelError(
            f"Only binary classification is supported. The type of the target is {kind}."
        )
    if len(np.unique(codes[weight > 0])) < 2:
        raise RiskModelError(
            f"y has only one class among its {int((weight > 0).sum())} rows with weight; "
            "two are needed: rows with the outcome and rows without."
        )
    return classes, codes.astype(np.float64)


def person_codes(person: ArrayLike | None, n_rows: int) -> Codes:
    """Return 0-based codes, one a row; without persons each row is its own."""
    if person is None:
        return np.arange(n_rows)
    column = np.asarray(person)
    if column.shape != (n_rows,) or pd.isna(column).any():
        raise RiskModelError(f"person must name someone in each of the {n_rows} rows of X.")
    codes: Codes = np.unique(column, return_inverse=True)[1]
    return codes


def checked_amounts(given: Mapping[str, ArrayLike | None], weight: Floats) -> dict[str, Floats]:
    """Return harm, count and date as floats where given: one a row; amounts finite, 0 or more."""
    amounts, n_rows = {}, len(weight)
    for name, values in given.items():
        if values is None:
            continue
        column = np.asarray(values)
        if column.shape != (n_rows,):
            raise RiskModelError(f"{name} must have one value for each of the {n_rows} rows of X.")
        if name == "date":
            amounts[name] = np.unique(column, return_inverse=True)[1].astype(np.float64)
        else:
            amounts[name] = _checked_amount(name, column.astype(np.float64), weight)
    return amounts


def _checked_amount(name: str, amount: Floats, weight: Floats) -> Floats:
    bad = int((~np.isfinite(amount) | (amount < 0)).sum())
    if bad:
        raise RiskModelError(
            f"{name} is missing, infinite or negative in {bad} rows; 0 or more is needed. "
            "Leave rows out whose outcome was not observed."
        )
    if not amount[weight > 0].any():
        raise RiskModelError(
            f"{name} is 0 in every row with weight: nothing to learn from; leave it out."
        )
    return amount


def checked_folds(
    folds: Sequence[tuple[ArrayLike, ArrayLike]] | None, y: Floats, weight: Floats
) -> list[Fold] | None:
    """Return folds as sorted positions of rows with weight, both classes in each train part."""
    if folds is None:
        return None
    checked: list[Fold] = []
    for number, (train, held_out) in enumerate(folds):
        learnt, held = (np.unique(np.asarray(part, dtype=np.int64)) for part in (train, held_out))
        if any(len(part) and (part[0] < 0 or part[-1] >= len(y)) for part in (learnt, held)):
            raise RiskModelError(f"calibration_folds[{number}] has positions outside X.")
        if len(np.intersect1d(learnt, held)):
            raise RiskModelError(f"calibration_folds[{number}] holds rows out that it learns from.")
        learnt, held = learnt[weight[learnt] > 0], held[weight[held] > 0]
        if len(np.unique(y[learnt])) < 2 or not len(held):
            raise RiskModelError(
                f"calibration_folds[{number}] needs both classes to learn from and rows held out."
            )
        checked.append((learnt, held))
    return checked
