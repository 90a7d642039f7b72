"""A model saved is the model loaded; anything else is refused and nothing runs."""

import json
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.bundle import READERS, load_bundle, save_bundle, verify_bundle
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.manifest import FORMAT_NUMBER, Manifest, content_digest, write_files
from riskmodel.model.strict_json import json_bytes
from riskmodel.model.training import train

DAMAGES = 200


@pytest.fixture
def folder(table_model, tmp_path):
    save_bundle(table_model, tmp_path / "bundle")
    return tmp_path / "bundle"


PART = {"name": "any", "bags": 5, "slope": 1.0, "shift": 0.0}


@pytest.mark.parametrize("which", ["table_model", "world_model"])
def test_round_trip_is_bit_equal(which, request, tmp_path):
    model = request.getfixturevalue(which)
    snapshots = request.getfixturevalue({"table_model": "table"}.get(which, "world_snapshots"))
    digest = save_bundle(model, tmp_path / "bundle")
    loaded = load_bundle(tmp_path / "bundle", digest)
    assert loaded.digest == model.digest == digest == verify_bundle(tmp_path / "bundle").digest
    assert Manifest.of(loaded.to_files(), loaded.about()).digest == digest
    pd.testing.assert_frame_equal(
        loaded.estimates(snapshots.X), model.estimates(snapshots.X), check_exact=True
    )
    assert loaded.baseline == model.baseline
    assert loaded.thresholds == model.thresholds
    assert loaded.provenance == model.provenance
    assert (loaded.name, loaded.permitted_uses) == (model.name, model.permitted_uses)
    assert loaded.expires == model.expires
    assert (loaded.task is None) == (model.task is None)
    assert loaded.task is None or loaded.task.digest() == model.task.digest()
    for name, array in model.reference.items():
        assert np.array_equal(loaded.reference[name], array, equal_nan=True)


def test_without_harm_and_with_odd_names_it_comes_back_too(table, tmp_path):
    odd = replace(table, X=table.X.set_axis(['a "b"', "[c]", "é"], axis=1), harm=table.harm * 0)
    quick = RepeatHarmEstimator(n_estimators=5, n_jobs=1)
    model = train(odd, estimator=quick, n_replicates=10)
    loaded = load_bundle(tmp_path / "bundle", model.save(tmp_path / "bundle"))
    assert loaded.feature_names == model.feature_names
    pd.testing.assert_frame_equal(loaded.estimates(odd.X), model.estimates(odd.X), check_exact=True)
    assert loaded.estimates(odd.X)["expected_harm"].isna().all()


def test_the_number_of_threads_is_no_part_of_the_model(table_model):
    estimator = table_model.estimator
    before = Manifest.of(table_model.to_files()).digest
    estimator.n_jobs = 2
    try:
        assert Manifest.of(table_model.to_files()).digest == before
    finally:
        estimator.n_jobs = 1


def test_saving_again_writes_the_same_bytes(folder, table_model):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    save_bundle(table_model, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_truncations_and_flips_of_every_file_are_found_before_parsing(folder):
    rng = np.random.default_rng(0)
    paths = sorted(folder.iterdir())
    for number in range(DAMAGES):
        path = paths[number % len(paths)]
        whole = path.read_bytes()
        position = int(rng.integers(len(whole)))
        flipped = bytearray(whole)
        flipped[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(whole[:position] if number % 2 else bytes(flipped))
        with pytest.raises(ModelIntegrityError):
            load_bundle(folder)
        path.write_bytes(whole)
    load_bundle(folder)


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was opened')",))


def test_pickles_and_mlmodels_are_refused_and_never_run(folder, tmp_path):
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ModelIntegrityError, match="never opened"):
        load_bundle(tmp_path / "model.pkl")
    (folder / "MLmodel").write_text("flavors:\n  python_function:\n    loader_module: os\n")
    with pytest.raises(ModelIntegrityError, match="MLmodel"):
        load_bundle(folder)


def test_a_swapped_bundle_passes_alone_and_fails_against_the_digest(folder, table_model, tmp_path):
    other = replace(table_model, name="another")
    save_bundle(other, folder)
    assert load_bundle(folder).name == "another"
    with pytest.raises(ModelIntegrityError, match="was expected"):
        load_bundle(folder, table_model.digest)


def consistent(folder, table_model, **changes):
    """A folder whose digests are right, with another content."""
    files = table_model.to_files()
    for name, change in changes.items():
        file = name + ".json"
        files[file] = json.dumps(change(json.loads(files[file]))).encode()
    tested = json.loads(files.pop("self_test.json"))
    tested = tested if "self_test" in changes else tested | {"of": content_digest(files)}
    write_files(folder, files | {"self_test.json": json_bytes(tested)}, table_model.about())


def test_a_bundle_that_nobody_changed_passes_that_way(tmp_path, table_model):
    consistent(tmp_path / "bundle", table_model)
    assert load_bundle(tmp_path / "bundle").name == table_model.name


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("task", lambda task: {"cohort": 1}),
        ("model", lambda model: {"name": "x"}),
        ("model", lambda model: model | {"expires": "soon"}),
        ("model", lambda model: model | {"permitted_uses": []}),
        ("thresholds", lambda thresholds: {"version": "", "edges": []}),
        ("calibration", lambda calibration: calibration | {"slope": -1.0}),
        ("baseline", lambda baseline: []),
        ("estimator", lambda estimator: estimator | {"parts": [PART | {"bags": 99}]}),
        ("estimator", lambda estimator: estimator | {"parts": [PART | {"bags": 2}]}),
        ("estimator", lambda estimator: estimator | {"params": {"kernel": "rbf"}}),
        ("estimator", lambda estimator: estimator | {"feature_names": ["a", "b"]}),
        ("estimator", lambda estimator: estimator | {"harm": None}),
        ("estimator", lambda estimator: estimator | {"margin_variance": None}),
        ("estimator", lambda estimator: estimator | {"margin_variance": -5.0}),
        ("estimator", lambda estimator: estimator | {"parts": []}),
        ("estimator", lambda estimator: estimator | {"parts": [PART | {"slope": np.inf}]}),
        ("estimator", lambda e: e | {"params": e["params"] | {"n_bags": 0}}),
        ("estimator", lambda e: e | {"feature_names": e["feature_names"][:1] * 3}),
        ("self_test", lambda test: {"rows": test["rows"]}),
        ("reference", lambda reference: 3),
    ],
)
def test_right_digests_over_a_wrong_content_are_refused(tmp_path, table_model, file, change):
    consistent(tmp_path / "bundle", table_model, **{file: change})
    with pytest.raises(ModelIntegrityError):
        load_bundle(tmp_path / "bundle")


@pytest.mark.parametrize(
    ("file", "name", "value"),
    [("calibration", "intercept", 0.5), ("estimator", "margin_variance", 9.0)],
)
def test_a_model_that_answers_otherwise_fails_its_self_test(
    tmp_path, table_model, file, name, value
):
    consistent(tmp_path / "bundle", table_model, **{file: lambda old: old | {name: value}})
    with pytest.raises(ModelIntegrityError, match="self-test"):
        load_bundle(tmp_path / "bundle")


def test_files_that_the_format_does_not_know_are_refused(tmp_path, table_model):
    files = table_model.to_files() | {"more.json": b"{}"}
    tested = json.loads(files.pop("self_test.json")) | {"of": content_digest(files)}
    files["self_test.json"] = json_bytes(tested)
    write_files(tmp_path / "bundle", files, table_model.about())
    with pytest.raises(ModelIntegrityError, match="does not have"):
        load_bundle(tmp_path / "bundle")


def test_every_format_ever_written_has_a_reader():
    assert sorted(READERS) == list(range(1, FORMAT_NUMBER + 1))


def test_no_real_row_is_stored(world_model, world_snapshots):
    stored = world_model.self_test.rows
    real = world_snapshots.X.to_numpy()
    same = [(np.nan_to_num(real) == row).all(axis=1).any() for row in np.nan_to_num(stored)]
    assert not any(same)
    text = b"".join(world_model.to_files().values()).decode()
    assert not any(f'"{person}"' in text for person in world_snapshots.person_id.unique()[:200])


SAVE_FOR_EVER = """
import sys
from riskmodel.model.manifest import read_verified, write_files
manifest, files = read_verified(sys.argv[1])
print("ready", flush=True)
while True:
    write_files(sys.argv[2], files, manifest.about)
"""


def test_killed_while_saving_leaves_a_whole_bundle_or_none(folder, tmp_path):
    digest = verify_bundle(folder).digest
    rng = np.random.default_rng(0)
    for number in range(10):
        target = tmp_path / f"target_{number}"
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE_FOR_EVER, str(folder), str(target)], stdout=subprocess.PIPE
        )
        assert process.stdout.readline() == b"ready\n"
        time.sleep(float(rng.uniform(0.0, 0.1)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert not target.exists() or load_bundle(target, digest).digest == digest
        leftovers = {path.name for path in tmp_path.iterdir()} - {"bundle"}
        assert all(name.startswith("target_") or name.endswith(".partial") for name in leftovers)
