"""Estimate two-year recidivism in the COMPAS file, out of fold, from what was known at screening.

::

    python run.py --data DIR --out DIR [--repeats 3] [--extra COLUMN ...]

Writes predictions.csv (one row a person), results.json, known_figures.json (what others published
of the whole file, worked out by the library's audit) and the audit of our own model: audit.json,
fairness.html and its tables. Columns that tell of the time after the screening are refused with a
LeakageError: try ``--extra days_b_screening_arrest``.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from audited import audit_model
from data import (
    AGE,
    AGE_JUSTIFICATION,
    CUT,
    DECILE,
    LISTED_FROM,
    OUTCOME,
    REFUSED,
    Tables,
    check_extra,
    leaks,
    load_tables,
    load_two_years,
)
from features import make_features
from judge import (
    SEED,
    Floats,
    Learn,
    accuracy,
    calibration,
    fold_numbers,
    learn_blend,
    learn_logistic,
    out_of_fold,
    rates_by_group,
)
from known import known_figures

import riskmodel as rm
from riskmodel.files import atomic_write_text
from riskmodel.statistics.discrimination import auc
from riskmodel.statistics.ranking import top_k

MODEL, PLAIN, LOGISTIC = "model", "model without age", "logistic"
GROUPS = ["race", "sex"]
VERDICT_COLUMNS = ["metric", "characteristic", "verdict", "group", "gap", "low", "high"]
LATER = pd.Timestamp("2014-01-01")


@dataclass(frozen=True)
class Question:
    """The rows to estimate, by id: the outcome, the groups, and what each rule may read."""

    rows: rm.Snapshots
    y: Floats
    groups: pd.DataFrame
    decile: pd.DataFrame
    recipes: dict[str, tuple[pd.DataFrame, Learn]]


def pose(tables: Tables, extra: tuple[str, ...] = ()) -> Question:
    """Return what is learnt from what; age is read under its justification, and left out beside."""
    people = tables.people.set_index("id")
    y = people[OUTCOME].to_numpy(dtype=np.float64)
    plain = make_features(tables, extra=extra)
    aged = make_features(tables, extra=(*extra, AGE), age_justification=AGE_JUSTIFICATION)
    decile = people[[DECILE]].astype(float)
    recipes: dict[str, tuple[pd.DataFrame, Learn]] = {
        MODEL: (aged, learn_blend),
        PLAIN: (plain, learn_blend),
        LOGISTIC: (aged, learn_logistic),
        DECILE: (decile, learn_logistic),
    }
    # the library's own gate refuses protected columns; it has no way to declare age in a table
    rows = rm.Snapshots.from_table(plain, y, person_id=people.index.astype(str))
    return Question(rows, y, people[GROUPS], decile, recipes)


def scores_of(question: Question, chances: dict[str, Floats]) -> dict[str, Floats]:
    """Return what each list is sorted by: the estimates, but of the decile the decile itself."""
    priors = question.rows.X["priors_count"].to_numpy(dtype=float)
    return {**chances, DECILE: question.decile[DECILE].to_numpy(), "prior_count": priors}


def judged(question: Question, by_repeat: dict[str, Floats]) -> dict[str, Any]:
    """Return accuracy, calibration and error rates of the mean estimate over the repeats."""
    chances = {name: found.mean(axis=0) for name, found in by_repeat.items()}
    scores = scores_of(question, chances)
    age = accuracy(question.rows, {name: chances[name] for name in (MODEL, PLAIN)}, {}, PLAIN)
    return {
        "accuracy": accuracy(question.rows, scores, chances, DECILE),
        "age": {"justification": AGE_JUSTIFICATION, "with_and_without": age},
        "auc_of_each_repeat": {
            name: [auc(question.y, one) for one in by_repeat[name]]
            for name in (MODEL, PLAIN, LOGISTIC)
        },
        "calibration": {
            name: calibration(question.rows, chance, question.groups)
            for name, chance in chances.items()
        },
        "rates_at_the_same_number": same_number(question, scores, chances),
    }


def same_number(
    question: Question, scores: dict[str, Floats], chances: dict[str, Floats]
) -> dict[str, Any]:
    """Return the error rates by group where each model lists as many people as the decile."""
    listed = scores[DECILE] >= LISTED_FROM
    k, ids = int(listed.sum()), question.rows.person_id.to_numpy(dtype=object)
    lists = {DECILE: listed} | {
        name: top_k(chances[name], ids, k, seed=SEED) for name in (MODEL, PLAIN)
    }
    found = {
        name: rates_by_group(question.y, on_list, chances[name], question.groups)
        for name, on_list in lists.items()
    }
    return {"people_listed": k, **found}


def later_screened(question: Question, screened: pd.Series) -> dict[str, Any]:
    """Learn from those screened first and judge those screened later, to see what carries over.

    The outcomes learnt from were not all known by then: this shows drift, not a forecast.
    """
    first = (screened < LATER).to_numpy()
    chances = {
        name: learn(X[first], question.y[first])(X[~first])
        for name, (X, learn) in question.recipes.items()
    }
    later = question.rows.subset(~first)
    scores = {**chances, DECILE: question.decile[DECILE].to_numpy()[~first]}
    return {
        "learnt_from": int(first.sum()),
        "judged_on": len(later),
        "from": f"{LATER:%Y-%m-%d}",
        "accuracy": accuracy(later, scores, chances, DECILE),
    }


def predictions(by_repeat: dict[str, Floats], folds: pd.DataFrame) -> pd.DataFrame:
    """Return one row a person: the mean estimate over repeats, and each repeat's fold."""
    columns = {
        "probability": by_repeat[MODEL].mean(axis=0),
        "probability_without_age": by_repeat[PLAIN].mean(axis=0),
    }
    return pd.DataFrame(columns, index=folds.index).join(folds).reset_index()


def run(data: Path, out: Path, *, repeats: int, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """Estimate, judge and write; return what results.json holds."""
    check_extra(extra)
    out.mkdir(parents=True, exist_ok=True)
    two_years, tables = load_two_years(data), load_tables(data)
    question = pose(tables, extra)
    folds = fold_numbers(question.y, question.groups.index, repeats=repeats)
    by_repeat = {
        name: out_of_fold(X, question.y, folds, learn)
        for name, (X, learn) in question.recipes.items()
    }
    results = {
        "people": {
            "in_the_file": len(two_years),
            "screened_before": f"{CUT:%Y-%m-%d}",
            "modelled": len(question.y),
            "with_the_outcome": int(question.y.sum()),
        },
        "leaks": leaks(two_years),
        "refused": REFUSED,
        "features": [str(name) for name in question.recipes[MODEL][0].columns],
        **judged(question, by_repeat),
        "later_screened": later_screened(question, tables.people["screened"]),
    }
    table = predictions(by_repeat, folds)
    atomic_write_text(out / "predictions.csv", table.to_csv(index=False))
    atomic_write_text(out / "results.json", json.dumps(results, indent=1))
    known = known_figures(two_years)
    atomic_write_text(out / "known_figures.json", json.dumps(known, indent=1))
    audit = audit_model(question.rows, by_repeat[PLAIN].mean(axis=0), question.groups)
    rm.save_audit(audit, out / "audit.json")
    rm.fairness_report(audit, out / "fairness.html")
    return results | {"known_figures": known, "verdicts": verdicts_of(audit)}


def verdicts_of(audit: rm.FairnessAudit) -> list[dict[str, Any]]:
    """Return the verdicts of the audit of our own model, without age."""
    return [verdict.to_dict() for verdict in audit.verdicts]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the four tables")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--repeats", type=int, default=3, help="times that the folds are drawn")
    parser.add_argument("--extra", nargs="*", default=[], help="further columns of two_years")
    given = parser.parse_args()
    started = time.perf_counter()
    try:
        results = run(given.data, given.out, repeats=given.repeats, extra=tuple(given.extra))
    except rm.LeakageError as error:
        parser.error(str(error))
    print(aucs(results))
    agrees = results["known_figures"]["agrees"]
    print(
        f"published figures of the whole file: {'all come back' if agrees else 'DO NOT COME BACK'}"
    )
    print(pd.DataFrame(results["verdicts"])[VERDICT_COLUMNS].to_string(index=False))
    print(f"{time.perf_counter() - started:.0f} s; written to {given.out}")


def aucs(results: dict[str, Any]) -> str:
    """Return a line for each rule: its AUC, and the gain over the decile, with intervals."""
    table = pd.DataFrame(results["accuracy"]["table"])
    columns = ["model", "value", "low", "high", "difference", "difference_low", "difference_high"]
    return table.loc[table["metric"] == "auc", columns].to_string(index=False, float_format="%.4f")


if __name__ == "__main__":
    main()
