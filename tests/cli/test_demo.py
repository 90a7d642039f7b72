"""`riskmodel demo` goes the whole way, and goes it again in the same folder."""

import subprocess
import sys
import tomllib

import pandas as pd
import pytest

from riskmodel.audit.audit_file import load_audit
from riskmodel.cli.demo_world import HORIZON_DAYS, Places, write_world
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import histories_of, task_of
from riskmodel.cli.waivers import read_waiver
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.bundle import load_bundle


def demo(folder, *more):
    words = [sys.executable, "-m", "riskmodel", "demo", "--people", "700", "--out", str(folder)]
    return subprocess.run([*words, *more], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def shown(demo_folder):
    """What the first demo printed; it is run by the fixture of the folder."""
    return (demo_folder.parent / "shown.txt").read_text()


def test_the_back_test_stands_beside_the_rule_in_use(shown):
    table = shown.split("Back-test:")[1].split("The rule in use is v100_sum")[0]
    named = [line.split()[0] for line in table.splitlines()[2:] if line.strip()]
    assert named[:2] == ["model", "expected_harm"]
    assert {"v100_sum", "rfgv", "prior_count", "decayed_serious", "logistic"} <= set(named)


def test_ten_people_are_listed_with_a_reason(shown, demo_folder):
    table = shown.split("The first ten of the list")[1].split("Probability of")[0]
    scores = pd.read_csv(demo_folder / "scores.csv").head(10)
    assert all(person in table for person in scores["person_id"])
    assert "reason" in table


def test_the_verdict_and_the_waiver_are_told(shown, demo_folder):
    audit = load_audit(demo_folder / "audit" / "audit.json")
    assert f"verdict on all: {audit.verdict}" in shown
    assert audit.verdict != "pass", "so small a world cannot show that gaps are small"
    waiver = read_waiver(demo_folder / "waiver.toml")
    assert waiver.covers(audit.model_digest, today=waiver.signed)
    assert "promoted only by the signed waiver" in shown


def test_what_it_says_lies_there_lies_there(shown, demo_folder):
    for line in ("report:", "bundle:"):
        path = shown.split(line)[1].split()[0]
        assert (demo_folder.parent / path).exists(), path
    for name in ("fairness.html", "audit.json", "model_card.md", "transparency_record.json"):
        assert (demo_folder / "audit" / name).stat().st_size > 100


def test_audit_and_bundle_are_of_one_model(demo_folder):
    model = load_bundle(demo_folder / "bundle")
    assert load_audit(demo_folder / "audit" / "audit.json").model_digest == model.digest
    assert set(pd.read_csv(demo_folder / "scores.csv")["digest"].dropna()) == {model.digest}


def test_a_second_run_makes_a_new_version(demo_folder):
    again = demo(demo_folder)
    assert again.returncode == 0, again.stderr
    assert "@champion is version 2" in again.stdout


def test_too_few_people_are_refused_before_any_work(tmp_path):
    answer = demo(tmp_path / "none", "--people", "10")
    assert answer.returncode == 2
    assert not (tmp_path / "none").exists()


def test_the_world_on_disk_is_the_world_of_that_seed(tmp_path):
    places = Places(tmp_path)
    write_world(places, people=60, seed=5)
    file = TaskFile.read(places.task)
    world = make_histories(n_people=60, seed=5)
    assert histories_of(file).digest() == world.histories.digest()
    task = task_of(file)
    assert task.offences.digest() == world.offences.digest()
    assert task.outcome.horizon_days == HORIZON_DAYS
    assert file.require("train")["seed"] == 5


def test_protected_characteristics_lie_apart_from_the_histories(tmp_path):
    write_world(Places(tmp_path), people=60, seed=5)
    groups = set(pd.read_csv(tmp_path / "groups.csv").columns) - {"person_id"}
    for table in ("events", "people", "updates", "spells"):
        columns = set(pd.read_csv(tmp_path / "tables" / f"{table}.csv").columns)
        assert not columns & groups


def test_the_task_file_s_dates_leave_room_for_every_outcome(tmp_path):
    write_world(Places(tmp_path), people=60, seed=5)
    train = tomllib.loads((tmp_path / "riskmodel.toml").read_text())["train"]
    assert (train["known_at"] - train["last"]).days >= HORIZON_DAYS
    assert (train["test_from"] - train["first"]).days >= HORIZON_DAYS


@pytest.mark.parametrize("name", ["thesis.txt", "riskmodel.toml"])
def test_tables_of_somebody_are_not_written_over(riskmodel_cli, tmp_path, name):
    (tmp_path / name).write_text("[train]")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "events.csv").write_text("mine")
    answer = riskmodel_cli("demo", "--people", 500, "--out", tmp_path)
    assert answer.code == 1
    assert "nothing was written there" in answer.err
    assert (tmp_path / "tables" / "events.csv").read_text() == "mine"
