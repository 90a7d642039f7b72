"""The command line, typed in this process; a small world on disk, and a bundle trained on it."""

import io
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

PEOPLE = 700


class Answer(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def riskmodel_cli() -> Callable[..., Answer]:
    """Type ``riskmodel`` and some words; get exit code, output and what else was shown."""
    from riskmodel.cli import main

    def typed(*words: object) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["riskmodel", *map(str, words)])
            with pytest.raises(SystemExit) as left:
                main()
        return Answer(int(left.value.code or 0), out.getvalue(), err.getvalue())

    return typed


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory) -> Path:
    """Tables, groups and task file of a small world, as `riskmodel demo` writes them."""
    from riskmodel.cli.demo_world import Places, write_world

    folder = tmp_path_factory.mktemp("world")
    write_world(Places(folder), PEOPLE, seed=0)
    return folder


@pytest.fixture(scope="session")
def bundle(world_folder, tmp_path_factory) -> Path:
    """A bundle that `riskmodel train` made of that world."""
    import warnings

    from riskmodel.cli.train import run_train
    from riskmodel.errors import RiskModelWarning

    folder = tmp_path_factory.mktemp("trained") / "bundle"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        run_train(task_path=world_folder / "riskmodel.toml", out=folder)
    return folder


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory) -> Path:
    """The folder of a `riskmodel demo`, run as its users run it; what it showed lies beside."""
    place = tmp_path_factory.mktemp("demo")
    words = [sys.executable, "-m", "riskmodel", "demo", "--people", str(PEOPLE), "--out", "shown"]
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (place / "shown.txt").write_text(done.stdout + done.stderr)
    return place / "shown"
