"""Audit both sides of complaints against New York officers: mechanics only, no accuracy.

::

    python run.py --data DIR --out DIR [--as-of 2014-01-01]

Writes scores.csv, fairness.html as it could be published, exact.html with exact counts (these
records are public), both with their tables, and results.json, all under one banner: everyone in
the file was still serving in June 2020 with a substantiated allegation. That is known only
afterwards, so no figure here says how well anything is foreseen.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
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
from sides import both_sides, recorded_by_finding

import riskmodel as rm
from riskmodel.files import atomic_write_text

FIRST_DATE = "2003-01-01"
LIST_LENGTH = 100
N_DATES = 3
SEED = 0
BANNER = (
    "MECHANICS ONLY. Everyone in this file was still serving in June 2020 and has a substantiated "
    "allegation: the people were chosen by what a list would foresee. Quote no accuracy from here, "
    "no comparison of officers, and no trend."
)
LIMITS = (
    BANNER,
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


def audit_dates(task: rm.Task, as_of: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the date and those before it whose outcome windows do not overlap."""
    years = round(task.outcome.horizon_days / 365)
    return pd.DatetimeIndex(
        [as_of - pd.DateOffset(years=years * i) for i in reversed(range(N_DATES))]
    )


def audit_in_time(
    histories: rm.EventHistories,
    task: rm.Task,
    model: rm.RiskModel,
    groups: pd.DataFrame,
    as_of: pd.Timestamp,
) -> rm.FairnessAudit:
    """Audit the lists that would have been made at each date, by a model of that date.

    The last is `model` itself; windows of the others closed by then, so they are estimated by the
    same recipe from what was known at their own dates.
    """
    dates = audit_dates(task, as_of)
    rows = rm.build_snapshots(
        histories, task, as_of=dates, known_at=DATA_END, late_allowance_days=0
    )
    parts = []
    for date in dates:
        of_date = rows.subset(rows.as_of == date)
        then = model if date == as_of else train_as_of(histories, task, date)
        estimates = then.estimates(of_date.X)[["probability", "margin", "low", "high"]]
        keys = {"as_of": of_date.as_of, "person_id": of_date.person_id}
        parts.append(estimates.reset_index(drop=True).assign(**keys))
    audit = rm.audit_fairness(
        model,
        rows,
        histories,
        groups,
        k=LIST_LENGTH,
        intersections=(("ethnicity", "gender"),),
        predictions=pd.concat(parts, ignore_index=True),
        seed=SEED,
    )
    return replace(audit, notes=(BANNER, *audit.notes))


def write_page(audit: rm.FairnessAudit, path: Path, *, internal: bool = False) -> None:
    """Write the report with the banner above everything else on the page."""
    rm.fairness_report(audit, path, internal=internal)
    above = "<header>"
    before, found, after = path.read_text(encoding="utf-8").partition(above)
    if not found:
        path.unlink()  # no page without the banner
        raise rm.RiskModelError("the page has no header to put the banner in")
    banner = f'<p class="internal" role="note">{BANNER}</p>'
    atomic_write_text(path, before + above + banner + after)


def write_list(
    histories: rm.EventHistories, model: rm.RiskModel, as_of: pd.Timestamp, out: Path
) -> pd.DataFrame:
    """Write the ranked scores of everyone in the cohort; return them."""
    scores = rm.score(histories.before(as_of), model, as_of=as_of, use="prioritise")
    ranked = rm.rank(scores[scores["status"] == "scored"], seed=SEED)
    columns = ["person_id", "probability", "expected_harm", "rank"]
    atomic_write_text(out / "scores.csv", ranked[columns].to_csv(index=False))
    return ranked


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
    audit = audit_in_time(histories, task, model, load_groups(rows), as_of)
    write_page(audit, out / "fairness.html")
    write_page(audit, out / "exact.html", internal=True)
    results = {
        "banner": BANNER,
        "cannot_show": list(LIMITS),
        "as_of": f"{as_of:%Y-%m-%d}",
        "audited": audit.summary["as_of"],
        "file": contents(rows),
        "recorded_by_finding": recorded_by_finding(rows),
        "chosen_afterwards": chosen_afterwards(rows, as_of),
        "scored": len(ranked),
        "listed": LIST_LENGTH,
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
    print(BANNER)
    print(f"{results['scored']} officers scored as of {results['as_of']}; also:")
    print("\n".join(f"- {limit}" for limit in LIMITS[1:]))
    print(f"{time.perf_counter() - started:.0f} s; written to {given.out}")


if __name__ == "__main__":
    main()
