"""`riskmodel monitor` writes what it measured, shows it, and says no with a code when it alarms."""

import pandas as pd
import pytest

from riskmodel.audit.over_time import OverTime

DATES = ("2021-01-01", "2021-07-01", "2022-01-01")
QUIET = """
name = "limits that nothing crosses"
use = "prioritise"

[[criteria]]
metric = "precision"
tolerance = 0.1

[[thresholds]]
measure = "precision"
below = -1.0
consequence = "retest"
"""


@pytest.fixture(scope="module")
def score_tables(riskmodel_cli, bundle, world_folder, tmp_path_factory):
    folder, paths = tmp_path_factory.mktemp("scores"), []
    for date in DATES:
        paths.append(folder / f"{date}.csv")
        answer = riskmodel_cli(
            "score", bundle, "--histories", world_folder / "riskmodel.toml", "--as-of", date,
            "--use", "prioritise", "--out", paths[-1],
        )  # fmt: skip
        assert answer.code == 0, answer.err
    return paths


@pytest.fixture(scope="module")
def task(world_folder, score_tables):
    """The world's task file, with actions on those listed in one of the tables."""
    folder = score_tables[0].parent
    listed = pd.read_csv(score_tables[0]).query("rank <= 20")["person_id"]
    actions = pd.DataFrame({"person_id": listed, "start": "2021-01-10",
                            "recorded_time": "2021-01-11", "kind": "visit"})  # fmt: skip
    actions.to_csv(folder / "actions.csv", index=False)
    text = (world_folder / "riskmodel.toml").read_text()
    tables = f'folder = "{world_folder / "tables"}"\nactions = "{folder / "actions.csv"}"'
    path = folder / "riskmodel.toml"
    path.write_text(text.replace('folder = "tables"', tables))
    return path


@pytest.fixture(scope="module")
def monitored(riskmodel_cli, bundle, world_folder, task, score_tables):
    folder = score_tables[0].parent
    top = pd.read_csv(score_tables[0]).query("rank <= 3")["person_id"]
    overrides = pd.DataFrame({"person_id": top, "as_of": DATES[0], "direction": "removed",
                              "reason": "knows the family"})  # fmt: skip
    overrides.to_csv(folder / "overrides.csv", index=False)
    given = [word for path in score_tables for word in ("--scores", path)]
    answer = riskmodel_cli(
        "monitor", bundle, "--task", task, *given, "--groups", world_folder / "groups.csv",
        "--overrides", folder / "overrides.csv",
        "--k", 40, "--out", folder / "over_time",
    )  # fmt: skip
    return answer, folder / "over_time"


def test_result_and_tables_are_written(monitored):
    answer, folder = monitored
    found = OverTime.load(folder / "over_time.json")
    assert answer.code == (3 if standing(found) else 0), answer.err
    assert sorted(path.stem for path in (folder / "tables").iterdir()) == sorted(found.measured)
    assert found.tables["periods"]["k"].tolist() == [40] * 3
    assert found.tables["actions"].set_index("who").loc["worked", "listed"] >= 20
    assert found.tables["overrides"].set_index("direction").loc["removed", "n"] == 3
    assert found.tables["drift"]["n"].iloc[0] == found.tables["periods"]["n"].iloc[-1]


def test_each_section_is_shown_and_each_alert_names_its_consequence(monitored):
    answer, folder = monitored
    for title in (
        "What became of those who were scored",
        "Largest drift since training",
        "From one list to the next",
        "Time on the list",
        "With and without those who were worked",
        "What people made of the list",
    ):
        assert title in answer.out  # fmt: skip
    found = OverTime.load(folder / "over_time.json")
    assert answer.out.count("ALERT (") == len(standing(found))
    assert answer.out.count("watch: ") == len(found.alerts) - len(standing(found)) + 1
    assert f"alerts: {len(standing(found))}" in answer.out


def standing(found):
    return [alert for alert in found.alerts if alert.stands]


def test_no_person_and_no_reason_is_written_or_shown(monitored, score_tables):
    answer, folder = monitored
    texts = [answer.out, answer.err, *(path.read_text() for path in folder.rglob("*.*"))]
    ids = pd.read_csv(score_tables[0])["person_id"]
    for text in texts:
        assert "knows the family" not in text
        assert not any(person in text for person in ids)


def test_a_run_without_alerts_is_code_0_and_replaces_the_last(
    riskmodel_cli, bundle, task, score_tables, tmp_path
):
    (tmp_path / "policy.toml").write_text(QUIET)
    out = tmp_path / "over_time"
    for _ in range(2):
        answer = riskmodel_cli(
            "monitor", bundle, "--task", task, "--scores", score_tables[0],
            "--policy", tmp_path / "policy.toml", "--out", out,
        )  # fmt: skip
        assert answer.code == 0, answer.err
        assert answer.out.splitlines()[-2] == "alerts: 0; watch: 0"
    assert not (out / "tables" / "overrides.csv").exists()


def test_scores_out_of_a_log_are_the_same(
    riskmodel_cli, bundle, task, score_tables, tmp_path, monkeypatch
):
    from riskmodel.cli.what_if import read_scores
    from riskmodel.scoring.log.score_log import ScoreLog

    key = "a secret of the force"
    monkeypatch.setenv("RISKMODEL_LOG_KEY", key)
    log = ScoreLog(tmp_path / "scores.jsonl", key=key.encode())
    for path in score_tables[:2]:
        log.append(read_scores(path), use="prioritise", who="analyst 7")
    tables = []
    for given in (("--log", tmp_path / "scores.jsonl"),
                  [w for path in score_tables[:2] for w in ("--scores", path)]):  # fmt: skip
        out = tmp_path / f"out{len(tables)}"
        answer = riskmodel_cli("monitor", bundle, "--task", task, *given, "--out", out)
        assert answer.code in (0, 3), answer.err
        tables.append(OverTime.load(out / "over_time.json").tables)
    for name in ("periods", "changes", "time_on_list", "actions", "drift"):
        pd.testing.assert_frame_equal(tables[0][name], tables[1][name])


def test_without_scores_or_over_other_files_it_stops(riskmodel_cli, bundle, task, tmp_path):
    answer = riskmodel_cli("monitor", bundle, "--task", task, "--out", tmp_path / "o")
    assert answer.code == 1 and "--scores" in answer.err
    (tmp_path / "letter.txt").write_text("mine")
    answer = riskmodel_cli(
        "monitor", bundle, "--task", task, "--scores", "absent.csv", "--out", tmp_path
    )
    assert answer.code == 1 and "other files" in answer.err
    assert (tmp_path / "letter.txt").read_text() == "mine"
