"""The README is run: every Python block in order, every command against the command line."""

import re
import shlex
import warnings
from pathlib import Path

import pytest
from typer.main import get_command

from riskmodel.cli.app import app
from riskmodel.errors import RiskModelWarning

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(?P<language>\w+)[^\n]*\n(?P<body>.*?)^```\s*$", re.MULTILINE | re.DOTALL)
OUTSIDE = {"pip", "pytest", "python", "git", "cd"}


def blocks(*languages: str) -> list[tuple[int, str]]:
    return [
        (TEXT.count("\n", 0, match.start("body")) + 1, match["body"])
        for match in FENCE.finditer(TEXT)
        if match["language"] in languages
    ]


def commands() -> list[tuple[int, list[str]]]:
    """Every line typed at a prompt; in a console block those after ``$``, the rest is output."""
    found = []
    for line, body in blocks("bash", "sh", "shell", "console"):
        typed = body.replace("\\\n", " ").splitlines()
        if any(text.startswith("$ ") for text in typed):
            typed = [text[2:] if text.startswith("$ ") else "" for text in typed]
        for offset, text in enumerate(typed):
            for part in text.split(" && "):
                if words := shlex.split(part, comments=True):
                    found.append((line + offset, words))
    return found


def test_the_readme_has_code_to_run():
    assert blocks("python")
    assert commands()


def test_python_blocks_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.setenv("RISKMODEL_CACHE", str(tmp_path / "cache"))
    namespace = {"__name__": "readme"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        for line, body in blocks("python"):
            code = compile("\n" * line + body, str(ROOT / "README.md"), "exec")
            exec(code, namespace)
    assert namespace["model"].version == namespace["version"]  # registered, promoted, loaded again
    assert (tmp_path / "fairness.html").is_file()


@pytest.mark.parametrize(("line", "words"), commands(), ids=lambda value: str(value)[:40])
def test_commands_exist(line, words):
    if words[0] != "riskmodel":
        assert words[0] in OUTSIDE, f"README.md line {line}: {words[0]} is not known to the test"
        return
    group = get_command(app)
    assert words[1] in group.commands, f"README.md line {line}: no command riskmodel {words[1]}"
    command = group.commands[words[1]]
    if hasattr(command, "commands"):  # a group, such as riskmodel log
        assert words[2] in command.commands, f"README.md line {line}: no {words[1]} {words[2]}"
        command = command.commands[words[2]]
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    given = {word.partition("=")[0] for word in words[2:] if word.startswith("--")}
    assert given <= options | {"--help"}, f"README.md line {line}: unknown options"


def test_links_to_files_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", TEXT):
        assert (ROOT / target).exists(), target
