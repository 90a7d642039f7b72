"""Streamed snapshots in one file: whole or absent, and the same bits as in memory."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.to_parquet import snapshots_to_parquet
from tests.snapshots.in_files import DATES, TABLES, in_one_piece, span, write


@pytest.fixture(scope="module")
def world():
    return make_histories(300, seed=4)


@pytest.fixture(scope="module")
def task(world):
    return Task(offences=world.offences, features=default_features())


@pytest.fixture(scope="module")
def tables(world):
    return {name: world.tables[name] for name in TABLES if name in world.tables}


@pytest.fixture(scope="module")
def expected(world, task):
    return in_one_piece(world.histories, task, DATES)


def test_a_file_of_snapshots(world, task, tables, expected, tmp_path):
    paths = write(tmp_path, tables)
    out = tmp_path / "out.parquet"
    written = snapshots_to_parquet(
        paths.pop("events"), task, out, as_of=DATES, rules=True, chunk_people=100, **paths,
        **span(world),
    )  # fmt: skip
    table = pq.read_table(out).to_pandas()
    assert list(table.columns[:2]) == ["person_id", "as_of"]
    assert table["person_id"].tolist() == expected[2]
    assert table["as_of"].tolist() == [DATES[date] for date in expected[3]]
    features = table[task.feature_names].to_numpy()
    assert features.dtype == np.float32
    assert features.tobytes() == expected[0].tobytes()
    rules = [name for name in table.columns if name.startswith("rule_")]
    assert table[rules].to_numpy().tobytes() == np.ascontiguousarray(expected[1]).tobytes()
    assert (written.rows, written.people) == (len(table), table["person_id"].nunique())
    assert written.events == len(world.histories.events)
    assert written.set_aside == 0


def test_a_failure_leaves_the_older_file_and_nothing_else(world, task, tables, tmp_path):
    lonely = pd.DataFrame(
        {"source_id": ["nowhere"], "recorded_time": [pd.Timestamp("2020-01-01T01:00")],
         "evidence": ["charge"]}
    )  # fmt: skip
    paths = write(tmp_path, {**tables, "updates": lonely})
    out = tmp_path / "out.parquet"
    out.write_text("older")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SchemaError, match=r"updates\.source_id: in no row of events, in 1 row"):
        snapshots_to_parquet(paths.pop("events"), task, out, as_of=DATES, **paths, **span(world))
    assert out.read_text() == "older"
    assert sorted(tmp_path.iterdir()) == before


def test_nobody_in_the_cohort_is_an_error(world, tables, tmp_path):
    task = Task(offences=world.offences, cohort=Cohort(min_incidents=10_000))
    with pytest.raises(SchemaError, match="nobody is in the cohort"):
        snapshots_to_parquet(world.histories, task, tmp_path / "out.parquet", as_of=DATES)
    assert not list(tmp_path.iterdir())
