"""Rank Chicago officers by the estimate of a serious complaint to come, as of one date.

::

    python run.py --data DIR --as-of 2010-01-01 --out DIR [--horizon-days 730]

Writes scores.csv, reasons.csv (the top 100), fairness.html with its tables and, where the outcome
window lies inside the data, evaluation.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pandas as pd
from data import AGE_JUSTIFICATION, DATA_END, FIRST_DATE, load_groups, load_histories, make_task

import riskmodel as rm
from riskmodel.files import atomic_write_text
from riskmodel.model.baselines.rules import baseline_scores
from riskmodel.model.lists.label_variants import evaluate_cohort, evaluate_variants

LIST_LENGTH = 100
SEED = 0


def train_as_of(histories: rm.EventHistories, task: rm.Task, as_of: pd.Timestamp) -> rm.RiskModel:
    """Train on the tables as they stood at a date: nothing recorded from then on is there.

    The date itself is among the snapshots: its outcomes are not known, and its people set the
    level of the probabilities.
    """
    horizon = pd.Timedelta(days=task.outcome.horizon_days)
    snapshots = rm.build_snapshots(
        histories.before(as_of),
        task,
        as_of=rm.every("6MS", FIRST_DATE, as_of - horizon).append(pd.DatetimeIndex([as_of])),
        known_at=as_of,
        late_allowance_days=0,
    )
    return rm.train(snapshots, name="chicago-serious-complaints", seed=SEED)


def snapshot_of(histories: rm.EventHistories, task: rm.Task, as_of: pd.Timestamp) -> rm.Snapshots:
    """Return one date with the labels known at the end of the data."""
    return rm.build_snapshots(
        histories, task, as_of=as_of, known_at=DATA_END, late_allowance_days=0
    )


def write_list(
    histories: rm.EventHistories, model: rm.RiskModel, as_of: pd.Timestamp, out: Path
) -> None:
    """Write the ranked scores of everyone in the cohort, and the reasons of the first ones."""
    known = histories.before(as_of)
    scores = rm.score(known, model, as_of=as_of, use="prioritise")
    ranked = rm.rank(scores[scores["status"] == "scored"], seed=SEED)
    columns = ["person_id", "probability", "expected_harm", "rank"]
    atomic_write_text(out / "scores.csv", ranked[columns].to_csv(index=False))
    why = rm.reasons(known, model, ranked.head(LIST_LENGTH))
    atomic_write_text(out / "reasons.csv", why.to_csv(index=False))


def evaluations(
    histories: rm.EventHistories, task: rm.Task, model: rm.RiskModel, as_of: pd.Timestamp
) -> dict[str, rm.Evaluation]:
    """Measure the same list on the main outcome, in the one-year cohort, and on other outcomes."""
    rows = snapshot_of(histories, task, as_of)
    lists = {
        "model": model.predict_margin(rows.X),
        "logistic": model.baseline.decision_function(rows.X),
        **baseline_scores(rows.rules, rows.as_of),
    }
    return {
        "main": model.evaluate(rows),
        "complained of in the last 365 days": evaluate_cohort(rows, lists, histories),
        **evaluate_variants(rows, lists),
    }


def run(data: Path, as_of: pd.Timestamp, out: Path, horizon_days: int) -> None:
    """Train, rank, explain, audit and, where the outcome is known, measure."""
    started = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    histories, task = load_histories(data), make_task(data, horizon_days)
    model = train_as_of(histories, task, as_of)
    write_list(histories, model, as_of, out)
    model.save(out / "bundle")
    horizon = pd.Timedelta(days=horizon_days)
    closed = as_of + horizon <= pd.Timestamp(DATA_END)
    audited = as_of if closed else as_of - horizon
    # an open window has no outcome to audit: the same recipe is audited on the last closed one
    judged = model if closed else train_as_of(histories, task, audited)
    audit = rm.audit_fairness(
        judged,
        snapshot_of(histories, task, audited),
        histories,
        load_groups(data),
        k=LIST_LENGTH,
        intersections=(("race", "gender"),),
        seed=SEED,
    )
    rm.fairness_report(audit, out / "fairness.html")
    print(f"as of {as_of:%Y-%m-%d}; audited on the window from {audited:%Y-%m-%d}")
    if closed:
        found = evaluations(histories, task, model, as_of)
        content = {
            "as_of": f"{as_of:%Y-%m-%d}",
            "horizon_days": horizon_days,
            "digest": model.digest,
            "age": {"justification": AGE_JUSTIFICATION, **model.provenance["age_ablation"]},
            "evaluations": {name: evaluation.to_dict() for name, evaluation in found.items()},
        }
        atomic_write_text(out / "evaluation.json", json.dumps(content, indent=1))
        for name, evaluation in found.items():
            print(f"\n## {name}\n{evaluation}")
    print(f"\n{time.perf_counter() - started:.0f} s; written to {out}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the records")
    parser.add_argument("--as-of", type=pd.Timestamp, required=True, help="such as 2010-01-01")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--horizon-days", type=int, default=730)
    given = parser.parse_args()
    run(given.data, given.as_of, given.out, given.horizon_days)


if __name__ == "__main__":
    main()
