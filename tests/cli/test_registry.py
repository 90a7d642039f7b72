"""`register`, `promote`, `verify` and `doctor`: each gate has its own exit code."""

import shutil

import pytest

from riskmodel.model.bundle import load_bundle

NAME = "repeat-harm"


@pytest.fixture
def store(demo_folder, monkeypatch, tmp_path):
    monkeypatch.setenv("RISKMODEL_CACHE", str(tmp_path / "cache"))
    return f"sqlite:///{demo_folder / 'mlflow.db'}"


def test_a_bundle_is_verified_and_described(riskmodel_cli, demo_folder):
    digest = load_bundle(demo_folder / "bundle").digest
    answer = riskmodel_cli("verify", demo_folder / "bundle", "--digest", digest)
    assert answer.code == 0
    assert digest in answer.out
    assert "prioritise" in answer.out


def test_another_digest_than_expected_closes_the_gate(riskmodel_cli, demo_folder):
    answer = riskmodel_cli("verify", demo_folder / "bundle", "--digest", "0" * 64)
    assert answer.code == 3


@pytest.mark.parametrize("fault", ["altered", "missing", "added"])
def test_a_bundle_that_is_not_whole_closes_the_gate(fault, riskmodel_cli, demo_folder, tmp_path):
    copy = tmp_path / "bundle"
    shutil.copytree(demo_folder / "bundle", copy)
    if fault == "altered":
        (copy / "model.json").write_text((copy / "model.json").read_text().replace("2", "3"))
    elif fault == "missing":
        (copy / "thresholds.json").unlink()
    else:
        (copy / "model.pkl").write_bytes(b"\x80\x04.")
    answer = riskmodel_cli("verify", copy)
    assert answer.code == 3
    assert "Nothing was parsed" in answer.err


def test_the_champion_is_verified_by_its_name(riskmodel_cli, store):
    answer = riskmodel_cli("verify", f"models:/{NAME}@champion", "--store", store)
    assert answer.code == 0, answer.err
    assert "version" in answer.out


def test_a_name_that_is_not_there_is_a_user_s_mistake(riskmodel_cli, store):
    answer = riskmodel_cli("verify", "models:/none@champion", "--store", store)
    assert answer.code == 1
    assert "Traceback" not in answer.err


def test_a_version_without_a_pass_needs_a_waiver(riskmodel_cli, demo_folder, store):
    answer = riskmodel_cli(
        "register", demo_folder / "bundle", NAME,
        "--audit", demo_folder / "audit" / "audit.json", "--store", store,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    version = answer.out.split("version ")[1].split(",")[0]
    words = ("promote", NAME, version, "--alias", "challenger", "--store", store)
    refused = riskmodel_cli(*words)
    assert refused.code == 3
    assert "not 'pass'" in refused.err
    waived = riskmodel_cli(*words, "--waiver", demo_folder / "waiver.toml")
    assert waived.code == 0, waived.err
    assert f"models:/{NAME}@challenger is version {version}" in waived.out


def test_an_audit_of_another_model_is_refused(riskmodel_cli, bundle, demo_folder, store):
    answer = riskmodel_cli(
        "register", bundle, NAME,
        "--audit", demo_folder / "audit" / "audit.json", "--store", store,
    )  # fmt: skip
    assert answer.code == 3
    assert "The audit is of the model" in answer.err


def test_the_doctor_finds_nothing_after_a_clean_demo(riskmodel_cli, store):
    answer = riskmodel_cli("doctor", "--store", store)
    assert (answer.code, answer.out.strip()) == (0, "nothing left behind")
