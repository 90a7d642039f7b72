"""Back-test the whole recipe on every half year from 2005 to 2010, beside all that it must beat.

::

    python rolling.py --data DIR --out DIR [--replicates 500]

Writes rolling/ (results.json, predictions.csv) and checks.json: the list against the rule's as
people, stricter labels, the one-year cohort, and how much of the list stays under other seeds, a
month later and under another scale of harm.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from compare import SEED, TESTED_FROM, all_snapshots
from data import load_groups

import riskmodel as rm
from riskmodel.files import atomic_write_text
from riskmodel.model.rolling.checks import check_rolling, judged_rows

JANUARIES = ("2007-01-01", "2008-01-01", "2009-01-01", "2010-01-01")


def calibration(
    data: Path, rows: rm.Snapshots, found: rm.RollingBacktest
) -> dict[str, pd.DataFrame]:
    """Return how the probabilities hold in each group; no model has read the groups."""
    chance = found.predictions["probability"].to_numpy()
    groups = load_groups(data).set_index("person_id").loc[rows.person_id]
    return {
        f"calibration by {name}": rm.calibration_by_group(
            rows, chance, groups[name].reset_index(drop=True), seed=SEED
        )
        for name in groups.columns
    }


def flat_scale(task: rm.Task) -> rm.Task:
    """Return the task under another scale: every serious category 100 days, any other 1."""
    table = task.offences.frame
    flat = table.assign(harm=np.where(table["serious"], 100.0, 1.0))
    return replace(
        task,
        offences=rm.OffenceTable.from_frame(flat, edition="flat", source="two levels, to compare"),
    )


def goals(found: rm.RollingBacktest) -> dict[str, object]:
    """Return the figures that the study set out to reach."""
    januaries = found.ratios()[list(pd.to_datetime(JANUARIES))]
    auc = found.by_date.set_index("as_of")["auc_difference"][list(pd.to_datetime(JANUARIES))]
    level = found.by_date["observed_over_expected"]
    return {
        "mean captured over V100, geometric mean, Januaries": found.geometric_mean_ratio(
            dates=list(JANUARIES)
        ),
        "lowest of the Januaries": float(januaries.min()),
        "smallest gain in AUC, Januaries": float(auc.min()),
        "mean captured over V100, geometric mean, all dates": found.geometric_mean_ratio(),
        "observed over expected, lowest": float(level.min()),
        "observed over expected, highest": float(level.max()),
        "base rates inside their interval": int(found.base_rates["covered"].sum()),
        "dates": len(found.dates),
    }


def against_the_model(found: rm.RollingBacktest, rows: rm.Snapshots) -> pd.DataFrame:
    """Return each score less the model, on the same resamples of officers, dates pooled."""
    fixed = {"as_of", "person_id", "probability", "margin", "y", "serious_count", "harm"}
    scores = {"model": found.predictions["margin"]} | {
        name: found.predictions[name] for name in found.predictions.columns if name not in fixed
    }
    pooled = rm.evaluate_scores(rows, scores, reference="model", ks=(100,), seed=SEED)
    wanted = pooled.table["metric"].isin(["mean_captured", "auc", "harm_captured_capped"])
    columns = ["metric", "model", "k", "value", "difference", "difference_low", "difference_high"]
    return pooled.table.loc[wanted, columns]


def run(data: Path, out: Path, n_replicates: int) -> None:
    """Back-test, check, write and print."""
    started = time.perf_counter()
    snapshots = all_snapshots(data)

    def told(done: int, total: int, date: pd.Timestamp) -> None:
        print(
            f"{time.perf_counter() - started:5.0f} s  {done} of {total}, {date:%Y-%m}", flush=True
        )

    dates = snapshots.dates[snapshots.dates >= TESTED_FROM]
    found = rm.rolling_backtest(
        snapshots, dates=dates, n_replicates=n_replicates, seed=SEED, progress=told
    )
    out.mkdir(parents=True, exist_ok=True)
    found.save(out / "rolling")
    print(found)
    reached, rows = goals(found), judged_rows(found, snapshots)
    flat = {"serious is 100 days, the rest 1": flat_scale(snapshots.task)}
    checks = check_rolling(found, snapshots, tasks=flat, seed=SEED)
    print(checks)
    tables = calibration(data, rows, found)
    tables["against the model"] = against_the_model(found, rows)
    content = {
        "goals": reached,
        "checks": checks.to_dict(),
        "coverage": json.loads(found.base_rate_coverage.to_json(orient="records")),
        **{name: json.loads(table.to_json(orient="table")) for name, table in tables.items()},
    }
    atomic_write_text(out / "checks.json", json.dumps(content, indent=1))
    print(json.dumps(reached, indent=1))
    print(found.base_rate_coverage.to_string(index=False))
    for name, table in tables.items():
        print(f"\n## {name}\n{table.to_string()}")
    print(f"\n{time.perf_counter() - started:.0f} s; written to {out}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the records")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--replicates", type=int, default=500, help="resamples of officers")
    given = parser.parse_args()
    run(given.data, given.out, given.replicates)


if __name__ == "__main__":
    main()
