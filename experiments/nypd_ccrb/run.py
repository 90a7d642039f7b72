"""Run the whole machine on complaints against New York officers: mechanics, not accuracy.

::

    python run.py --data DIR --out DIR [--as-of 2014-01-01]

Writes scores.csv, fairness.html with its tables, and results.json. Everyone in the file was still
serving in June 2020 with a substantiated allegation: that is known only afterwards, so no figure
here says how well anything is foreseen.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
from data import (
    DATA_END,
    check_first_of_month,
    complainants,
    load_groups,
    load_histories,
    load_rows,
    make_task,
)

import riskmodel as rm
from riskmodel.files import atomic_write_text

FIRST_DATE = "2003-01-01"
LIST_LENGTH = 100
SEED = 0
LIMITS = (
    "Everyone in the file was still serving in June 2020 and has a substantiated allegation: the "
    "records are chosen by what happened after the dates scored here.",
    "Dates are months: of two complaints in one month neither is the earlier.",
    "The severity scale is this study's own, by analogy.",
)


def train_as_of(histories: rm.EventHistories, task: rm.Task, as_of: pd.Timestamp) -> rm.RiskModel:
    """Train on the tables as they stood at a date: nothing recorded from then on is there."""
    horizon = pd.Timedelta(days=task.outcome.horizon_days)
    snapshots = rm.build_snapshots(
        histories.before(as_of),
        task,
        as_of=rm.every("12MS", FIRST_DATE, as_of - horizon),
        known_at=as_of,
        late_allowance_days=0,
    )
    return rm.train(snapshots, name="ccrb-serious-allegations", seed=SEED)


def write_list(
    histories: rm.EventHistories, model: rm.RiskModel, as_of: pd.Timestamp, out: Path
) -> pd.DataFrame:
    """Write the ranked scores of everyone in the cohort; return them."""
    scores = rm.score(histories.before(as_of), model, as_of=as_of, use="prioritise")
    ranked = rm.rank(scores[scores["status"] == "scored"], seed=SEED)
    columns = ["person_id", "probability", "expected_harm", "rank"]
    atomic_write_text(out / "scores.csv", ranked[columns].to_csv(index=False))
    return ranked


def both_sides(audit: rm.FairnessAudit) -> dict[str, Any]:
    """Return the audit's tables of officers listed and of complainants, without small counts."""
    return {
        "officers": _records(audit.listed),
        "officers_gaps": _records(audit.gaps),
        "complainants": _records(audit.victims),
        "complainants_gaps": _records(audit.victim_gaps),
        "data_quality": _records(audit.data_quality),
        "verdicts": [verdict.to_dict() for verdict in audit.verdicts],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    shown = table.drop(columns=["numerator", "denominator", "people"], errors="ignore")
    return shown.astype(object).where(shown.notna(), None).to_dict(orient="records")


def chosen_afterwards(rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, Any]:
    """Return how the file was chosen by what came later, in counts."""
    known = rows.loc[pd.to_datetime(rows["date_received"]) < as_of, "unique_mos_id"]
    upheld = rows[rows["disposition"] == "Substantiated"]
    by_then = upheld.loc[pd.to_datetime(upheld["date_closed"]) < as_of, "unique_mos_id"]
    officers = set(known)
    return {
        "officers_in_the_file": int(rows["unique_mos_id"].nunique()),
        "complained_of_by_the_date": len(officers),
        "of_them_with_a_finding_against_them_by_the_date": len(officers & set(by_then)),
        "of_them_with_one_by_the_end_of_the_file": len(officers & set(upheld["unique_mos_id"])),
    }


def contents(rows: pd.DataFrame) -> dict[str, Any]:
    """Return what the file holds, in counts and shares."""
    people = complainants(rows)
    copies = rows.drop(columns="source_id").duplicated()
    return {
        "allegations": len(rows),
        "complaints": int(rows["complaint_id"].nunique()),
        "complainants_told_apart": len(people),
        "rows_equal_to_another": int(copies.sum()),
        "still_open": int(rows["date_closed"].isna().sum()),
        "complainants_without_ethnicity": float(people["ethnicity"].isna().mean()),
        "complainants_without_gender": float(people["gender"].isna().mean()),
    }


def run(data: Path, out: Path, as_of: pd.Timestamp) -> dict[str, Any]:
    """Train, rank, audit both sides and write; return what results.json holds."""
    check_first_of_month(as_of)
    out.mkdir(parents=True, exist_ok=True)
    rows, task = load_rows(data), make_task()
    histories = load_histories(rows)
    model = train_as_of(histories, task, as_of)
    ranked = write_list(histories, model, as_of, out)
    judged = rm.build_snapshots(
        histories, task, as_of=as_of, known_at=DATA_END, late_allowance_days=0
    )
    audit = rm.audit_fairness(
        model,
        judged,
        histories,
        load_groups(rows),
        k=LIST_LENGTH,
        intersections=(("ethnicity", "gender"),),
        seed=SEED,
    )
    rm.fairness_report(audit, out / "fairness.html")
    results = {
        "cannot_show": list(LIMITS),
        "as_of": f"{as_of:%Y-%m-%d}",
        "file": contents(rows),
        "chosen_afterwards": chosen_afterwards(rows, as_of),
        "scored": len(ranked),
        "listed": LIST_LENGTH,
        "with_a_serious_allegation_in_two_years": int(judged.y.sum()),
        "digest": model.digest,
        "audit": both_sides(audit),
    }
    atomic_write_text(out / "results.json", json.dumps(results, indent=1))
    return results


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the allegations")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--as-of", type=pd.Timestamp, default=pd.Timestamp("2014-01-01"))
    given = parser.parse_args()
    started = time.perf_counter()
    results = run(given.data, given.out, given.as_of)
    print(f"{results['scored']} officers scored as of {results['as_of']}; this cannot show:")
    print("\n".join(f"- {limit}" for limit in results["cannot_show"]))
    print(f"{time.perf_counter() - started:.0f} s; written to {given.out}")


if __name__ == "__main__":
    main()
