"""Who does the harm that a list covers: everybody named for it, scored or not."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.victims.suspect_coverage import named_offences, suspect_tables


def test_each_person_named_answers_for_their_own_place(tiny, tiny_rows, task):
    listed = (tiny_rows.person_id == "p2").to_numpy()
    found = named_offences(tiny_rows, tiny, task, listed).set_index(["person_id", "incident_id"])
    # i1 names p1 and p2, of whom p2 was listed; p9 was never scored; i4 and i5 name nobody
    assert found.index.tolist() == [("p1", "i1"), ("p2", "i1"), ("p3", "i2"), ("p9", "i3")]
    assert found["listed"].tolist() == [False, True, False, False]
    assert found["scored"].tolist() == [True, True, True, False]
    assert found["harm"].tolist() == [1000.0] * 4


def test_the_number_of_offences_is_that_of_the_labels(small_world):
    from riskmodel.snapshots.build import build_snapshots
    from riskmodel.snapshots.features import Feature
    from riskmodel.snapshots.task import Task

    task = Task(offences=small_world.offences, features=(Feature("count", 365),))
    rows = build_snapshots(
        small_world.histories, task, as_of=["2019-01-01", "2020-01-01"], late_allowance_days=0
    )
    found = named_offences(rows, small_world.histories, task, np.ones(len(rows), dtype=bool))
    assert found["scored"].sum() == found["listed"].sum() == rows.serious_count.sum()
    assert len(found) == rows.totals["serious_named"].sum()


def test_women_are_few_on_the_list_and_more_of_the_harm():
    n = 4000
    woman = np.arange(n) < 480
    rng = np.random.default_rng(0)
    listed = np.where(woman, rng.random(n) < 0.03, rng.random(n) < 0.2)
    offences = pd.DataFrame(
        {
            "as_of": pd.Timestamp("2015-01-01"), "person_id": [f"p{i}" for i in range(n)],
            "incident_id": [f"i{i}" for i in range(n)], "harm": 100.0,
            "scored": listed | (rng.random(n) < 0.7), "listed": listed,
        }
    )  # fmt: skip
    sex = pd.DataFrame({"sex": np.where(woman, "female", "male")})
    tables = suspect_tables(offences, sex, Settings(n_replicates=200))
    value = tables.rates.set_index(["metric", "group"])["value"]
    assert value["share_of_offences", "female"] == pytest.approx(0.12)
    assert value["share_of_covered", "female"] == pytest.approx(listed[:480].sum() / listed.sum())
    assert value["coverage", "male"] == pytest.approx(listed[480:].mean())
    assert value["harm_coverage", "male"] == pytest.approx(value["coverage", "male"])
    gap = tables.gaps.set_index("metric").loc["coverage"]
    assert gap["group"] == "female"
    assert gap["difference_high"] < -0.1


def test_nobody_named_gives_empty_tables(tiny, tiny_rows, task):
    none = named_offences(
        tiny_rows, tiny.before("2015-01-01"), task, np.zeros(len(tiny_rows), dtype=bool)
    )
    assert suspect_tables(none, pd.DataFrame({"sex": []})).rates.empty
