"""Events out of Parquet files: whole persons, once each, whatever the files look like."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.event_chunks import EventReader
from riskmodel.histories.event_files import Surveyor, check_dates_only
from riskmodel.histories.events import EventHistories
from riskmodel.histories.parquet_files import TableFiles, read_times
from riskmodel.histories.synthetic import make_histories
from riskmodel.histories.update_files import Updates
from riskmodel.schema import EVIDENCE


def events_of(persons, happened="2020-01-01T12:00"):
    """Return a table with a row for each of `persons`."""
    n = len(persons)
    moment = np.datetime64(happened, "us")
    return pa.table(
        {
            "source_id": pa.array([f"r{row}" for row in range(n)], pa.string()),
            "person_id": pa.array(persons, pa.string()),
            "event_time": pa.array(np.full(n, moment)),
            "recorded_time": pa.array(np.full(n, moment)),
            "offence": pa.array(["105A"] * n, pa.string()),
        }
    )


def files_of(table, folder, **options):
    path = folder / "events.parquet"
    pq.write_table(table, path, **options)
    return TableFiles.find("events", path)


def survey_of(files):
    surveyor = Surveyor()
    for batch in files.batches(["person_id"], batch_rows=3):
        if surveyor.add(batch.column("person_id")) is None:
            return None
    return surveyor.survey()


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([None, " ", "a", "b", "c", "d", "e"]), min_size=1, max_size=40),
    st.integers(1, 4),
    st.integers(1, 10),
)
def test_every_person_is_whole_and_in_one_chunk(tmp_path_factory, persons, people, rows):
    named = sorted(name for name in persons if name and name.strip())
    waiting = iter(named)
    persons = [next(waiting) if name and name.strip() else name for name in persons]
    files = files_of(events_of(persons), tmp_path_factory.mktemp("events"), row_group_size=4)
    survey = survey_of(files)
    seen, n_rows = [], 0
    chunks = survey.chunks(files, ["person_id", "source_id"], chunk_people=people, chunk_rows=rows)
    for chunk in chunks:
        assert (chunk.first_row, chunk.first_person) == (n_rows, len(set(seen)))
        ids = chunk.table.column("person_id").to_pylist()
        mine = [name for name, nobody in zip(ids, chunk.unnamed, strict=True) if not nobody]
        assert not set(mine) & set(seen)
        assert 1 <= len(set(mine)) <= people
        assert len(set(mine)) == 1 or len(ids) <= rows
        assert [ids[row] for row in chunk.start] == sorted(set(mine))
        sources = chunk.table.column("source_id").to_pylist()
        assert sources == [f"r{row}" for row in range(n_rows, n_rows + len(ids))]
        seen, n_rows = seen + mine, n_rows + len(ids)
    assert seen == named
    assert n_rows == (len(persons) if named else 0)


@pytest.mark.parametrize("persons", [["b", "a"], ["a", "b", "b", "c", "b"], ["b", None, "a"]])
def test_ids_that_fall_are_noticed(tmp_path, persons):
    assert survey_of(files_of(events_of(persons), tmp_path)) is None


def test_arrays_are_those_of_event_histories(tmp_path):
    world = make_histories(200, seed=2)
    order = ["person_id", "event_time", "source_id"]
    events = world.tables["events"].sort_values(order, ascending=[True, False, False])
    files = files_of(pa.Table.from_pandas(events, preserve_index=False), tmp_path)
    updates_path = tmp_path / "updates.parquet"
    world.tables["updates"].sample(frac=1.0, random_state=1).to_parquet(updates_path, index=False)
    updates = Updates.read(
        TableFiles.find("updates", updates_path), files, data_end=None, set_aside=False
    )
    reader, survey = EventReader(updates), survey_of(files)
    read = [
        reader.read(chunk).arrays for chunk in survey.chunks(files, reader.columns, chunk_people=30)
    ]
    updates.check_met()
    histories = EventHistories(events, updates=world.tables["updates"])
    named = histories.events["person_id"].unique()
    assert len(read) == -(-len(named) // 30)
    for name in ("incident_local", "victim_local", "place_local", "origin"):
        found = np.concatenate([getattr(arrays, name) for arrays in read])
        assert found.tolist() == getattr(histories.arrays, name).tolist(), name
    for name in ("event_time", "recorded_time", "evidence0", "update_time", "update_evidence"):
        found = np.concatenate([getattr(arrays.records, name) for arrays in read])
        assert found.tolist() == getattr(histories.arrays.records, name).tolist(), name
    offences = [arrays.offences[code] for arrays in read for code in arrays.offence_code]
    assert offences == histories.events["offence"].tolist()


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("source_id", None, "source_id: missing"),
        ("event_time", None, "event_time: missing"),
        ("recorded_time", None, "recorded_time: missing"),
        ("offence", " ", "offence: missing"),
        ("evidence", "rumour", "evidence: not one of allegation"),
        ("origin", "rumour", "origin: not one of reported"),
        ("event_time", pd.Timestamp("1850-01-01"), "event_time: not in the years 1900 to 2100"),
        ("recorded_time", pd.Timestamp("2019-01-01"), "recorded_time: recorded before it happened"),
        ("recorded_time", pd.Timestamp("2031-01-01"), "recorded_time: at or after data_end"),
        ("source_id", "r0", "source_id: occurs before, recorded no later"),
    ],
)
def test_each_rule_is_held_and_counted_without_a_value(tmp_path, column, value, rule):
    frame = events_of(["a", "a", "b"]).to_pandas()
    frame["evidence"], frame["origin"] = "charge", "reported"
    frame[column] = frame[column].astype(object)
    frame.loc[1, column] = value
    if column.endswith("time"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    files = files_of(pa.Table.from_pandas(frame), tmp_path)
    end = int(np.datetime64("2030-01-01", "us").astype(np.int64))
    for set_aside in (False, True):
        reader = EventReader(Updates(), data_end=end, set_aside=set_aside)
        (chunk,) = survey_of(files).chunks(files, reader.columns, chunk_people=9)
        if set_aside:
            assert reader.read(chunk).n_set_aside == 1
            continue
        with pytest.raises(SchemaError, match=rule) as caught:
            reader.read(chunk)
        assert "in 1 row of rows 1 to 3" in str(caught.value)
        assert "rumour" not in str(caught.value)


def test_midnights_alone_must_be_said_to_be_dates(tmp_path):
    files = files_of(events_of(["a", "b"], "2020-01-01"), tmp_path)
    with pytest.raises(SchemaError, match="dates_only=True"):
        check_dates_only(files, dates_only=False)
    check_dates_only(files, dates_only=True)
    check_dates_only(files_of(events_of(["a"]), tmp_path), dates_only=False)


def test_times_of_every_unit_and_zone_are_one_moment():
    moment = pd.Timestamp("2020-06-01T10:00")
    for kind in (pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("ms", tz="Europe/London")):
        times, broken = read_times(pa.array([moment, None]).cast(pa.timestamp("us")).cast(kind))
        assert times[0] == moment.value // 1000
        assert times[1] == np.iinfo(np.int64).min
        assert not any(mask.any() for mask in broken.values())
    days, _ = read_times(pa.array([moment.date()]))
    assert days[0] == moment.normalize().value // 1000
    _, broken = read_times(pa.array([moment.value + 1], pa.timestamp("ns")))
    assert [mask.tolist() for mask in broken.values()] == [[True], [False]]


def test_wrong_columns_are_named_all_at_once(tmp_path):
    table = events_of(["a"]).drop_columns(["offence"]).append_column("colour", pa.array(["red"]))
    table = table.set_column(2, "event_time", pa.array(["2020-01-01"]))
    with pytest.raises(SchemaError) as caught:
        files_of(table, tmp_path)
    text = str(caught.value)
    assert "events.offence: the column is missing" in text
    assert "unknown columns colour" in text
    assert "events.event_time: a timestamp or date column is needed, not string" in text


def test_files_of_one_folder_have_the_same_columns(tmp_path):
    pq.write_table(events_of(["a"]), tmp_path / "1.parquet")
    pq.write_table(
        events_of(["b"]).append_column("place", pa.array(["bar"])), tmp_path / "2.parquet"
    )
    with pytest.raises(SchemaError, match=r"2\.parquet has other columns than 1\.parquet"):
        TableFiles.find("events", tmp_path)


def test_a_file_that_is_no_parquet_is_named(tmp_path):
    path = tmp_path / "events.parquet"
    path.write_text("person_id,offence")
    with pytest.raises(SchemaError, match=r"events\.parquet is no readable Parquet file"):
        TableFiles.find("events", path)


def test_of_updates_at_one_time_the_later_in_evidence_is_last(tmp_path):
    files = files_of(events_of(["a", "a", "b"]), tmp_path)
    moments = pd.to_datetime(["2021-01-01", "2020-06-01", *["2020-05-01"] * 3, "2020-05-01"])
    rows = {
        "source_id": ["r1", "r1", "r1", "r1", "r1", "r2"],
        "recorded_time": moments.as_unit("us"),
        "evidence": ["arrest", "charge", "cancelled", "allegation", "conviction", "caution"],
    }
    path = tmp_path / "updates.parquet"
    pd.DataFrame(rows).to_parquet(path, index=False)
    updates = Updates.read(TableFiles.find("updates", path), files, data_end=None, set_aside=False)
    reader = EventReader(updates)
    (chunk,) = survey_of(files).chunks(files, reader.columns, chunk_people=9)
    records = reader.read(chunk).arrays.records
    assert records.update_start.tolist() == [0, 0, 5, 6]
    levels = [EVIDENCE[level] for level in records.update_evidence]
    assert levels == ["allegation", "conviction", "cancelled", "charge", "arrest", "caution"]


def test_updates_are_held_to_their_rules(tmp_path):
    files = files_of(events_of(["a", "b"]), tmp_path)
    early, later = pd.Timestamp("2019-01-01"), pd.Timestamp("2021-01-01")
    path = tmp_path / "updates.parquet"
    reader_options = {"data_end": None, "set_aside": False}
    rows = {"source_id": ["r0", None], "recorded_time": [later, later], "evidence": ["x", None]}
    pd.DataFrame(rows).to_parquet(path, index=False)
    table = TableFiles.find("updates", path)
    with pytest.raises(SchemaError, match=r"(?s)source_id: missing.*evidence: not one of"):
        Updates.read(table, files, **reader_options)
    rows = {"source_id": ["r0"], "recorded_time": [early], "evidence": ["charge"]}
    pd.DataFrame(rows).to_parquet(path, index=False)
    for set_aside in (False, True):
        updates = Updates.read(table, files, data_end=None, set_aside=set_aside)
        reader = EventReader(updates, set_aside=set_aside)
        (chunk,) = survey_of(files).chunks(files, reader.columns, chunk_people=9)
        if set_aside:
            assert reader.read(chunk).arrays.records.update_time.size == 0
            continue
        with pytest.raises(SchemaError, match="before its event happened, in 1 row"):
            reader.read(chunk)
