"""`riskmodel log`: what it prints, which exit code it gives, and what it never shows."""

import json
import re
import shutil

import pandas as pd
import pytest
from typer.main import get_command

from riskmodel.cli.log import log_app
from riskmodel.cli.models import open_model
from riskmodel.cli.task_parts import read_histories
from riskmodel.scoring.log.chain import Head
from riskmodel.scoring.log.key import KEY_VARIABLE
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.scoring.scores import rank, score

AS_OF = "2024-01-01"
KEY = "a key of this test alone"
COMMANDS = get_command(log_app).commands


@pytest.fixture(scope="module")
def past(bundle, world_folder, tmp_path_factory):
    """A log of two lists, made as an analyst would."""
    path = tmp_path_factory.mktemp("past") / "scores.jsonl"
    model, tables = open_model(str(bundle)), read_histories(world_folder / "tables")
    everyone = score(tables, model, as_of=AS_OF, use="prioritise")
    log = ScoreLog(path, key=KEY.encode())
    log.append(everyone, use="prioritise", who="analyst 7")
    log.append(rank(everyone, 20), use="prioritise", who="analyst 7")
    return path


@pytest.fixture(params=["file", "sqlite"])
def address(request, past, tmp_path):
    path = tmp_path / "scores.jsonl"
    shutil.copy(past, path)
    if request.param == "file":
        return str(path)
    address = f"sqlite:///{tmp_path}/scores.db"
    log = ScoreLog(address, key=KEY.encode())
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in rows:
        about = {name: entry[name] for name in ("model", "version", "digest", "as_of")}
        replies = [row | about | {"person_id": row["person"]} for row in entry["rows"]]
        log.append(replies, use="prioritise", who="analyst 7")
    return address


def test_the_commands_are_these():
    assert list(COMMANDS) == ["verify", "recover", "replay"]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_that_the_command_takes(name, riskmodel_cli):
    answer = riskmodel_cli("log", name, "--help")
    assert answer.code == 0
    example = COMMANDS[name].help.split("For example")[1]
    assert f"riskmodel log {name}" in example
    options = {option for each in COMMANDS[name].params for option in each.opts}
    assert set(re.findall(r"--[a-z-]+", example)) <= options


def test_verify_prints_where_the_log_stands_and_writes_its_head(riskmodel_cli, address, tmp_path):
    answer = riskmodel_cli("log", "verify", address, "--write-head", tmp_path / "head.json")
    assert answer.code == 0, answer.err
    head = Head.read(tmp_path / "head.json")
    assert head == ScoreLog(address).verify()
    assert head.digest in answer.out
    times = [entry["time"] for entry in ScoreLog(address).entries()]
    assert times[0] in answer.out and times[-1] in answer.out
    answer = riskmodel_cli("log", "verify", address, "--head", tmp_path / "head.json")
    assert answer.code == 0
    assert "goes on from" in answer.out


def test_verify_says_which_entry_is_wrong(riskmodel_cli, past, tmp_path):
    path, kept = tmp_path / "scores.jsonl", tmp_path / "head.json"
    lines = past.read_bytes().splitlines(keepends=True)
    ScoreLog(past).verify().save(kept)
    cases = {
        "entry 2 was changed": [lines[0], lines[1].replace(b"analyst 7", b"analyst 8")],
        "from 2 on were cut off": [lines[0]],
        "line 1 holds entry 2": [lines[1], lines[0]],
        "line 3 holds entry 2": [*lines, lines[1]],
        "line 2 is unfinished": [lines[0], lines[1][:-9]],
    }
    for said, content in cases.items():
        path.write_bytes(b"".join(content))
        answer = riskmodel_cli("log", "verify", path, "--head", kept)
        assert answer.code == 3
        assert said in answer.err
        assert "Traceback" not in answer.err
    forged = ScoreLog(tmp_path / "forged.jsonl", key=KEY.encode())
    one = {"person_id": "a", "margin": 0.0, "probability": 0.1, "status": "scored"}
    for _ in range(3):
        about = {"model": "m", "version": "1", "digest": "0" * 64, "as_of": AS_OF}
        forged.append(one | about, use="prioritise", who="a forger")
    answer = riskmodel_cli("log", "verify", tmp_path / "forged.jsonl", "--head", kept)
    assert (answer.code, "entry 2 is not the one of the noted head" in answer.err) == (3, True)


def test_a_torn_line_is_recovered(riskmodel_cli, past, tmp_path):
    path = tmp_path / "scores.jsonl"
    content = past.read_bytes()
    path.write_bytes(content[:-20])
    answer = riskmodel_cli("log", "recover", path)
    assert answer.code == 0
    (aside,) = tmp_path.glob("*.torn-*")
    assert aside.name in answer.out.replace("\n", "")
    assert path.read_bytes() + aside.read_bytes() == content[:-20]
    assert riskmodel_cli("log", "verify", path).code == 0
    assert "every line is whole" in riskmodel_cli("log", "recover", path).out


def replay(riskmodel_cli, address, world_folder, models, out, *more):
    return riskmodel_cli(
        "log", "replay", address, "--histories", world_folder / "tables", "--models", models,
        "--out", out / "replay.csv", *more,
    )  # fmt: skip


def test_replay_gives_the_same_scores(
    riskmodel_cli, past, world_folder, bundle, tmp_path, monkeypatch
):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    ScoreLog(past).verify().save(tmp_path / "head.json")
    answer = replay(
        riskmodel_cli, past, world_folder, bundle.parent, tmp_path, "--head", tmp_path / "head.json"
    )
    assert answer.code == 0, answer.err
    table = pd.read_csv(tmp_path / "replay.csv")
    assert table["result"].tolist() == ["same", "same"]
    assert table["same"].tolist() == table["people"].tolist()
    assert KEY not in answer.out + answer.err


def test_replay_finds_what_was_changed(riskmodel_cli, past, world_folder, bundle, tmp_path):
    key_file, other = tmp_path / "log.key", tmp_path / "world"
    key_file.write_text(KEY + "\n")
    shutil.copytree(world_folder, other)
    events = pd.read_csv(other / "tables" / "events.csv", dtype=str)
    top = rank(
        score(
            read_histories(world_folder / "tables"),
            open_model(str(bundle)),
            as_of=AS_OF,
            use="prioritise",
        ),
        20,
    )
    person = top["person_id"].iloc[0]
    mine = (events["person_id"] == person) & (events["recorded_time"] < AS_OF)
    events.loc[mine, "recorded_time"] = "2024-01-02"
    events.to_csv(other / "tables" / "events.csv", index=False)
    answer = replay(
        riskmodel_cli, past, other, bundle.parent, tmp_path,
        "--key-file", key_file, "--differences", tmp_path / "who.csv",
    )  # fmt: skip
    assert answer.code == 3, answer.err
    assert "differs" in answer.out
    assert pd.read_csv(tmp_path / "replay.csv")["result"].tolist() == ["differs", "differs"]
    who = pd.read_csv(tmp_path / "who.csv", dtype={"person_id": str})
    assert set(who.loc[who["person_id"] == person, "entry"]) == {1, 2}
    assert person not in answer.out + answer.err


def test_replay_without_the_model_says_so(riskmodel_cli, past, world_folder, tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    (tmp_path / "none").mkdir()
    answer = replay(riskmodel_cli, past, world_folder, tmp_path / "none", tmp_path)
    assert answer.code == 3
    assert "model not available" in answer.out
    answer = replay(riskmodel_cli, past, world_folder, tmp_path / "absent", tmp_path)
    assert answer.code == 1
    assert "No such folder" in answer.err


def test_the_versions_of_a_registry_are_opened_by_what_the_log_says(
    riskmodel_cli, past, world_folder, bundle, tmp_path, monkeypatch
):
    from riskmodel.cli import log_runs

    asked = []

    def opened(name, *, digest, store):
        asked.append((name, digest, store))
        return open_model(str(bundle), digest=digest)

    monkeypatch.setenv(KEY_VARIABLE, KEY)
    monkeypatch.setattr(log_runs, "open_model", opened)
    answer = replay(
        riskmodel_cli, past, world_folder, "models:/repeat-harm", tmp_path, "--store", "sqlite:///m"
    )
    assert answer.code == 0, answer.err
    (entry, _) = ScoreLog(past).entries()
    version = entry["version"]
    assert asked == [(f"models:/repeat-harm/{version}", entry["digest"], "sqlite:///m")]


@pytest.mark.parametrize("given", [None, "short"])
def test_no_key_or_a_short_one_is_one_line(
    given, riskmodel_cli, past, world_folder, tmp_path, monkeypatch
):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    key_file = tmp_path / "log.key"
    key_file.write_text(given or "")
    more = ("--key-file", key_file) if given else ()
    answer = replay(riskmodel_cli, past, world_folder, tmp_path, tmp_path, *more)
    assert answer.code == 1
    assert ("holds 5 bytes" if given else KEY_VARIABLE) in answer.err
    assert "short" not in answer.err.replace("too short", "")


def test_no_password_of_an_address_is_shown(riskmodel_cli):
    for address in ("mysql://me:hunter2@host/db", "postgresql+nothing://me:hunter2@host/db"):
        answer = riskmodel_cli("log", "verify", address)
        assert answer.code == 1
        assert "hunter2" not in answer.err
