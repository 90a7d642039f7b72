"""The speed benchmark runs, and each method finds the same as a loop by the definitions."""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "experiments" / "speed"
NAMES = ("agreement", "coded", "columns", "data", "leaves", "turns", "words")
TINY = ("--people", "30", "--events", "240", "--snapshots", "2", "--repeats", "1")
METHODS = {
    "riskmodel": None,
    "riskmodel, arrays built anew": None,
    "riskmodel, outcomes and totals too": None,
    "pandas": None,
    "pandas, tuned by hand": None,
    "polars": "polars",
    "polars, tuned by hand": "polars",
    "duckdb": "duckdb",
    "duckdb, tuned by hand": "duckdb",
}


@pytest.fixture
def speed(modules_of):
    """The benchmark's modules, forgotten afterwards: their names are common."""
    return modules_of(FOLDER, NAMES)


@pytest.fixture(scope="module")
def lines():
    """What the script prints on tiny data, with the loop by definition, by method."""
    there = [name for name, needs in METHODS.items() if not needs or is_there(needs)]
    command = [sys.executable, str(FOLDER / "snapshots.py"), *TINY, "--by-definition"]
    done = subprocess.run(
        [*command, "--only", *there, "by definition"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {line["method"]: line for line in map(json.loads, done.stdout.splitlines())}


def is_there(module):
    return importlib.util.find_spec(module) is not None


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_what_the_definitions_say(lines, method):
    if METHODS[method] and not is_there(METHODS[method]):
        pytest.skip(f"{METHODS[method]} is not installed: pip install {METHODS[method]}")
    line = lines[method]
    assert line["checksum"] == lines["by definition"]["checksum"]
    assert list(line) == [
        "method", "seconds", "cpu_seconds", "peak_mb", "rows_per_second", "checksum",
    ]  # fmt: skip
    assert line["peak_mb"] > 0
    assert line["rows_per_second"] > 0


def test_there_are_150_columns_and_they_travel_as_json(speed):
    columns = speed.columns.columns_as_json()
    assert len(columns) == 150
    assert len({column["name"] for column in columns}) == 150
    assert json.loads(json.dumps(columns)) == columns


def timing(speed, matrix):
    keys = np.zeros((len(matrix), 2), dtype=np.int64)
    matrix = np.array(matrix, dtype=np.float32)
    return speed.turns.Timing("made up", 1.0, 1.0, 1.0, keys, matrix)


def test_one_other_cell_fails_and_names_its_column(speed):
    one, other = timing(speed, [[1.0, 2.0]]), timing(speed, [[1.0, 2.5]])
    speed.agreement.check_equal(one, one, ["count_1y", "gap_ever"])
    with pytest.raises(SystemExit, match=r"gap_ever: 1 cells, the first 2\.0 and 2\.5"):
        speed.agreement.check_equal(one, other, ["count_1y", "gap_ever"])


def test_a_missing_value_is_not_a_zero(speed):
    one, other = timing(speed, [[0.0]]), timing(speed, [[np.nan]])
    with pytest.raises(SystemExit, match="gap_ever"):
        speed.agreement.check_equal(one, other, ["gap_ever"])


def test_the_checksum_sees_cells_and_not_the_rounding_of_sums(speed):
    columns = [{"name": "count_1y", "measure": "count"}, {"name": "gap_ever", "measure": "gap"}]
    checksum = speed.agreement.checksum
    matrix = np.array([[1, 0.3], [2, np.nan]], dtype=np.float32)
    nearly = matrix + np.array([[0, 1e-8], [0, 0]], dtype=np.float32)
    assert checksum(nearly, columns) == checksum(matrix, columns)
    for row, column, value in ((0, 0, 3), (0, 1, 0.31), (1, 1, 0.0)):
        other = matrix.copy()
        other[row, column] = value
        assert checksum(other, columns) != checksum(matrix, columns)


def test_chunks_hold_whole_people_in_order_and_all_events(speed):
    chunks = list(speed.data.draw_chunks(100, 1_000, chunk_people=30))
    assert [chunk.person.min() for chunk in chunks] == [0, 30, 60, 90]
    person = np.concatenate([chunk.person for chunk in chunks])
    assert len(person) == 1_000
    assert np.all(np.diff(person) >= 0)
    assert len(np.unique(person)) == 100
    source = np.concatenate([chunk.source for chunk in chunks])
    assert np.array_equal(source, np.arange(1_000))


def test_records_of_an_incident_share_time_and_place(speed):
    (chunk,) = speed.data.draw_chunks(200, 3_000)
    order = np.argsort(chunk.incident, kind="stable")
    same = np.diff(chunk.incident[order]) == 0
    assert same.sum() > 100
    assert np.all(np.diff(chunk.event_time[order])[same] == 0)
    shared = chunk.person[order][:-1][same] != chunk.person[order][1:][same]
    assert 0 < shared.sum() < same.sum()


def test_half_is_recorded_late_and_a_tenth_updated(speed):
    (chunk,) = speed.data.draw_chunks(500, 10_000)
    lag = chunk.recorded_time - chunk.event_time
    assert lag.min() == 0
    assert lag.max() < 401 * speed.data.DAY
    assert np.mean(lag > 0) == pytest.approx(0.5, abs=0.03)
    assert len(np.unique(chunk.update_source)) / 10_000 == pytest.approx(0.1, abs=0.02)
    recorded = dict(zip(chunk.source, chunk.recorded_time, strict=True))
    assert all(recorded[s] < t for s, t in zip(chunk.update_source, chunk.update_time, strict=True))


@pytest.mark.parametrize("strings", [True, False])
def test_parquet_has_a_row_group_a_chunk(speed, tmp_path, strings):
    paths = speed.data.write_parquet(tmp_path, 100, 900, chunk_people=40, strings=strings)
    events, updates = (pq.ParquetFile(path) for path in paths)
    assert events.num_row_groups == updates.num_row_groups == 3
    assert events.metadata.num_rows == 900
    person = events.read(["person_id"]).column(0).to_pylist()
    assert person == sorted(person)
    groups = [set(events.read_row_group(k, ["person_id"])[0].to_pylist()) for k in range(3)]
    assert not (groups[0] & groups[1] or groups[1] & groups[2])
