"""`riskmodel backtest` tests date after date, names what it could not test, and writes it down."""

import pandas as pd
import pytest

from riskmodel.model.rolling.result import RollingBacktest


@pytest.fixture(scope="module")
def task_file(world_folder, tmp_path_factory):
    """The task of the small world, over one year, so that more dates can be tested."""
    folder = tmp_path_factory.mktemp("yearly")
    (folder / "tables").symlink_to(world_folder / "tables")
    text = (world_folder / "riskmodel.toml").read_text()
    text = text.replace("horizon_days = 730", "horizon_days = 365")
    text += '[features]\nage = false\nwindows = [365, "ever"]\n'
    (folder / "riskmodel.toml").write_text(text)
    return folder / "riskmodel.toml"


@pytest.fixture(scope="module")
def answer(riskmodel_cli, task_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tested") / "backtest"
    words = ("--task", task_file, "--out", folder, "--every", "12MS", "--fast")
    return riskmodel_cli("backtest", *words), folder


def test_dates_are_tested_one_after_another_and_written_down(answer):
    (code, out, err), folder = answer
    assert code == 0, err
    assert sorted(path.name for path in folder.iterdir()) == [
        "checks.json", "predictions.csv", "results.json",
    ]  # fmt: skip
    found = RollingBacktest.load(folder)
    assert len(found.dates) >= 3
    assert (found.dates.month == found.dates[0].month).all(), "once a year"
    assert (found.dates.diff()[1:] > pd.Timedelta(days=360)).all()
    assert str(found) in out
    assert f"results: {folder}" in out
    assert "Learning and testing, date by date: " in err


def test_the_table_fits_a_terminal_and_leads_with_what_was_captured(answer):
    (_, out, _), folder = answer
    lines = [line for line in out.splitlines() if not line.startswith("results: ")]
    assert max(map(len, lines)) <= 100
    assert {"model", "v100_sum", "logistic"} <= {line.split(" ")[0] for line in lines if line}
    assert "mean captured" in out
    text = (folder / "results.json").read_text()
    people = pd.read_csv(folder / "predictions.csv", dtype=str)["person_id"]
    assert not any(person in text for person in people.unique())


def test_how_many_dates_were_chosen_is_said(answer):
    (_, _, err), folder = answer
    tested = len(RollingBacktest.load(folder).dates)
    assert f"note: {tested} of the " in err


def test_a_start_after_the_last_date_names_those_that_can_be_tested(
    riskmodel_cli, task_file, tmp_path
):
    words = ("--task", task_file, "--out", tmp_path / "none", "--from", "2030-01-01")
    code, out, err = riskmodel_cli("backtest", *words)
    assert (code, out) == (1, "")
    assert "leaves no date to test. Dates that can be tested: 20" in err
    assert not (tmp_path / "none").exists()


def test_a_spacing_that_is_none_is_told_with_examples(riskmodel_cli, task_file, tmp_path):
    words = ("--task", task_file, "--out", tmp_path / "none", "--every", "yearly")
    code, _, err = riskmodel_cli("backtest", *words)
    assert code == 1
    assert "--every 'yearly': such as 6MS" in err
    assert "Traceback" not in err


def test_a_folder_with_other_files_is_left_alone(riskmodel_cli, task_file, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    code, out, err = riskmodel_cli("backtest", "--task", task_file, "--out", tmp_path)
    assert (code, out) == (1, "")
    assert "Reading" not in err, "refused before the work, not after"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
