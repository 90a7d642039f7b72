import os
import signal
import subprocess
import sys

import pytest

from riskmodel import files
from riskmodel.errors import RiskModelError
from riskmodel.files import (
    atomic_folder,
    atomic_write_bytes,
    atomic_write_text,
    check_replaceable,
    sha256_of,
)

KILLED_WHILE_WRITING = """
import sys, time
from pathlib import Path
from riskmodel import files
target, kind = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
while True:
    if kind == "file":
        files.atomic_write_bytes(target, b"n" * 200_000)
    else:
        with files.atomic_folder(target) as folder:
            for number in range(5):
                (folder / str(number)).write_bytes(b"n" * 40_000)
"""


def test_a_reader_sees_the_old_content_until_the_new_is_whole(tmp_path):
    target = atomic_write_text(tmp_path / "deep" / "a.txt", "old")
    atomic_write_bytes(target, "né".encode())
    assert target.read_text(encoding="utf-8") == "né"
    assert [file.name for file in target.parent.iterdir()] == ["a.txt"]


def test_an_error_inside_leaves_what_was_there(tmp_path):
    target = tmp_path / "bundle"
    with atomic_folder(target) as folder:
        (folder / "a").write_text("old")
    with pytest.raises(RuntimeError), atomic_folder(target) as folder:
        (folder / "a").write_text("new")
        raise RuntimeError
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_folder_replaces_the_one_before_it_whole(tmp_path):
    for name in ("a", "b"):
        with atomic_folder(tmp_path / "bundle") as folder:
            (folder / name).write_text(name)
    assert [path.name for path in (tmp_path / "bundle").iterdir()] == ["b"]


def test_through_a_link_the_folder_that_it_leads_to_is_replaced(tmp_path):
    with atomic_folder(tmp_path / "bundle") as folder:
        (folder / "a").write_text("a")
    (tmp_path / "current").symlink_to("bundle")
    with atomic_folder(tmp_path / "current") as folder:
        (folder / "b").write_text("b")
    assert (tmp_path / "current").is_symlink()
    assert [path.name for path in (tmp_path / "bundle").iterdir()] == ["b"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "current"]


def test_without_an_exchange_in_one_step_a_folder_is_replaced_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_exchange", lambda *names: False)
    for name in ("a", "b"):
        with atomic_folder(tmp_path / "bundle") as folder:
            (folder / name).write_text(name)
    assert [path.name for path in tmp_path.rglob("*")] == ["bundle", "b"]


def test_the_digest_is_that_of_the_bytes(tmp_path):
    import hashlib

    content = os.urandom(100_000)
    path = atomic_write_bytes(tmp_path / "x", content)
    assert sha256_of(path) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_killed_at_any_moment_the_target_is_whole_or_absent(tmp_path, kind):
    target, stood = tmp_path / "target", False
    for delay in (0.01, 0.02, 0.035, 0.05, 0.08):
        writer = subprocess.Popen(
            [sys.executable, "-c", KILLED_WHILE_WRITING, str(target), kind],
            stdout=subprocess.PIPE,
        )
        assert writer.stdout.readline() == b"ready\n"
        try:
            writer.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            writer.send_signal(signal.SIGKILL)
        writer.communicate()
        if kind == "file" and target.exists():
            assert target.read_bytes() == b"n" * 200_000
        elif target.exists():
            stood = True
            sizes = [file.stat().st_size for file in target.iterdir()]
            assert sizes == [40_000] * 5
        else:
            assert not stood or sys.platform != "linux", "a folder that stood is gone"


def test_a_folder_with_other_files_is_not_one_to_replace(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RiskModelError, match=r"no manifest\.json, so nothing was written"):
        check_replaceable(tmp_path, "manifest.json")
    (tmp_path / "manifest.json").write_text("{}")
    check_replaceable(tmp_path, "manifest.json")
    check_replaceable(tmp_path / "new", "manifest.json")
    with pytest.raises(NotADirectoryError, match=r"thesis\.txt"):
        check_replaceable(tmp_path / "thesis.txt", "manifest.json")


def test_a_folder_in_the_way_of_a_file_is_named_itself(tmp_path):
    with pytest.raises(IsADirectoryError) as caught:
        atomic_write_text(tmp_path, "x")
    assert caught.value.filename == str(tmp_path)
