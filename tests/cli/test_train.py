"""`riskmodel train` makes a verified bundle, and says how it did beside the rule in use."""

import json
import shutil

from riskmodel.model.bundle import load_bundle


def test_a_bundle_is_made_and_its_back_test_shown(riskmodel_cli, world_folder, tmp_path):
    folder = tmp_path / "bundle"
    code, out, err = riskmodel_cli(
        "train", "--task", world_folder / "riskmodel.toml", "--out", folder
    )
    assert code == 0
    assert "mean_captured" in out
    assert "v100_sum" in out
    digest = out.split("digest: ")[1].split()[0]
    model = load_bundle(folder, digest)
    assert model.permitted_uses == ("prioritise",)
    assert "Building snapshots on 11 dates" in err
    assert "note:" not in err


def test_a_search_of_settings_comes_first_and_goes_on_when_run_again(
    riskmodel_cli, world_folder, tmp_path
):
    words = ("train", "--task", world_folder / "riskmodel.toml", "--out", tmp_path / "bundle")
    made = []
    for _ in range(2):
        code, out, err = riskmodel_cli(*words, "--search-minutes", 0.001)
        assert (code, err.count("Searching settings for 0.001 minutes: ")) == (0, 1)
        assert "default settings" in out
        made.append(int(out.split(" trial")[0]))
    assert 1 <= made[0] <= made[1]
    assert (tmp_path / "bundle.search.sqlite").exists()
    assert load_bundle(tmp_path / "bundle")


def test_the_same_task_file_makes_the_same_model(riskmodel_cli, world_folder, bundle, tmp_path):
    again = tmp_path / "again"
    riskmodel_cli("train", "--task", world_folder / "riskmodel.toml", "--out", again)
    first, second = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in (bundle, again)
    )
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} <= {
        "provenance.json",  # holds the time of training, and these its digest
        "self_test.json",
        "manifest.json",
        "manifest.sha256",
    }


def test_what_the_task_file_says_reaches_the_model(riskmodel_cli, world_folder, tmp_path):
    text = (world_folder / "riskmodel.toml").read_text()
    text += 'name = "repeat-harm-trial"\npermitted_uses = ["protect"]\nexpires = 2030-01-31\n'
    text = text.replace("late_allowance_days = 0", "")
    text += '[features]\nage = false\nwindows = [365, "ever"]\n'
    (tmp_path / "tables").symlink_to(world_folder / "tables")
    (tmp_path / "riskmodel.toml").write_text(text)
    answer = riskmodel_cli(
        "train", "--task", tmp_path / "riskmodel.toml", "--out", tmp_path / "bundle"
    )
    assert answer.code == 0
    assert "note: no allowance for late reports was stated" in answer.err
    assert "Warning" not in answer.err
    assert ".py" not in answer.err
    described = json.loads((tmp_path / "bundle" / "model.json").read_text())
    assert described == {
        "name": "repeat-harm-trial",
        "permitted_uses": ["protect"],
        "expires": "2030-01-31",
    }
    names = load_bundle(tmp_path / "bundle").feature_names
    assert "age" not in names
    assert not any(name.endswith(("_90d", "_2y")) for name in names)


def test_mistakes_in_the_task_file_leave_no_bundle(riskmodel_cli, tmp_path):
    (tmp_path / "riskmodel.toml").write_text("[train]\nfrist = 2017-01-01\n")
    answer = riskmodel_cli(
        "train", "--task", tmp_path / "riskmodel.toml", "--out", tmp_path / "bundle"
    )
    assert answer.code == 1
    assert answer.err.startswith("error: riskmodel.toml cannot be used:")
    assert "did you mean first?" in answer.err
    assert not (tmp_path / "bundle").exists()


def test_mistakes_in_the_tables_are_told_without_personal_data(
    riskmodel_cli, world_folder, tmp_path
):
    shutil.copytree(world_folder / "tables", tmp_path / "tables")
    shutil.copy(world_folder / "riskmodel.toml", tmp_path)
    events = tmp_path / "tables" / "events.csv"
    lines = events.read_text().splitlines()
    events.write_text("\n".join([*lines, lines[1], lines[2]]) + "\n")
    answer = riskmodel_cli(
        "train", "--task", tmp_path / "riskmodel.toml", "--out", tmp_path / "bundle"
    )
    assert answer.code == 1
    assert "source_id" in answer.err
    assert lines[1].split(",")[0] not in answer.err
    assert "Traceback" not in answer.err


def test_a_missing_task_file_is_one_line(riskmodel_cli, tmp_path):
    answer = riskmodel_cli("train", "--task", tmp_path / "none.toml", "--out", tmp_path / "bundle")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert "none.toml" in answer.err


def test_a_folder_that_is_no_bundle_is_left_alone(riskmodel_cli, world_folder, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    code, out, err = riskmodel_cli(
        "train", "--task", world_folder / "riskmodel.toml", "--out", tmp_path
    )
    assert (code, out) == (1, "")
    assert "Training" not in err, "refused before the work, not after"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
