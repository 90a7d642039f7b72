"""A model goes in with its audit, comes out by alias, and nothing altered ever loads."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.errors import (
    FallbackWarning,
    ModelExpiredError,
    ModelIntegrityError,
    NotAuditedError,
    RiskModelError,
    RiskModelWarning,
)
from riskmodel.registry.load import load
from riskmodel.registry.mlflow_registry import MlflowStore, doctor, promote, register

TODAY = date.today()


def client(address):
    return MlflowStore(address).client(create=True)


def stored_folder(address, name, version):
    source = client(address).get_model_version(name, version).source
    return Path(unquote(urlsplit(source).path))


def same_answers(one, two) -> bool:
    rows = one.self_test.rows
    return np.array_equal(one.scorer.margin(rows), two.scorer.margin(rows))


def waiver_for(model, **changes) -> Waiver:
    given = {"name": "A. Owner", "reason": "re-audit booked", "model_digest": model.digest}
    return Waiver(**given | {"expires": TODAY + timedelta(days=30)} | changes)


@pytest.fixture
def champion(model, passed, address, name):
    version = register(model, name, audit=passed, tracking_uri=address)
    promote(name, version, tracking_uri=address)
    return version


# the way in and out


def test_what_was_registered_and_promoted_loads_by_alias_version_and_folder(
    champion, model, address, name, cache
):
    by_alias = load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    by_version = load(f"models:/{name}/{champion}", tracking_uri=address, cache=cache)
    by_folder = load(stored_folder(address, name, champion))
    for loaded in (by_alias, by_version, by_folder):
        assert loaded.digest == model.digest
        assert same_answers(loaded, model)
    assert by_alias.version == by_version.version == champion
    assert by_folder.version == "unregistered"


def test_a_run_holds_the_papers_settings_and_figures(champion, model, passed, address, name):
    found = client(address)
    version = found.get_model_version(name, champion)
    run = found.get_run(version.run_id)
    assert version.tags["riskmodel.digest"] == run.data.tags["riskmodel.digest"] == model.digest
    assert version.tags["riskmodel.verdict"] == "pass"
    assert run.info.status == "FINISHED"
    assert run.data.params["estimator.n_estimators"] == "5"
    recorded = model.provenance["backtest"]["evaluation"]["table"]
    auc = next(r["value"] for r in recorded if (r["metric"], r["model"]) == ("auc", "model"))
    assert run.data.metrics["backtest.auc.model"] == pytest.approx(auc)
    assert run.data.metrics["audit.auc.model"] == pytest.approx(
        passed.accuracy.value("auc", "model")
    )
    folder = stored_folder(address, name, champion).parent
    for file in ("model_card.md", "transparency_record.json", "audit/fairness.html"):
        assert (folder / file).stat().st_size > 0
    assert json.loads((folder / "audit/audit.json").read_text())["model_digest"] == model.digest
    assert not list(folder.rglob("MLmodel")) and not list(folder.rglob("*.pkl"))


def test_each_registration_is_a_new_version(model, passed, address, name):
    versions = [register(model, name, audit=passed, tracking_uri=address) for _ in range(2)]
    assert versions == ["1", "2"]


def test_the_callers_tags_stand_beside_and_never_over_the_librarys(model, passed, address, name):
    version = register(model, name, audit=passed, tracking_uri=address, run_tags={"ticket": "7"})
    run = client(address).get_model_version(name, version).run_id
    assert client(address).get_run(run).data.tags["ticket"] == "7"
    with pytest.raises(RiskModelError, match=r"riskmodel\.verdict"):
        register(
            model, name, audit=passed, tracking_uri=address, run_tags={"riskmodel.verdict": "pass"}
        )


def test_a_model_of_someone_else_keeps_its_name(model, passed, address, name):
    client(address).create_registered_model(name)
    with pytest.raises(RiskModelError, match="did not make"):
        register(model, name, audit=passed, tracking_uri=address)
    assert client(address).search_model_versions(f"name = '{name}'") == []


# gates


def test_no_registration_without_an_audit_of_this_very_model(model, other, address, name):
    for audit, why in ((None, "No audit"), (other[1], "The audit is of the model")):
        with pytest.raises(NotAuditedError, match=why):
            register(model, name, audit=audit, tracking_uri=address)
    assert client(address).search_model_versions(f"name = '{name}'") == []


def test_no_promotion_without_a_pass_but_with_a_waiver(model, failed, address, name, cache):
    version = register(model, name, audit=failed, tracking_uri=address)
    with pytest.raises(NotAuditedError, match="Waiver"):
        promote(name, version, tracking_uri=address)
    assert client(address).get_registered_model(name).aliases == {}
    promote(name, version, waiver=waiver_for(model), tracking_uri=address)
    assert load(f"models:/{name}@champion", tracking_uri=address, cache=cache).version == version
    tags = client(address).get_model_version(name, version).tags
    assert tags["riskmodel.waiver.name"] == "A. Owner"


def made(folder):
    folder.mkdir()
    return folder


def test_a_waiver_stands_on_the_stored_report_and_the_policy_beside_it(
    model, failed, address, name, tmp_path
):
    version = register(model, name, audit=failed, tracking_uri=address)
    run_id = client(address).get_model_version(name, version).run_id
    folder = Path(
        client(address).download_artifacts(run_id, "audit", str(made(tmp_path / "before")))
    )
    assert "re-audit booked" not in (folder / "fairness.html").read_text(encoding="utf-8")
    assert Policy.from_toml(folder / "policy.toml") == failed.policy
    promote(name, version, waiver=waiver_for(model), tracking_uri=address)
    folder = Path(
        client(address).download_artifacts(run_id, "audit", str(made(tmp_path / "after")))
    )
    page = (folder / "fairness.html").read_text(encoding="utf-8")
    assert "A. Owner" in page and waiver_for(model).reason in page


def test_a_passed_audit_does_not_promote_what_is_not_ahead_of_the_rule(behind, address, name):
    model, audit = behind
    version = register(model, name, audit=audit, tracking_uri=address)
    with pytest.raises(NotAuditedError, match=r"not ahead of v100_sum.*Give a Waiver"):
        promote(name, version, tracking_uri=address)
    promote(name, version, waiver=waiver_for(model), tracking_uri=address)
    tags = client(address).get_model_version(name, version).tags
    assert tags["riskmodel.waiver.expires"]


def test_a_waiver_that_was_not_needed_is_forgotten(model, passed, address, name, cache):
    version = register(model, name, audit=passed, tracking_uri=address)
    ended = str(TODAY - timedelta(days=1))  # as an older version noted it
    client(address).set_model_version_tag(name, version, "riskmodel.waiver.expires", ended)
    promote(name, version, tracking_uri=address)
    assert load(f"models:/{name}@champion", tracking_uri=address, cache=cache).version == version
    tags = client(address).get_model_version(name, version).tags
    assert not any(tag.startswith("riskmodel.waiver") for tag in tags)


def test_a_waiver_must_be_in_force_and_for_this_model(model, other, failed, address, name):
    version = register(model, name, audit=failed, tracking_uri=address)
    ended = waiver_for(model, signed=TODAY - timedelta(days=31), expires=TODAY - timedelta(days=1))
    for waiver, why in ((ended, "runs from"), (waiver_for(other[0]), "another model")):
        with pytest.raises(NotAuditedError, match=why):
            promote(name, version, waiver=waiver, tracking_uri=address)
    with pytest.raises(RiskModelError, match="at most 90 days"):
        waiver_for(model, expires=TODAY + timedelta(days=91))


def test_a_waiver_that_ends_takes_the_alias_with_it_but_not_the_version(
    model, failed, address, name, cache
):
    version = register(model, name, audit=failed, tracking_uri=address)
    promote(name, version, waiver=waiver_for(model), tracking_uri=address)
    ended = str(TODAY - timedelta(days=1))
    client(address).set_model_version_tag(name, version, "riskmodel.waiver.expires", ended)
    with pytest.raises(ModelExpiredError, match="waiver that ended"):
        load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    assert load(f"models:/{name}/{version}", tracking_uri=address, cache=cache).version == version
    found = doctor(address, cache=cache)
    assert found.set_index("id").loc[f"{name}@champion", "problem"].startswith("This version was")


def test_an_expired_model_is_not_promoted(model, passed, address, name):
    old = replace(model, expires=TODAY - timedelta(days=1))
    audit = replace(passed, model_digest=old.digest)
    version = register(old, name, audit=audit, tracking_uri=address)
    with pytest.raises(ModelExpiredError):
        promote(name, version, tracking_uri=address)


def test_a_verdict_that_was_changed_in_the_store_opens_no_gate(model, failed, address, name):
    version = register(model, name, audit=failed, tracking_uri=address)
    client(address).set_model_version_tag(name, version, "riskmodel.verdict", "pass")
    with pytest.raises(ModelIntegrityError, match="do not say the same"):
        promote(name, version, tracking_uri=address)
    audit = stored_folder(address, name, version).parent / "audit/audit.json"
    audit.write_text(audit.read_text().replace('"fail"', '"pass"'))
    with pytest.raises(ModelIntegrityError, match="not the one that was registered"):
        promote(name, version, tracking_uri=address)


# fault 3, 4: the store was altered


def alter_a_leaf(folder):
    trees = next(iter(sorted(folder.glob("trees_*.txt"))))
    lines = trees.read_text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith("leaf_value="))
    lines[at] = lines[at].replace("0.", "1.", 1)
    trees.write_text("".join(lines))


def swap_for_another_whole_bundle(folder, other):
    shutil.rmtree(folder)
    other[0].save(folder)


def add(name):
    def added(folder):
        (folder / name).write_bytes(b"loader_module: os\n")

    return added


def remove_a_file(folder):
    (folder / "calibration.json").unlink()


@pytest.mark.parametrize(
    "alter",
    [alter_a_leaf, swap_for_another_whole_bundle, remove_a_file, add("MLmodel"), add("m.pkl")],
    ids=["leaf", "swapped", "removed", "MLmodel", "pickle"],
)
def test_an_altered_store_is_refused_and_never_promoted(
    alter, model, passed, other, address, name, cache
):
    version = register(model, name, audit=passed, tracking_uri=address)
    folder = stored_folder(address, name, version)
    alter(folder, other) if alter is swap_for_another_whole_bundle else alter(folder)
    with pytest.raises(ModelIntegrityError):
        promote(name, version, tracking_uri=address)
    with pytest.raises(ModelIntegrityError):
        load(f"models:/{name}/{version}", tracking_uri=address, cache=cache)
    assert not list(cache.rglob("*.txt")), "what was refused is not kept"


def test_altered_files_of_a_champion_are_found_by_the_doctor(champion, address, name, cache):
    alter_a_leaf(stored_folder(address, name, champion))
    found = doctor(address, cache=cache).set_index("id")
    assert "altered" in found.loc[f"{name}@champion", "problem"]


def test_an_expected_digest_trusts_no_registry(champion, other, address, name, cache):
    with pytest.raises(ModelIntegrityError, match="was expected"):
        load(
            f"models:/{name}@champion",
            expected_digest=other[0].digest,
            tracking_uri=address,
            cache=cache,
        )


def test_a_version_without_a_digest_is_not_loaded(champion, address, name, cache):
    for digest in ("../../etc", ""):
        client(address).set_model_version_tag(name, champion, "riskmodel.digest", digest)
        with pytest.raises(ModelIntegrityError, match="no digest"):
            load(f"models:/{name}@champion", tracking_uri=address, cache=cache)


def test_an_altered_cache_is_thrown_away_and_fetched_again(champion, model, address, name, cache):
    load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    alter_a_leaf(cache / "bundles" / model.digest)
    with pytest.warns(RiskModelWarning, match="thrown away"):
        again = load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    assert same_answers(again, model)


# fault 17: no answer


def test_a_deleted_champion_is_served_from_here_with_a_warning(
    champion, model, address, name, cache
):
    load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    client(address).delete_model_version(name, champion)
    with pytest.warns(FallbackWarning, match=f"Version {champion}"):
        served = load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    assert served.version == champion and same_answers(served, model)


def test_a_store_that_is_gone_is_served_from_here_and_never_made_anew(
    model, passed, own_address, tmp_path, cache
):
    address, home = own_address, tmp_path / "store"
    version = register(model, "gone", audit=passed, tracking_uri=address)
    promote("gone", version, tracking_uri=address)
    load("models:/gone@champion", tracking_uri=address, cache=cache)
    shutil.rmtree(home)
    with pytest.warns(FallbackWarning):
        assert same_answers(load("models:/gone@champion", tracking_uri=address, cache=cache), model)
    assert not home.exists()
    for action in (lambda: promote("gone", "1", tracking_uri=address), lambda: doctor(address)):
        with pytest.raises(RiskModelError, match="no MLflow database"):
            action()


def test_a_server_that_is_down_is_an_error_where_nothing_was_verified(cache, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(RiskModelError, match="no bundle was verified here") as raised:
        load("models:/m@champion", tracking_uri="http://me:secret@127.0.0.1:9", cache=cache)
    assert "secret" not in str(raised.value)
    with pytest.raises(RiskModelError, match="refused") as raised:
        promote("m", "1", tracking_uri="http://me:secret@127.0.0.1:9")
    assert "secret" not in str(raised.value)


def test_files_that_are_gone_fall_back_to_what_was_verified(champion, address, name, cache):
    load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    shutil.rmtree(stored_folder(address, name, champion).parent)
    assert load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    shutil.rmtree(cache / "bundles")
    with pytest.raises(RiskModelError, match="no bundle was verified here"):
        load(f"models:/{name}@champion", tracking_uri=address, cache=cache)


def test_two_stores_do_not_share_what_an_alias_stands_for(champion, address, name, tmp_path, cache):
    load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
    with pytest.raises(RiskModelError, match="no bundle was verified here"):
        load(
            f"models:/{name}@champion",
            tracking_uri=f"sqlite:///{tmp_path}/other.db",
            cache=cache,
        )


# fault 20: names


@pytest.mark.parametrize("bad", ["../x", "a/b", "a b", "", ".", "-a", "a" * 101, "a\n", "ä", None])
def test_names_that_could_be_paths_are_refused_before_anything_is_touched(
    bad, model, passed, tmp_path
):
    address = f"sqlite:///{tmp_path}/mlflow.db"
    with pytest.raises(RiskModelError, match="model name"):
        register(model, bad, audit=passed, tracking_uri=address)
    with pytest.raises(RiskModelError, match="model name"):
        promote(bad, "1", tracking_uri=address)
    with pytest.raises(RiskModelError, match="alias"):
        promote("fine", "1", alias=bad, tracking_uri=address)
    with pytest.raises(RiskModelError):
        load(f"models:/{bad}@champion", tracking_uri=address)
    with pytest.raises(RiskModelError):
        load(f"models:/fine@{bad}", tracking_uri=address)
    assert list(tmp_path.iterdir()) == []


# fresh stores


def test_without_an_address_the_store_is_here(model, passed, tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    version = register(model, "here", audit=passed)
    promote("here", version)
    assert same_answers(load("models:/here@champion", cache=cache), model)
    assert {path.name for path in tmp_path.iterdir()} == {"mlflow.db", "mlartifacts", "cache"}


def test_loading_a_folder_imports_no_mlflow(model, tmp_path):
    model.save(tmp_path / "bundle")
    code = (
        "import sys; from riskmodel.registry.load import load; "
        f"load({str(tmp_path / 'bundle')!r}); print('mlflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "False"


def test_the_digest_is_that_of_the_stored_manifest(champion, model, address, name):
    manifest = stored_folder(address, name, champion) / "manifest.json"
    assert hashlib.sha256(manifest.read_bytes()).hexdigest() == model.digest
