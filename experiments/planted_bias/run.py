"""Plant bias of a known size, audit it, and count how often the verdict is wrong.

::

    python run.py --out DIR [--seeds 100] [--people 6000]

Writes results.json: verdicts by size of the gap and of the group, and the rates of both mistakes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import records
import rows
from verdicts import any_false_fail, mistakes, policy_of, tally, verdicts_of

from riskmodel.audit.result import json_ready
from riskmodel.files import atomic_write_text

GROUP_SHARES = (0.02, 0.10, 0.50)
PLANTED = (0.0, -0.05, -0.10, -0.15, -0.25)
ROW_TOLERANCES = {"precision": 0.10, "recall": 0.10}
RECORD_TOLERANCES = {"precision": 0.10, "selection_rate": 0.05}
KEYS = ["metric", "characteristic"]


def planted_rows(seeds: int, people: int) -> dict[str, Any]:
    """Judge the worlds of rows: every size of gap with every size of group."""
    policy = policy_of(ROW_TOLERANCES)
    found, truths = [], []
    for share in GROUP_SHARES:
        for gap in PLANTED:
            world = f"group of {share:.0%}, gap {gap:+.2f}"
            plan = rows.plan(share, gap)
            truths += [{"world": world} | truth for truth in _true_rows(plan)]
            for seed in range(seeds):
                verdicts, _ = verdicts_of(rows.draw(plan, seed, people), policy, seed)
                found.append(verdicts.assign(world=world, seed=seed))
    return _results(pd.concat(found, ignore_index=True), pd.DataFrame(truths))


def _true_rows(plan: rows.Plan) -> Iterator[dict[str, Any]]:
    gaps = {"precision": plan.precision_gap, "recall": plan.recall_gap}
    for metric, tolerance in ROW_TOLERANCES.items():
        same = {"metric": metric, "tolerance": tolerance, "share": plan.share}
        yield same | {"characteristic": "planted", "true_gap": gaps[metric]}
        yield same | {"characteristic": "half", "true_gap": 0.0}


def planted_records(seeds: int, people: int) -> dict[str, Any]:
    """Judge the library's own synthetic world with its biases off, on and strong.

    Without bias the true gap is 0, as behaviour is drawn without looking at the group. With it no
    formula gives it: it is taken as the mean over the seeds.
    """
    policy = policy_of(RECORD_TOLERANCES)
    found, gaps = [], []
    for setting in records.SETTINGS:
        for seed in range(seeds):
            world = records.draw(setting, seed, people)
            verdicts, measured = verdicts_of(world, policy, seed)
            found.append(verdicts.assign(world=setting, seed=seed))
            gaps.append(measured.assign(world=setting))
    truth = _true_records(pd.concat(gaps, ignore_index=True))
    return _results(pd.concat(found, ignore_index=True), truth)


def _true_records(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the widest true gap of each world and promise, with its standard error."""
    of = gaps[gaps["metric"].isin(RECORD_TOLERANCES)]
    mean = of.groupby(["world", *KEYS, "group"])["difference"].agg(["mean", "sem"]).reset_index()
    mean.loc[mean["world"] == "off", ["mean", "sem"]] = 0.0
    widest = mean.loc[mean["mean"].abs().groupby([mean[key] for key in ("world", *KEYS)]).idxmax()]
    return widest.rename(columns={"mean": "true_gap", "sem": "true_gap_se"}).assign(
        tolerance=widest["metric"].map(RECORD_TOLERANCES)
    )


def _results(verdicts: pd.DataFrame, truth: pd.DataFrame) -> dict[str, Any]:
    table = tally(verdicts, truth)
    return {
        "verdicts": table.to_dict("records"),
        "mistakes": mistakes(table),
        "audits with any false fail": any_false_fail(verdicts, truth),
    }


def main() -> None:
    """Run both studies and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--people", type=int, default=rows.PEOPLE, help="in the world of rows")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    started = time.perf_counter()
    results = {
        "seeds": chosen.seeds,
        "people": chosen.people,
        "rows": planted_rows(chosen.seeds, chosen.people),
        "records": planted_records(chosen.seeds, records.PEOPLE),
    }
    results["seconds"] = round(time.perf_counter() - started)
    chosen.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(json_ready(results), indent=1, allow_nan=False)
    path = atomic_write_text(chosen.out / "results.json", text + "\n")
    for study in ("rows", "records"):
        print(pd.DataFrame(results[study]["verdicts"]).to_string(index=False))
        print(pd.DataFrame(results[study]["mistakes"]).T.to_string())
        print("audits with any false fail:", results[study]["audits with any false fail"])
    print(path)


if __name__ == "__main__":
    main()
