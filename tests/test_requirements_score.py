"""requirements-score.txt: enough to load a bundle and score one person, and pinned as the lock is.

That it installs, and alone, is a step of its own in the run script: it needs a registry.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "tests" / "score_only.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENTRY = re.compile(r"^\S+==.*(?:\n +--hash=.*)+", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")
BLOCKED = """
import re, runpy, sys
from importlib.metadata import packages_distributions

allowed = set(sys.argv.pop(1).split(","))
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
homes = packages_distributions()


class Blocker:
    def find_spec(self, name, path=None, target=None):
        home = homes.get(name.split(".")[0])
        if home and not {plain(each) for each in home} & allowed:
            raise ModuleNotFoundError(f"{name} is not in requirements-score.txt", name=name)


sys.meta_path.insert(0, Blocker())
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script in which only some distributions can be imported."""


def entries(name):
    return ENTRY.findall((ROOT / name).read_text())


def names(entries):
    return {re.sub(r"[-_.]+", "-", NAME.match(entry)[0]).lower() for entry in entries}


def test_every_pin_is_one_of_the_lock_with_the_same_hashes():
    small, whole = entries("requirements-score.txt"), entries("requirements.lock")
    assert len(small) > 5
    assert set(small) <= set(whole)


def test_there_is_nothing_else_in_it():
    text = (ROOT / "requirements-score.txt").read_text()
    rest = ENTRY.sub("", text).splitlines()
    assert all(not line or line.startswith("#") for line in rest)
    assert "://" not in text


def test_what_is_asked_for_is_asked_for_by_the_package_too():
    asked = PROJECT["dependency-groups"]["score"]
    assert set(asked) <= set(PROJECT["project"]["dependencies"])
    assert names(asked) <= names(entries("requirements-score.txt"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("score_only")
    run([str(SCRIPT), "make", str(folder)])
    return folder


def run(arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def run_with(allowed, folder):
    return run(["-c", BLOCKED, ",".join(sorted(allowed)), str(SCRIPT), "check", str(folder)])


def test_nothing_else_is_needed_to_load_and_to_answer_with_reasons(made):
    allowed = names(entries("requirements-score.txt"))
    assert "20 people answered as before" in run_with(allowed | {"riskmodel"}, made)


def test_the_test_sees_what_is_lacking(made):
    allowed = names(entries("requirements-score.txt")) - {"pydantic"}
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run_with(allowed | {"riskmodel"}, made)
    assert "pydantic is not in requirements-score.txt" in caught.value.stderr
