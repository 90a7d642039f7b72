"""Machine code that is stored whole or made anew, and runs without its compiler."""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel import machine_code
from riskmodel.compile_kernel import FOLDER_VARIABLE
from riskmodel.machine_code import run_at, words_of
from riskmodel.snapshots import operations

KERNEL = "riskmodel.histories.codes_kernel"
USE = f"""
import sys
import numpy as np
from riskmodel.machine_code import run_at, words_of
from riskmodel.snapshots import operations
owner, item = np.array([0, 0, 0, 1]), np.array([7, -1, 9, 9])
arguments = owner, item, *np.full((2, 10), -1), np.full(4, -1, dtype=np.int32)
run = run_at("{KERNEL}", "number_within", arguments, constants=operations)
words, result = np.array(words_of(arguments)), np.zeros(2, dtype=np.int64)
assert run(result.ctypes.data, result.ctypes.data + 8, words.ctypes.data) == 0
assert arguments[-1].tolist() == [0, -1, 1, 0]
print("numba" in sys.modules)
"""


def run(folder, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_it_is_made_once_then_needs_no_compiler_and_is_made_anew_where_it_is_not_whole(
    tmp_path, monkeypatch
):
    assert run(tmp_path, monkeypatch) == "True"
    (stored,) = tmp_path.rglob("*.object")
    whole = stored.read_bytes()
    assert run(tmp_path, monkeypatch) == "False"
    stored.write_bytes(whole[: len(whole) // 2])
    assert run(tmp_path, monkeypatch) == "True"
    assert stored.read_bytes() == whole


@given(st.integers(0, 10_000), st.booleans())
def test_what_is_not_whole_is_not_loaded(at, cut):
    content = b"symbol\n" + bytes(range(250)) * 4
    whole = hashlib.sha256(content).digest() + content
    at %= len(whole)
    broken = whole[:at] if cut else whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stored")
        assert machine_code._read(path) is None
        path.write_bytes(whole)
        assert machine_code._read(path) == ("symbol", content[7:])
        path.write_bytes(broken)
        assert machine_code._read(path) is None


@pytest.fixture
def arguments():
    codes = np.arange(3)
    return codes, codes.copy(), codes.copy(), codes.copy(), codes.astype(np.int32)


def test_without_a_folder_it_is_made_in_memory(monkeypatch, arguments):
    monkeypatch.setattr(machine_code, "cache_folder", lambda: None)
    monkeypatch.setattr(machine_code, "_LOADED", {})
    monkeypatch.setattr(machine_code, "atomic_write_bytes", None)
    assert callable(run_at(KERNEL, "number_within", arguments, constants=operations))


def test_other_types_passes_and_constants_are_other_code(arguments):
    def key(*, module=KERNEL, function="number_within", given=arguments, constants=operations):
        return machine_code._key(module, function, given, constants)

    other = (arguments[0].astype(np.int32), *arguments[1:])
    others = {key(module="m"), key(function="f"), key(given=other), key(constants=machine_code)}
    assert key() == key(given=tuple(arguments))
    assert len(others - {key()}) == 4


def test_every_word_is_where_the_compiler_reads_it(arguments):
    words = words_of((arguments, 7, True))
    assert words[-2:] == [7, 1]
    assert len(words) == 7 * len(arguments) + 2
    assert words[4] == arguments[0].ctypes.data
