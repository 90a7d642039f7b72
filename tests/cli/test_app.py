"""What can be typed: help that teaches, and mistakes in typing that say so."""

import inspect
import re

import pytest
from typer.main import get_command

from riskmodel.cli.app import app

COMMANDS = get_command(app).commands


def test_the_commands_are_these():
    assert list(COMMANDS) == [
        "demo", "train", "backtest", "score", "explain", "what-if", "compare", "serve", "audit",
        "report", "alternatives", "monitor", "register", "promote", "verify", "sign", "doctor",
        "log",
    ]  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_that_the_command_takes(name, riskmodel_cli):
    answer = riskmodel_cli(name, "--help")
    assert answer.code == 0
    example = COMMANDS[name].help.split("For example")[1]
    assert f"riskmodel {name}" in example
    options = {option for each in COMMANDS[name].params for option in each.opts}
    assert set(re.findall(r"--[a-z-]+", example)) <= options
    required = [each for each in COMMANDS[name].params if each.required]
    for each in required:
        if each.param_type_name == "option":
            assert each.opts[0] in example, f"the example lacks {each.opts[0]}"


def test_no_words_at_all_show_the_commands(riskmodel_cli):
    answer = riskmodel_cli()
    assert "riskmodel demo" in answer.out + answer.err
    assert all(name in answer.out + answer.err for name in COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ("sore",),
        ("score",),
        ("score", "bundle", "--nope"),
        ("demo", "--people", "3"),
        ("score", "b", "--histories", "t", "--as-of", "June", "--use", "x", "--out", "o"),
    ],
)
def test_what_is_typed_wrongly_is_code_2(words, riskmodel_cli):
    answer = riskmodel_cli(*words)
    assert answer.code == 2
    assert "Traceback" not in answer.err


def test_a_host_that_others_can_reach_must_be_said(riskmodel_cli, tmp_path):
    answer = riskmodel_cli("serve", tmp_path / "bundle", "--host", "0.0.0.0")
    assert answer.code == 1
    assert "allow_remote" in answer.err


@pytest.mark.parametrize("day", ["2024-13-01", "01/02/2024", "2023-02-29"])
def test_a_day_that_is_none_is_told_with_the_form_wanted(riskmodel_cli, day):
    answer = riskmodel_cli(
        *("score", "b", "--histories", "t", "--as-of", day, "--use", "x", "--out", "o")
    )
    assert answer.code == 2
    assert f"{day!r} is no day of the calendar" in answer.err


@pytest.mark.parametrize("command", ["demo", "train", "audit", "serve"])
def test_the_paragraphs_of_the_help_are_not_broken_twice_at_80_columns(
    riskmodel_cli, monkeypatch, command
):
    monkeypatch.setenv("COLUMNS", "80")
    paragraph = inspect.getdoc(COMMANDS[command].callback).split("\n\n")[1]
    shown = [line.strip() for line in riskmodel_cli(command, "--help").out.splitlines()]
    assert all(line in shown for line in paragraph.splitlines())
