"""Streamed snapshots hold the same bits as those built in one piece, however they are cut."""

import tempfile
import weakref
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.stream import Buffers, stream_snapshots
from riskmodel.snapshots.task import Task
from tests.snapshots.drawn import (
    END,
    OFFENCES,
    ORIGIN,
    crowded_tables,
    drawn,
    make_dates,
    make_tables,
)
from tests.snapshots.drawn_features import (
    STANDINGS,
    every_measure_with_every_filter,
    make_features,
)
from tests.snapshots.in_files import (
    DATES,
    TABLES,
    assert_same_bits,
    in_one_piece,
    joined,
    span,
    write,
)


@pytest.fixture(scope="module")
def world():
    return make_histories(400, seed=3)


@pytest.fixture(scope="module")
def task(world):
    features = (
        *default_features(),
        Feature("neighbours", 365),
        Feature("places", 730),
        Feature("repeat_places"),
        Feature("incidents", 730, per_year_at_risk=True),
    )
    return Task(offences=world.offences, features=features)


@pytest.fixture(scope="module")
def tables(world):
    return {name: world.tables[name] for name in TABLES if name in world.tables}


@pytest.fixture(scope="module")
def expected(world, task):
    return in_one_piece(world.histories, task, DATES)


@pytest.mark.parametrize("chunk_people", [7, 37, 10_000])
def test_files_in_chunks_of_any_size(world, task, tables, expected, tmp_path, chunk_people):
    paths = write(tmp_path, tables, row_group_size=1000)
    chunks = stream_snapshots(
        paths.pop("events"), task, as_of=DATES, chunk_people=chunk_people, **paths, **span(world)
    )
    assert_same_bits(joined(chunks), expected)


@pytest.mark.parametrize("chunk_people", [1, 37, None])
def test_histories_in_memory_in_slices(world, task, expected, chunk_people):
    chunks = stream_snapshots(world.histories, task, as_of=DATES, chunk_people=chunk_people)
    assert_same_bits(joined(chunks), expected)


def test_the_world_has_what_reaches_across_chunks(task, expected):
    for name in ("co_accused_ever", "neighbours_1y", "repeat_places_ever"):
        assert (expected[0][:, task.feature_names.index(name)] > 0).mean() > 0.02, name


def test_the_rows_are_those_of_build_snapshots(world, task):
    built = build_snapshots(world.histories, task, as_of=DATES, late_allowance_days=0)
    X, rules, names, dates = joined(stream_snapshots(world.histories, task, as_of=DATES))
    order = np.lexsort((built.person_id.to_numpy(dtype=str), built.as_of))
    mine = np.lexsort((np.array(names), np.array(dates)))
    assert built.X.to_numpy()[order].tobytes() == X[mine].tobytes()
    assert built.rules.to_numpy()[order].tobytes() == rules[mine].tobytes()


def test_shuffled_rows_are_sorted_first(world, task, tables, expected, tmp_path):
    shuffled = {name: table.sample(frac=1.0, random_state=5) for name, table in tables.items()}
    paths = write(tmp_path, shuffled, row_group_size=500)
    chunks = stream_snapshots(
        paths.pop("events"), task, as_of=DATES, chunk_people=50, folder=tmp_path, **paths,
        **span(world),
    )  # fmt: skip
    assert_same_bits(joined(chunks), expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{name}.parquet" for name in tables
    )


def test_whole_numbers_as_ids_come_in_the_order_of_their_value(world, task, tables, tmp_path):
    numbered = with_numbers(tables)
    histories = make(numbered, world)
    expected = in_one_piece(histories, task, DATES)
    paths = write(tmp_path, numbered)
    found = joined(stream_snapshots(
        paths.pop("events"), task, as_of=DATES, chunk_people=23, **paths, **span(world)
    ))  # fmt: skip
    names = [int(name) for name in found[2]]
    assert names == sorted(names)
    order = np.argsort(np.array(found[2]), kind="stable")  # as text, as histories hold them
    assert_same_bits(
        (found[0][order], found[1][order], [found[2][i] for i in order],
         [found[3][i] for i in order]),
        expected,
    )  # fmt: skip


def make(tables, world):
    from riskmodel.histories.events import EventHistories

    others = dict(tables)
    return EventHistories(others.pop("events"), **others, **span(world))


def with_numbers(tables):
    """Return the tables with whole numbers for ids of persons, incidents and victims."""
    changed = {}
    for name, given_table in tables.items():
        table = given_table.copy()
        for column in ("person_id", "incident_id", "victim_id"):
            if column in table.columns:
                digits = table[column].str.extract(r"(\d+)$")[0]
                table[column] = pd.to_numeric(digits).astype("Int64")
        changed[name] = table
    changed["events"] = changed["events"].sort_values("person_id")
    return changed


def test_a_folder_of_files_and_dictionaries_for_text(world, task, tables, expected, tmp_path):
    events = tables["events"].sort_values("person_id", kind="stable").reset_index(drop=True)
    (tmp_path / "events").mkdir()
    for number, first in enumerate(range(0, len(events), 700)):
        part = pa.Table.from_pandas(events.iloc[first : first + 700], preserve_index=False)
        coded = [
            column.dictionary_encode() if pa.types.is_large_string(column.type) else column
            for column in part.columns
        ]
        part = pa.Table.from_arrays(coded, names=part.schema.names)
        pq.write_table(part, tmp_path / "events" / f"part-{number:03}.parquet")
    others = write(tmp_path, {name: tables[name] for name in tables if name != "events"})
    chunks = stream_snapshots(
        tmp_path / "events", task, as_of=DATES, chunk_people=60, **others, **span(world)
    )
    assert_same_bits(joined(chunks), expected)


def declared(choose):
    """Return tables, dates and a task, and how the files are cut."""
    tables = make_tables(choose)
    cohort = Cohort(
        lookback_days=choose((None, 30, 400)),
        min_incidents=choose((1, 2)),
        exclude_in_custody=choose((True, False)),
    )
    task = Task(
        offences=OFFENCES, features=tuple(make_features(choose)), cohort=cohort,
        feature_evidence=choose(STANDINGS),
    )  # fmt: skip
    return tables, make_dates(choose, tables), task, choose((1, 2, 10)), choose((1, 4, 100))


@settings(max_examples=60)
@given(drawn(declared))
def test_drawn_tables_and_features(world):
    tables, dates, task, chunk_people, row_group_size = world
    assume(tables.events["person_id"].notna().any())
    histories = tables.histories()
    expected = in_one_piece(histories, task, dates)
    filled = {name: getattr(tables, name) for name in TABLES if len(getattr(tables, name))}
    with tempfile.TemporaryDirectory() as folder:
        paths = write(folder, filled, row_group_size=row_group_size)
        chunks = stream_snapshots(
            paths.pop("events"), task, as_of=dates, data_start=tables.data_start,
            data_end=END, dates_only=True, chunk_people=chunk_people, **paths,
        )  # fmt: skip
        assert_same_bits(joined(chunks), expected)


def test_thousands_of_events_of_one_person():
    tables = crowded_tables(np.random.default_rng(1), {"p1": 3_000, "p2": 1, "p3": 40})
    task = Task(
        offences=OFFENCES, features=every_measure_with_every_filter(),
        cohort=Cohort(lookback_days=None),
    )  # fmt: skip
    dates = [ORIGIN + pd.Timedelta(days=days) for days in (1000, 2500)]
    expected = in_one_piece(tables.histories(), task, dates)
    shuffled = {name: getattr(tables, name).sample(frac=1.0, random_state=0) for name in TABLES}
    with tempfile.TemporaryDirectory() as folder:
        paths = write(folder, shuffled)
        chunks = stream_snapshots(
            paths.pop("events"), task, as_of=dates, data_start=tables.data_start,
            dates_only=True, chunk_people=1, **paths,
        )  # fmt: skip
        assert_same_bits(joined(chunks), expected)


def test_invalid_rows_are_refused_or_set_aside(world, task, tables, tmp_path):
    events = tables["events"].copy()
    named = np.flatnonzero(events["person_id"].notna())
    events.loc[named[5], "evidence"] = "rumour"
    events.loc[named[9], "recorded_time"] = events.loc[named[9], "event_time"] - pd.Timedelta(
        1, "D"
    )
    long_ago = pd.Timestamp("1901-05-01T10:00")
    events.loc[named[15], ["event_time", "recorded_time"]] = long_ago
    events = pd.concat([events, events.iloc[[named[20]]]])
    paths = write(tmp_path, {**tables, "events": events})
    options = {**paths, "as_of": DATES, **span(world)}
    problems = r"(?s)evidence: not one of.*source_id: occurs before.*before the person's birth"
    with pytest.raises(SchemaError, match=problems):
        list(stream_snapshots(options.pop("events"), task, **options))
    found = list(
        stream_snapshots(paths["events"], task, on_invalid="set_aside", chunk_people=70, **options)
    )
    from riskmodel.histories.events import EventHistories

    others = {name: tables[name] for name in tables if name != "events"}
    histories = EventHistories(events, **others, on_invalid="set_aside", **span(world))
    assert sum(chunk.n_set_aside for chunk in found) == len(histories.set_aside["events"])
    assert_same_bits(joined(found), in_one_piece(histories, task, DATES))


def test_what_a_stream_cannot_do_is_said(world, task, tables, tmp_path):
    paths = write(tmp_path, tables)
    events = paths["events"]
    with pytest.raises(SchemaError, match="data_start"):
        stream_snapshots(events, task, as_of=DATES)
    only = replace(task, cohort=Cohort(only=("sex", "male")))
    with pytest.raises(SchemaError, match="groups"):
        stream_snapshots(events, only, as_of=DATES, data_start="2000")
    with pytest.raises(ModelMismatchError, match="birth_date"):
        list(stream_snapshots(events, task, as_of=DATES, **span(world)))
    with pytest.raises(SchemaError, match="no other tables"):
        stream_snapshots(world.histories, task, as_of=DATES, data_end="2030")
    with pytest.raises(SchemaError, match="no Parquet file"):
        stream_snapshots(tmp_path / "none.parquet", task, as_of=DATES, data_start="2000")


def test_memory_is_lent_again_only_when_nothing_refers_to_it():
    buffers = Buffers()
    table = buffers.table(100, 10, np.float32)
    table[:] = 1.0
    view = table[5:]
    address = table.__array_interface__["data"][0]
    gone = weakref.ref(table)
    del table
    assert buffers.table(100, 10, np.float32).__array_interface__["data"][0] != address
    assert (view == 1.0).all()
    del view
    assert gone() is None
    addresses = {buffers.table(100, 10, np.float32).__array_interface__["data"][0]}
    assert address in addresses | {buffers.table(99, 10, np.float32).__array_interface__["data"][0]}
