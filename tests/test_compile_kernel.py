"""Where compiled code is kept: in a folder of the user's own, or nowhere."""

import os
import stat
import subprocess
import sys

import pytest

from riskmodel import compile_kernel
from riskmodel.compile_kernel import FOLDER_VARIABLE, cache_folder
from riskmodel.errors import UncachedWarning

USE = """
import numpy as np
from riskmodel.histories.codes_kernel import number_within
from riskmodel.histories.links import local_codes
assert local_codes(np.array([0, 0]), np.array([5, 5]), 6).tolist() == [0, 0]
stats = number_within.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


@pytest.fixture(autouse=True)
def forget():
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


def run(folder):
    environment = {**os.environ, FOLDER_VARIABLE: str(folder)}
    return subprocess.run(
        [sys.executable, "-c", USE], capture_output=True, text=True, check=True, env=environment
    )


def test_the_folder_is_closed_to_others(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "mine"))
    folder = cache_folder()
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "mine")
    for path in (folder, folder.parent):
        assert not stat.S_IMODE(path.stat().st_mode) & (stat.S_IWGRP | stat.S_IWOTH)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no such modes on Windows")
def test_a_folder_that_others_can_write_is_not_used(tmp_path, monkeypatch):
    (tmp_path / "riskmodel").mkdir()
    (tmp_path / "riskmodel").chmod(0o777)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.warns(UncachedWarning, match=FOLDER_VARIABLE):
        assert cache_folder() is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="links need a privilege on Windows")
def test_a_link_that_someone_laid_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "riskmodel").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.warns(UncachedWarning):
        assert cache_folder() is None


def test_without_a_folder_it_compiles_and_says_so(tmp_path):
    taken = tmp_path / "a_file"
    taken.write_text("not a folder")
    done = run(taken)
    assert done.stdout.split() == ["0", "1"]
    assert "each process compiles anew" in done.stderr
    assert taken.read_text() == "not a folder"


def test_a_second_process_starts_without_compiling(tmp_path):
    assert run(tmp_path).stdout.split() == ["0", "1"]
    assert run(tmp_path).stdout.split() == ["1", "0"]


def test_another_source_is_another_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    before = cache_folder()
    cache_folder.cache_clear()
    monkeypatch.setattr(compile_kernel, "version", lambda _: "another")
    assert cache_folder() != before
