"""Faults 15 and 16: killed while registering, and many at once. The champion always loads."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from riskmodel.audit.audit_file import save_audit
from riskmodel.registry.load import load
from riskmodel.registry.mlflow_registry import MlflowStore, doctor, promote, register

WORKERS = Path(__file__).parent / "workers.py"
NO_RUN_YET = ["get_experiment_by_name+", "create_run-"]
NO_VERSION_YET = [
    "create_run+",
    "log_batch-",
    "log_batch+",
    "log_artifacts+",
    "create_registered_model-",
    "create_registered_model+",
    "get_registered_model+",
    "search_model_versions+",
    "create_model_version-",
]
VERSION_STANDS = ["create_model_version+", "set_terminated-"]
RUN_ENDED = ["set_terminated+", "never"]
PROCESSES, ROUNDS = 3, 7


class Worked(NamedTuple):
    killed_store: str
    raced_store: str
    champion: str
    killed: list[int]
    killed_at_birth: list[int]
    raced: list[int]
    said: str


@pytest.fixture(scope="module")
def worked(model, passed, empty_database, tmp_path_factory):
    """One program does it all: what takes long is to import MLflow."""
    folder = tmp_path_factory.mktemp("worked")
    model.save(folder / "bundle")
    save_audit(passed, folder / "audit.json")
    files = [str(folder / "bundle"), str(folder / "audit.json"), "m"]
    shutil.copy(empty_database, folder / "killed.db")
    (folder / "raced").mkdir()
    killed, raced = (f"sqlite:///{folder}/{name}.db" for name in ("killed", "raced/new"))
    champion = register(model, "m", audit=passed, tracking_uri=killed)
    promote("m", champion, tracking_uri=killed)

    moments = [*NO_RUN_YET, *NO_VERSION_YET, *VERSION_STANDS, *RUN_ENDED]
    tasks = ["kill", killed, ",".join(moments), "kill", raced, "link-"]
    tasks += ["race", raced, f"{PROCESSES},{ROUNDS}"]
    done = subprocess.run(
        [sys.executable, WORKERS, *files, *tasks],
        capture_output=True,
        text=True,
        check=True,
        timeout=500,
    )
    ended = json.loads(done.stdout.splitlines()[-1])
    return Worked(killed, raced, champion, *ended, done.stderr)


def test_killed_at_any_moment_the_champion_loads_and_the_doctor_clears_up(
    model, passed, worked, cache
):
    address = worked.killed_store
    assert worked.killed == [-9] * (len(worked.killed) - 1) + [0], worked.said

    served = load("models:/m@champion", tracking_uri=address, cache=cache)
    assert served.version == worked.champion
    versions = MlflowStore(address).client().search_model_versions("name = 'm'")
    for version in versions:
        served = load(f"models:/m/{version.version}", tracking_uri=address, cache=cache)
        assert served.digest == model.digest, "whatever has a version is whole"
    assert len(versions) == 1 + len(VERSION_STANDS) + len(RUN_ENDED)

    found = doctor(address, cache=cache)
    assert not found["done"].any()
    assert set(found["kind"]) == {"run"}
    assert found["action"].value_counts().to_dict() == {
        "mark it KILLED": len(NO_VERSION_YET),
        "mark it FINISHED": len(VERSION_STANDS),
    }
    assert doctor(address, fix=True, cache=cache)["done"].all()
    assert doctor(address, cache=cache).empty
    assert register(model, "m", audit=passed, tracking_uri=address) == str(len(versions) + 1)


def test_many_processes_register_and_promote_at_once_from_the_first_moment(model, worked, cache):
    """Their race begins with making the store, which another was killed at before."""
    address = worked.raced_store
    assert worked.killed_at_birth == [-9]
    assert worked.raced == [0] * PROCESSES, worked.said
    versions = MlflowStore(address).client().search_model_versions("name = 'm'")
    numbers = sorted(int(version.version) for version in versions)
    assert numbers == list(range(1, PROCESSES * ROUNDS + 1))
    assert load("models:/m@champion", tracking_uri=address, cache=cache).digest == model.digest
    found = doctor(address, older_than_minutes=0, cache=cache, fix=True)
    assert found["kind"].tolist() == ["file"], "what the one that was killed left"
    home = Path(address.removeprefix("sqlite:///")).parent
    assert {path.name for path in home.iterdir()} == {"new.db", "mlartifacts"}


def test_threads_promote_at_once(model, passed, address, name, cache):
    versions = [register(model, name, audit=passed, tracking_uri=address) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        moves = [
            pool.submit(promote, name, versions[turn % 2], tracking_uri=address)
            for turn in range(12)
        ]
    assert [move.result() for move in moves] == [None] * 12
    assert load(f"models:/{name}@champion", tracking_uri=address, cache=cache).version in versions
