"""A log as a file: what a killed or a failing writer leaves."""

import os
import stat

import pytest

from riskmodel.errors import ModelIntegrityError, RiskModelWarning
from riskmodel.scoring.log import file_store as log_file_store
from riskmodel.scoring.log.chain import START
from riskmodel.scoring.log.file_store import FileStore, end_of_last_whole_line


def filled(folder, n=2):
    store = FileStore(folder / "scores.jsonl")
    heads = [store.append(b'{"n":%d}' % number) for number in range(n)]
    return store, heads, folder / "scores.jsonl"


def test_a_line_cut_off_anywhere_is_last_moved_aside_and_the_log_goes_on(tmp_path):
    store, heads, path = filled(tmp_path)
    content = path.read_bytes()
    whole = content.index(b"\n") + 1
    for cut in [*range(whole + 1, len(content), 5), len(content) - 1]:
        path.write_bytes(content[:cut])
        assert list(store.lines()) == [content[:whole], content[whole:cut]]
        assert store.last() == heads[0]
        aside = store.recover()
        assert aside.read_bytes() == content[whole:cut]
        assert list(store.lines()) == [content[:whole]]
        aside.unlink()
    assert store.recover() is None
    assert store.append(b'{"n":1}') == heads[1]


def test_a_first_line_cut_off_leaves_an_empty_log(tmp_path):
    store, heads, path = filled(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:50])
    assert store.last() == START
    with pytest.warns(RiskModelWarning, match=r"moved to scores\.jsonl\.torn-0"):
        assert store.append(b'{"n":0}') == heads[0]


def test_what_is_no_log_is_not_written_to(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n")
    with pytest.raises(ModelIntegrityError, match="not an entry"):
        FileStore(path).append(b'{"n":1}')
    assert path.read_text() == "my notes\n"


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    store, heads, _ = filled(tmp_path, 1)
    real, calls = os.write, []

    def full(file, content):
        calls.append(len(content))
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(file, content[:40])

    monkeypatch.setattr(log_file_store.os, "write", full)
    with pytest.raises(OSError, match="No space"):
        store.append(b'{"n":1}')
    monkeypatch.undo()
    assert len(list(store.lines())) == 1
    assert store.last() == heads[0]


def test_nothing_is_acknowledged_that_the_disk_did_not_confirm(tmp_path, monkeypatch):
    store, _, path = filled(tmp_path, 1)
    content = path.read_bytes()

    def failing(file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(log_file_store.os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        store.append(b'{"n":1}')
    monkeypatch.undo()
    assert path.read_bytes() == content
    assert store.append(b'{"n":1}').entries == 2


def test_only_its_owner_reads_it(tmp_path):
    _, _, path = filled(tmp_path / "deep" / "er", 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 25])
def test_the_last_whole_line_is_found_in_blocks(size, tmp_path):
    path = tmp_path / "lines"
    for content in (b"x" * size, b"y\n" + b"x" * size, b"x" * size + b"\n"):
        path.write_bytes(content)
        with path.open("rb") as file:
            found = end_of_last_whole_line(file.fileno(), len(content), block=10)
        assert found == content.rfind(b"\n") + 1
