"""The doctor finds what was planted, clears it, and leaves the work of others alone."""

import os
import socket
import sqlite3
import time

import pytest

from riskmodel.registry.mlflow_registry import MlflowStore, doctor, promote, register


@pytest.fixture
def client(own_address):
    return MlflowStore(own_address).client()


def run(client, experiment, **tags):
    return client.create_run(experiment, tags=tags).info.run_id


def tell(address, statement, *values):
    with sqlite3.connect(address.removeprefix("sqlite:///")) as database:
        database.execute(statement, values)
    database.close()


def diagnosis(address, cache, **options):
    found = doctor(address, cache=cache, **options)
    return {(row.kind, row.id): row.action for row in found.itertuples()}


def test_runs_are_told_apart_by_age_and_by_whether_their_process_lives(client, own_address, cache):
    experiment = client.create_experiment("riskmodel/m")
    here = {"riskmodel.host": socket.gethostname()}
    elsewhere = {"riskmodel.host": "another-machine", "riskmodel.pid": "1"}
    living = run(client, experiment, **here, **{"riskmodel.pid": str(os.getpid())})
    dead = run(client, experiment, **here, **{"riskmodel.pid": "999999999"})
    remote = run(client, experiment, **elsewhere)
    assert diagnosis(own_address, cache) == {("run", dead): "mark it KILLED"}
    time.sleep(0.01)
    old = diagnosis(own_address, cache, older_than_minutes=0, fix=True)
    assert set(old) == {("run", living), ("run", dead), ("run", remote)}
    assert client.get_run(dead).info.status == "KILLED"
    assert diagnosis(own_address, cache, older_than_minutes=0) == {}


def test_the_work_of_others_in_the_same_store_is_left_alone(client, own_address, cache):
    other = client.create_experiment("a study of someone else")
    running = run(client, other)
    client.create_logged_model(other)
    client.create_registered_model("theirs")
    time.sleep(0.01)
    assert diagnosis(own_address, cache, older_than_minutes=0, fix=True) == {}
    assert client.get_run(running).info.status == "RUNNING"


def test_what_is_pending_missing_or_empty(client, model, passed, own_address, cache):
    version = register(model, "m", audit=passed, tracking_uri=own_address)
    promote("m", version, tracking_uri=own_address)
    register(model, "m", audit=passed, tracking_uri=own_address)
    experiment = client.get_experiment_by_name("riskmodel/m").experiment_id
    logged = client.create_logged_model(experiment).model_id
    client.create_registered_model("empty", tags={"riskmodel": "model"})
    tell(own_address, "UPDATE model_versions SET status = 'PENDING_REGISTRATION' WHERE version = 2")
    tell(
        own_address,
        "INSERT INTO registered_model_aliases (alias, version, name, workspace) "
        "SELECT 'lost', 7, name, workspace FROM registered_models WHERE name = 'm'",
    )
    assert diagnosis(own_address, cache) == {("alias", "m@lost"): "delete the alias"}
    time.sleep(0.01)
    expected = {
        ("alias", "m@lost"): "delete the alias",
        ("logged model", logged): "delete it",
        ("model version", "m/2"): "delete it",
        ("registered model", "empty"): "delete the name",
    }
    assert diagnosis(own_address, cache, older_than_minutes=0, fix=True) == expected
    assert diagnosis(own_address, cache, older_than_minutes=0) == {}
    assert client.get_model_version_by_alias("m", "champion").version == int(version)


def test_temporary_files_of_the_cache(client, own_address, cache):
    (cache / "bundles" / ".half.partial").mkdir(parents=True)
    (cache / "registries").mkdir()
    (cache / "registries" / ".m.json.1-a.partial").write_text("{")
    kept = cache / "registries" / "m.json"
    kept.write_text("{}")
    assert diagnosis(own_address, cache) == {}, "they may be in use"
    assert len(diagnosis(own_address, cache, older_than_minutes=0, fix=True)) == 2
    assert [path for path in cache.rglob("*") if path.is_file()] == [kept]


def test_nothing_found_is_an_empty_table_with_its_columns(client, own_address, cache):
    found = doctor(own_address, cache=cache)
    assert found.columns.tolist() == ["kind", "id", "problem", "action", "done"]
    assert found.empty
