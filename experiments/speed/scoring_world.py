"""What the scoring benchmark scores with: a made-up world, 150 columns, and models of any size."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import riskmodel as rm
from riskmodel.scoring.what_if.cases_of_histories import cases_of
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.features import EACH, Feature
from riskmodel.snapshots.pairs import AnyFeature, Difference, Ratio

N_COLUMNS = 150
LEAVES = 31
BAGS = 5
AS_OF = pd.Timestamp("2023-07-01")
LEARNT_AT = ("2019-07-01", "2020-07-01")
KNOWN_AT = "2022-09-01"


def declare_columns() -> tuple[AnyFeature, ...]:
    """Return the library's default columns and more of each kind: 150 with 15 offence groups."""
    return (
        *rm.default_features(),
        *(Feature("harm_sum", days, group=EACH) for days in (1825, None)),
        *(Feature("victims", days, serious=True) for days in (365, 730, 1825)),
        *(Feature("gap", days) for days in (1825, None)),
        Feature("incidents", 730, per_year_at_risk=True),
        Ratio(Feature("harm_sum", 1825, serious=True), Feature("harm_sum", 1825)),
        Ratio(Feature("count", evidence="allegation"), Feature("count")),
        Difference(Feature("incidents", 90), Feature("incidents", 365)),
        Difference(Feature("harm_sum", 90), Feature("harm_sum", 365)),
    )


@dataclass(frozen=True)
class Trained:
    """A model as it is loaded from its bundle, the bundle, and the rows that it learnt from."""

    model: rm.RiskModel
    bundle: Path
    learnt: rm.Snapshots


def train_model(folder: Path, *, n_people: int, trees_a_bag: int) -> Trained:
    """Return a model as `train` makes it: five bags of trees, trees of harm, calibration."""
    world = rm.make_histories(n_people, seed=1)
    cohort = rm.Cohort(lookback_days=None)
    task = rm.Task(offences=world.offences, cohort=cohort, features=declare_columns())
    assert len(task.columns) == N_COLUMNS
    snapshots = rm.build_snapshots(world.histories, task, as_of=LEARNT_AT, known_at=KNOWN_AT)
    estimator = rm.RepeatHarmEstimator(
        n_estimators=trees_a_bag,
        num_leaves=LEAVES,
        n_bags=BAGS,
        min_child_samples=max(1, min(20, len(snapshots) // 200)),
        reg_lambda=1.0,
    )
    made = rm.train(snapshots, estimator=estimator, baselines=(), n_replicates=10)
    bundle = Path(tempfile.mkdtemp(dir=folder)) / "bundle"
    rm.save_bundle(made, bundle)
    return Trained(rm.load(bundle), bundle, snapshots.labelled)


def size_of(model: rm.RiskModel) -> dict[str, Any]:
    """Return the columns, the trees that make the margin, and their mean number of leaves."""
    texts = [trees.text for trees in model.scorer.parts["any"].trees]
    leaves = [int(n) for text in texts for n in re.findall(r"(?m)^num_leaves=(\d+)", text)]
    return {
        "columns": len(model.scorer.feature_names),
        "trees": len(leaves),
        "leaves": round(float(np.mean(leaves)), 1),
    }


@dataclass(frozen=True)
class Asked:
    """The people who are scored: histories, ids, and their ready-made features."""

    histories: rm.EventHistories
    people: list[str]
    X: pd.DataFrame

    def requests(self, n: int) -> list[dict[str, Any]]:
        """Return what another system would send for `n` of the people: plain records of each."""
        some = self.people[:: max(1, len(self.people) // n)][:n]
        return [
            {
                "records": list(case.records),
                "person_id": case.person_id,
                "person": dict(case.person),
                "updates": list(case.updates),
                "spells": list(case.spells),
            }
            for case in cases_of(self.histories, some, shared=("incident_id",))
        ]


def draw_people(task: rm.Task, n_people: int, n_scored: int) -> Asked:
    """Return at most `n_scored` people of a world who can be scored."""
    histories = rm.make_histories(n_people, seed=0).histories
    table = features_at(histories, task, AS_OF)
    people = table.person_id[table.scored].tolist()[:n_scored]
    return Asked(histories, people, table.X.iloc[: len(people)])
