"""Tables of the people listed: the audited list, other lengths, and the gate out of time."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.people_listed import people_listed
from riskmodel.audit.question import GATE, LENGTHS, pose
from riskmodel.snapshots.table import Snapshots


@pytest.fixture(scope="module")
def question(known_model):
    rng = np.random.default_rng(3)
    n, dates = 700, ["2015-01-01", "2016-01-01"]
    score = rng.normal(size=2 * n)
    y = (rng.random(2 * n) < 1 / (1 + np.exp(1 - score))).astype(float)
    ids = [f"p{i}" for i in range(n)] * 2
    rows = Snapshots.from_table(
        pd.DataFrame({"score": score}), y, person_id=ids, as_of=np.repeat(dates, n)
    )
    groups = pd.DataFrame({"person_id": ids[:n], "sex": rng.choice(["a", "b"], n)})

    class Learnt(known_model):
        def dates_learnt_from(self, snapshots):
            return snapshots.dates[:1]

    return pose(
        Learnt("score"), rows, None, groups, k=120, policy=None, characteristics=None,
        intersections=(), minimum_cell=None, predictions=None, n_replicates=40, seed=0,
    )  # fmt: skip


def count(table, metric, group, column="numerator"):
    rows = table[(table["metric"] == metric) & (table["group"] == group)]
    return rows[column].iloc[0]


def test_counts_are_those_of_the_rows_for_every_list(question):
    found = people_listed(question)
    members = (question.columns["sex"] == "a").to_numpy()
    harmed = question.snapshots.y.to_numpy() == 1
    assert count(found["listed"], "precision", "a") == (members & question.listed & harmed).sum()
    for k in LENGTHS:
        table = found["lengths"][found["lengths"]["k"] == k]
        expected = (members & question.other_lengths[k]).sum()
        assert count(table, "precision", "a", "denominator") == expected


def test_the_gate_reads_only_dates_that_were_not_learnt_from(question):
    found = people_listed(question)
    members = (question.columns["sex"] == "a").to_numpy()
    late = (question.snapshots.as_of == "2016-01-01").to_numpy()
    expected = (members & late & question.lists[GATE]).sum()
    assert count(found["gate"], "precision", "a", "denominator") == expected
    assert set(found["gate_gaps"]["characteristic"]) == {"sex"}
