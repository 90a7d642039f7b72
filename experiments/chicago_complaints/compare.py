"""Compare what a margin is made of, and what it reads, on the same dates.

::

    python compare.py targets  --data DIR --out DIR    # what is learnt: any, count, harm, order ...
    python compare.py features --data DIR --out DIR    # each family of features left out, and alone

Each variant is learnt anew at each date from what was known then; all dates are judged together,
each variant against the default under the same resamples of officers. Writes targets.json or
features.json, and prints the table.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from data import DATA_END, FIRST_DATE, load_histories, make_task

import riskmodel as rm
from riskmodel.files import atomic_write_text
from riskmodel.model.learning import default_estimator, learn

TESTED_FROM, LAST_DATE = "2005-01-01", "2010-01-01"
HORIZON_DAYS = 730
DEFAULT = "default"
SEED = 0
FAMILIES = {
    "counts": ("count_", "incidents_"),
    "serious counts": ("incidents_serious_",),
    "summed and gravest harm": ("harm_",),
    "complainants": ("victims_", "repeat_victims"),
    "offence groups": ("count_group",),
    "findings (evidence)": ("count_evidence",),
    "days since": ("days_since_first", "days_since_last"),
    "fading counts": ("decayed",),
    "trends": ("trend_",),
    "co-accused": ("co_accused",),
    "age": ("age",),
    "length of service": ("days_since_appointed_date",),
}


@dataclass(frozen=True)
class Variant:
    """Settings to learn with, the columns to read, and how fast old dates fade."""

    estimator: rm.RepeatHarmEstimator
    columns: tuple[str, ...] | None = None
    half_life_days: float | None = None


def all_snapshots(data: Path) -> rm.Snapshots:
    """Return every half year, with the labels known at the end of the data."""
    return rm.build_snapshots(
        load_histories(data),
        make_task(data, HORIZON_DAYS),
        as_of=rm.every("6MS", FIRST_DATE, LAST_DATE),
        known_at=DATA_END,
        late_allowance_days=0,
    )


def target_variants(snapshots: rm.Snapshots) -> dict[str, Variant]:
    """Return the same trees learnt from other targets, and blends of them."""
    default = default_estimator(snapshots, SEED)
    variants = {DEFAULT: Variant(default)}
    blends = {
        "without directions": {"any": 1},
        "expected count (Poisson)": {"count": 1},
        "expected harm (Tweedie)": {"harm": 1},
        "learning to rank (XE-NDCG)": {"rank": 1},
        "logistic": {"logistic": 1},
        "any 2 + logistic 1": {"any": 2, "logistic": 1},
        "any + count + harm + logistic": {"any": 1, "count": 1, "harm": 1, "logistic": 1},
        "all five": {"any": 1, "count": 1, "harm": 1, "rank": 1, "logistic": 1},
    }
    for name, blend in blends.items():
        variants[name] = Variant(rm.RepeatHarmEstimator(blend=blend, random_state=SEED))
    variants["dates fade by half in 2 years"] = Variant(default, half_life_days=730)
    variants["another seed"] = Variant(default_estimator(snapshots, SEED + 1))
    return variants


def feature_variants(snapshots: rm.Snapshots) -> dict[str, Variant]:
    """Return each family of features left out, and alone."""
    default = default_estimator(snapshots, SEED)
    variants = {DEFAULT: Variant(default)}
    for family, columns in families(snapshots).items():
        rest = tuple(name for name in snapshots.X.columns if name not in columns)
        variants[f"without {family}"] = Variant(default, rest)
        variants[f"only {family}"] = Variant(default, columns)
    return variants


def families(snapshots: rm.Snapshots) -> dict[str, tuple[str, ...]]:
    """Return the columns of each family; every column is in one, the most specific that fits."""
    found: dict[str, list[str]] = {family: [] for family in FAMILIES}
    for feature in snapshots.task.columns:
        found[family_of(feature)].append(feature.name)
    return {family: tuple(columns) for family, columns in found.items() if columns}


def family_of(feature: rm.Feature) -> str:
    """Return the family of one feature."""
    if feature.measure == "count" and feature.group:
        return "offence groups"
    if feature.measure == "count" and feature.evidence:
        return "findings (evidence)"
    if feature.measure == "incidents" and feature.serious:
        return "serious counts"
    fits = [f for f, starts in FAMILIES.items() if feature.name.startswith(starts)]
    return fits[0]


def margins(snapshots: rm.Snapshots, variant: Variant) -> np.ndarray:
    """Return the margin of every row of the tested dates, each learnt from what was known then."""
    margin = np.full(len(snapshots), np.nan)
    weighted = snapshots
    if variant.half_life_days is not None:
        weighted = rm.weighted_by_recency(snapshots, half_life_days=variant.half_life_days)
    for date in snapshots.dates[snapshots.dates >= TESTED_FROM]:
        train, _ = rm.split_at(weighted, date)
        model = learn(variant.estimator, train.learnable, columns=variant.columns)
        now = (snapshots.as_of == date).to_numpy()
        columns = list(variant.columns or snapshots.X.columns)
        margin[now] = model.decision_function(snapshots.X.loc[now, columns])
    return margin


def compare(kind: str, data: Path, out: Path) -> pd.DataFrame:
    """Learn, judge, write and return the table."""
    started = time.perf_counter()
    snapshots = all_snapshots(data)
    make = {"targets": target_variants, "features": feature_variants}[kind]
    scores = {}
    for name, variant in make(snapshots).items():
        scores[name] = margins(snapshots, variant)
        print(f"{time.perf_counter() - started:5.0f} s  {name}", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    tested = (snapshots.as_of >= TESTED_FROM).to_numpy()
    rows = snapshots.subset(tested)
    judged = {name: margin[tested] for name, margin in scores.items()}
    pd.DataFrame(judged).to_parquet(out / f"{kind}_margins.parquet")
    judged["v100_sum"] = rows.rules["harm_1y"].fillna(0).to_numpy()
    found = rm.evaluate_scores(rows, judged, reference=DEFAULT, ks=(100,), seed=SEED)
    atomic_write_text(out / f"{kind}.json", json.dumps(found.to_dict(), indent=1))
    return table_of(found)


def table_of(found: rm.Evaluation) -> pd.DataFrame:
    """Return one row a variant: mean captured, harm captured and AUC, less those of the default."""
    rows = []
    for name in found.models:
        ratio = _ratio_to_rule(found, name)
        cells = {"variant": name, "ratio to V100": f"{ratio:.3f}"}
        for metric in ("mean_captured", "harm_captured_capped@100", "harm_captured@100", "auc"):
            row = found.row(metric, name)
            low, high = row["difference_low"], row["difference_high"]
            cells[metric] = f"{row['value']:.4f}"
            cells[f"{metric}, difference"] = f"{row['difference']:+.4f} ({low:+.4f} to {high:+.4f})"
        rows.append(cells)
    return pd.DataFrame(rows)


def _ratio_to_rule(found: rm.Evaluation, name: str) -> float:
    """Return the geometric mean over dates of mean captured, as a multiple of the rule's."""
    dated = found.by_date[found.by_date["metric"] == "mean_captured"]
    wide = dated.pivot_table(index="as_of", columns="model", values="value")
    return float(np.exp(np.log(wide[name] / wide["v100_sum"]).mean()))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("kind", choices=["targets", "features"])
    parser.add_argument("--data", type=Path, required=True, help="folder with the records")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    given = parser.parse_args()
    with pd.option_context("display.width", 250, "display.max_columns", 12):
        print(compare(given.kind, given.data, given.out).to_string(index=False))


if __name__ == "__main__":
    main()
