"""What may lie in a bundle's folder, and how a file of it is read."""

import os
import socket
import threading

import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.model import bundle_folder
from riskmodel.model.bundle_folder import names_in, read_file, shown

KNOWN_BY = "manifest.json"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "a.json").write_text("{}")
    return tmp_path / "bundle"


def test_plain_files_are_listed_also_through_a_link_to_the_folder(folder, tmp_path):
    (tmp_path / "current").symlink_to(folder)
    assert names_in(folder, KNOWN_BY) == names_in(tmp_path / "current", KNOWN_BY) == {"a.json"}


@pytest.mark.parametrize(
    "name",
    [
        "MLmodel",
        "model.pkl",
        "m.joblib",
        "m.SKOPS",
        "run.py",
        "x.so",
        "a.npz",
        "a.zip",
        "a.json.gz",
    ],
)
def test_other_libraries_models_code_and_archives_are_refused_by_name(folder, name):
    (folder / name).write_text("x")
    with pytest.raises(ModelIntegrityError, match="neither pickles nor code"):
        names_in(folder, KNOWN_BY)


def links(folder):
    (folder.parent / "outside").write_text("{}")
    yield lambda path: path.symlink_to(folder.parent / "outside")
    yield lambda path: path.symlink_to(folder.parent)
    yield lambda path: path.symlink_to("/dev/zero")
    yield lambda path: path.symlink_to(path)
    yield lambda path: path.symlink_to("nowhere")
    yield lambda path: path.mkdir()
    yield os.mkfifo


def test_links_folders_and_pipes_are_neither_listed_nor_opened(folder):
    for make in links(folder):
        path = folder / "b.json"
        make(path)
        with pytest.raises(ModelIntegrityError, match=r"not a plain file: 'b\.json'"):
            names_in(folder, KNOWN_BY)
        with pytest.raises(ModelIntegrityError, match=r"b\.json (is not a plain|can't be read)"):
            read_file(path, 100)  # put there since the names were listed
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_a_socket_is_refused(folder, monkeypatch):
    monkeypatch.chdir(folder)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("b.json")
        with pytest.raises(ModelIntegrityError, match="not a plain file"):
            names_in(folder, KNOWN_BY)
        with pytest.raises(ModelIntegrityError, match="can't be read"):
            read_file(folder / "b.json", 100)


def test_a_single_file_is_never_opened(tmp_path):
    for name in ("model.pkl", "model.joblib", "model.skops", "model.txt"):
        (tmp_path / name).write_bytes(b"\x80\x04.")
        with pytest.raises(ModelIntegrityError, match="never opened"):
            names_in(tmp_path / name, KNOWN_BY)
    with pytest.raises(ModelIntegrityError, match="no folder"):
        names_in(tmp_path / "nowhere", KNOWN_BY)


def test_a_folder_of_millions_is_not_listed_to_its_end(folder, monkeypatch):
    monkeypatch.setattr(bundle_folder, "MAXIMUM_FILES", 5)
    for number in range(8):
        (folder / f"n{number}.json").touch()
    with pytest.raises(ModelIntegrityError, match="more than 5 files"):
        names_in(folder, KNOWN_BY)


def test_a_file_is_read_no_further_than_it_may_be_long(folder):
    path = folder / "a.json"
    path.write_bytes(b"x" * 100)
    assert read_file(path, 100) == b"x" * 100
    with pytest.raises(ModelIntegrityError, match="larger than it may be"):
        read_file(path, 99)
    os.truncate(path, 10**12)  # of holes: it takes no room on the disk
    with pytest.raises(ModelIntegrityError, match="larger than it may be"):
        read_file(path, 1_000)


def test_a_file_that_grows_while_it_is_read_is_read_no_further(folder):
    path, stop = folder / "a.json", threading.Event()

    def grow():
        with path.open("ab", buffering=0) as handle:
            while not stop.is_set() and handle.tell() < 2**20:
                handle.write(b"x" * 4096)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        for _ in range(200):
            try:
                assert len(read_file(path, 2**16)) <= 2**16
            except ModelIntegrityError as error:
                assert "larger" in str(error)
    finally:
        stop.set()
        writer.join()


def test_names_are_shown_quoted_and_not_all(folder):
    assert shown(["a\n\x1b[31m"]) == r"'a\n\x1b[31m'"
    assert shown(str(number) for number in range(7)) == "'0', '1', '2', '3', '4' and 2 more"
