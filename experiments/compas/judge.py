"""Out-of-fold estimates, and how they are judged: accuracy, calibration, error rates by group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

import riskmodel as rm
from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.rates import Settings
from riskmodel.model.evaluation.group_calibration import calibration_by_group
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.statistics.bootstrap import interval, person_weights
from riskmodel.statistics.calibration import brier

Floats: TypeAlias = NDArray[np.float64]
Predict: TypeAlias = Callable[[pd.DataFrame], Floats]
Learn: TypeAlias = Callable[[pd.DataFrame, Floats], Predict]

N_FOLDS = 5
SEED = 0
REPLICATES = 1000
BLEND = {"any": 1.0, "logistic": 1.0}  # on few features and few people neither alone is better
LENGTHS = (100, 500)
SMALLEST_GROUP = 100  # a calibration slope on fewer people says nothing
REFERENCE_GROUPS = {"race": "Caucasian", "sex": "Male"}
RATES = (
    "outcome_rate",
    "selection_rate",
    "precision",
    "false_positive_rate",
    "false_negative_rate",
)


def learn_blend(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit the library's estimator; people are held out whole to calibrate it."""
    fitted = rm.RepeatHarmEstimator(blend=BLEND, random_state=SEED, n_jobs=1)
    fitted.fit(X, y, person=X.index)  # few rows: a second thread would wait
    return lambda rows: np.asarray(fitted.predict_proba(rows)[:, 1])


def learn_logistic(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit a plain logistic model; of one column it is a recalibration."""
    fitted = LogisticBaseline.fit(X, pd.Series(y), pd.Series(np.ones(len(y))))
    return lambda rows: np.asarray(fitted.predict_proba(rows)[:, 1])


def fold_numbers(y: Floats, person: pd.Index, *, repeats: int) -> pd.DataFrame:
    """Return the fold of each row, one column a repeat; a person is in one fold only."""
    columns = {}
    for repeat in range(repeats):
        splitter = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=SEED + repeat)
        fold = np.zeros(len(y), dtype=np.int64)
        for number, (_, held_out) in enumerate(splitter.split(y, y, groups=person), start=1):
            fold[held_out] = number
        columns[f"fold_{repeat + 1}"] = fold
    return pd.DataFrame(columns, index=person)


def out_of_fold(X: pd.DataFrame, y: Floats, folds: pd.DataFrame, learn: Learn) -> Floats:
    """Return the probability of each row by models that never saw it, (repeats, n)."""
    found = np.full((folds.shape[1], len(X)), np.nan)
    for repeat, fold in enumerate(folds.to_numpy().T):
        for number in np.unique(fold):
            held_out = fold == number
            predict = learn(X[~held_out], y[~held_out])
            found[repeat, held_out] = predict(X[held_out])
    return found


def accuracy(
    rows: rm.Snapshots, scores: dict[str, Floats], chances: dict[str, Floats], reference: str
) -> dict[str, Any]:
    """Return every metric of every score with intervals, and differences to the reference."""
    found = rm.evaluate_scores(
        rows,
        scores,
        probabilities=chances,
        reference=reference,
        ks=LENGTHS,
        n_replicates=REPLICATES,
        seed=SEED,
    )
    content: dict[str, Any] = found.to_dict()
    del content["by_date"]  # the screening dates are pooled as one
    return content


def calibration(rows: rm.Snapshots, chance: Floats, groups: pd.DataFrame) -> list[dict[str, Any]]:
    """Return Brier score, slope, observed over expected and ECE, for all and for each group."""
    everyone = pd.Series("all", index=groups.index, name="everyone")
    tables = []
    for name, column in (("everyone", everyone), *groups.items()):
        table = calibration_by_group(
            rows,
            chance,
            column.reset_index(drop=True),
            minimum=SMALLEST_GROUP,
            n_replicates=REPLICATES,
            seed=SEED,
        )
        table = table[table["n_people"] >= SMALLEST_GROUP].rename_axis("group").reset_index()
        briers = [_brier(rows, chance, (column == group).to_numpy()) for group in table["group"]]
        tables.append(pd.concat([table, pd.DataFrame(briers)], axis=1).assign(characteristic=name))
    return _records(pd.concat(tables))


def _brier(rows: rm.Snapshots, chance: Floats, members: NDArray[np.bool_]) -> dict[str, float]:
    y, p = rows.y.to_numpy()[members], chance[members]
    weights = np.concatenate(list(person_weights(np.arange(len(y)), REPLICATES, SEED)))
    low, high = interval(brier(y, p, weights))
    return {"brier": float(brier(y, p)), "brier_low": float(low), "brier_high": float(high)}


def rates_by_group(
    y: Floats, listed: NDArray[np.bool_], chance: Floats, groups: pd.DataFrame
) -> dict[str, list[dict[str, Any]]]:
    """Return the error rates of a list by race and sex, and their gaps; small cells withheld."""
    settings = Settings(n_replicates=REPLICATES, seed=SEED, reference_groups=REFERENCE_GROUPS)
    tables = group_table(y, listed, chance, groups, settings=settings, warn=False)
    rates = tables.rates.drop(columns=["numerator", "denominator"])  # small counts stay inside
    return {"rates": _chosen(rates), "gaps": _chosen(tables.gaps)}


def _chosen(table: pd.DataFrame) -> list[dict[str, Any]]:
    return _records(table[table["metric"].isin(RATES)])


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.astype(object).where(table.notna(), None).to_dict(orient="records")
