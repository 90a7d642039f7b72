import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import ModelIntegrityError, RiskModelError, RiskModelWarning, SchemaError
from riskmodel.scoring.log_chain import GENESIS
from riskmodel.scoring.score_log import ScoreLog
from riskmodel.scoring.scores import rank

KEY = b"a key of this test alone"
SAID = {"use": "prioritise", "who": "analyst 7"}
TABLE = pd.DataFrame(
    {
        "person_id": ["ann", "bob"],
        "margin": [-1.5, np.nan],
        "probability": [0.18, np.nan],
        "status": ["scored", "not in the cohort"],
        "model": "repeat-harm",
        "version": "3",
        "digest": "ab" * 32,
        "as_of": pd.Timestamp("2020-01-01"),
    }
)


def filled(folder, n=4):
    log = ScoreLog(folder / "scores.jsonl", key=KEY)
    return log, [log.append(TABLE, **SAID) for _ in range(n)]


def test_heads_chain_and_verify_gives_the_last(tmp_path):
    log, heads = filled(tmp_path)
    assert [head.entries for head in heads] == [1, 2, 3, 4]
    assert log.verify() == heads[-1]
    assert all(log.verify(head) == heads[-1] for head in heads)
    entries = [json.loads(line) for line in log.path.read_text().splitlines()]
    assert [entry["previous"] for entry in entries[1:]] == [e["hash"] for e in entries[:-1]]
    assert entries[0]["previous"] == GENESIS


def test_an_entry_says_who_when_what_for_and_of_which_model(tmp_path):
    log, _ = filled(tmp_path, 1)
    entry = json.loads(log.path.read_text())
    assert entry["use"] == "prioritise"
    assert entry["who"] == "analyst 7"
    assert pd.Timestamp(entry["time"]).tzinfo is not None
    assert (entry["model"], entry["version"], entry["digest"]) == ("repeat-harm", "3", "ab" * 32)
    assert entry["as_of"] == "2020-01-01 00:00:00"
    assert [row["margin"] for row in entry["rows"]] == [-1.5, None]
    assert [row["status"] for row in entry["rows"]] == ["scored", "not in the cohort"]


def test_neither_people_nor_the_key_are_in_the_file(tmp_path):
    log, _ = filled(tmp_path, 1)
    content = log.path.read_bytes()
    assert b"ann" not in content
    assert KEY not in content
    assert KEY.hex().encode() not in content


def test_a_person_is_found_again_with_the_key_alone(tmp_path):
    log, _ = filled(tmp_path, 2)
    found = log.entries_for("bob")
    assert [entry["entry"] for entry in found] == [1, 2]
    assert all(row["status"] == "not in the cohort" for entry in found for row in entry["rows"])
    assert log.entries_for("nobody") == []
    with pytest.raises(RiskModelError, match="no entry was written with this key"):
        ScoreLog(log.path, key=b"another key of this test").entries_for("bob")
    with pytest.raises(RiskModelError, match="give key="):
        ScoreLog(log.path).entries_for("bob")


def test_real_scores_and_ranks_go_in_bit_for_bit(tmp_path, scores):
    log = ScoreLog(tmp_path / "deep" / "scores.jsonl", key=KEY)
    ranked = rank(scores)
    log.append(ranked, **SAID)
    rows = pd.DataFrame(json.loads(log.path.read_text())["rows"])
    np.testing.assert_array_equal(rows["margin"].astype(float), ranked["margin"])
    np.testing.assert_array_equal(rows["rank"].astype("Int64"), ranked["rank"])
    assert rows["person"].is_unique


@settings(max_examples=60)
@given(where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(tmp_path_factory, where, bit):
    log, _ = filled(tmp_path_factory.mktemp("flip"), 2)
    content = bytearray(log.path.read_bytes())
    content[where % len(content)] ^= 1 << bit
    log.path.write_bytes(bytes(content))
    with pytest.raises(ModelIntegrityError, match=r"entry|line"):
        log.verify()


@given(order=st.lists(st.integers(0, 3), max_size=5))
@settings(max_examples=40)
def test_only_a_head_of_the_log_verifies_and_a_noted_head_finds_what_was_cut(
    tmp_path_factory, order
):
    log, heads = filled(tmp_path_factory.mktemp("order"))
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join(lines[i] for i in order))
    if order == list(range(len(order))):
        assert log.verify().entries == len(order)
        if len(order) < 4:
            with pytest.raises(ModelIntegrityError, match="cut off"):
                log.verify(heads[-1])
    else:
        with pytest.raises(ModelIntegrityError, match="does not follow"):
            log.verify()


def test_the_message_says_which_entry_was_changed(tmp_path):
    log, _ = filled(tmp_path)
    lines = log.path.read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace("prioritise", "something else")
    log.path.write_text("".join(lines))
    with pytest.raises(ModelIntegrityError, match="entry 3 was changed"):
        log.verify()
    with pytest.raises(ModelIntegrityError, match="entry 3"):
        log.entries_for("ann")


def test_a_line_cut_off_anywhere_is_found_moved_aside_and_the_log_goes_on(tmp_path):
    log, heads = filled(tmp_path, 2)
    content = log.path.read_bytes()
    whole = content.index(b"\n") + 1
    for cut in [*range(whole + 1, len(content), 41), len(content) - 1]:
        log.path.write_bytes(content[:cut])
        with pytest.raises(ModelIntegrityError, match="line 2 is unfinished"):
            log.verify()
        aside = log.recover()
        assert aside.read_bytes() == content[whole:cut]
        assert log.verify() == heads[0]
        aside.unlink()
    assert log.recover() is None
    log.path.write_bytes(content[:-10])
    with pytest.warns(RiskModelWarning, match="unfinished line"):
        head = log.append(TABLE, **SAID)
    assert log.verify(heads[0]) == head
    assert head.entries == 2


def test_a_first_line_cut_off_leaves_an_empty_log(tmp_path):
    log, _ = filled(tmp_path, 1)
    log.path.write_bytes(log.path.read_bytes()[:50])
    assert log.recover().stat().st_size == 50
    assert log.verify() == (GENESIS, 0)
    assert log.append(TABLE, **SAID).entries == 1


def test_what_is_no_log_is_not_written_to(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n")
    with pytest.raises(ModelIntegrityError, match="not an entry"):
        ScoreLog(path, key=KEY).append(TABLE, **SAID)
    assert path.read_text() == "my notes\n"
    with pytest.raises(ModelIntegrityError, match="no log under this path"):
        ScoreLog(tmp_path / "absent").verify()


def test_what_cannot_be_logged_is_refused_and_leaves_no_entry(tmp_path):
    log, heads = filled(tmp_path, 1)
    with pytest.raises(SchemaError, match="no columns digest"):
        log.append(TABLE.drop(columns="digest"), **SAID)
    with pytest.raises(SchemaError, match=r"scores.version: several"):
        log.append(TABLE.assign(version=["3", "4"]), **SAID)
    with pytest.raises(SchemaError, match="who must be"):
        log.append(TABLE, use="prioritise", who=" ")
    with pytest.raises(RiskModelError, match="give key="):
        ScoreLog(log.path).append(TABLE, **SAID)
    for weak in (b"short", "a text that is long enough"):
        with pytest.raises(RiskModelError, match="16 bytes"):
            ScoreLog(log.path, key=weak)
    assert log.verify() == heads[0]


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    from riskmodel.scoring import log_chain

    log, heads = filled(tmp_path, 1)
    real = log_chain.os.write
    calls = []

    def full(file, content):
        calls.append(len(content))
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(file, content[:40])

    monkeypatch.setattr(log_chain.os, "write", full)
    with pytest.raises(OSError, match="No space"):
        log.append(TABLE, **SAID)
    monkeypatch.undo()
    assert log.verify() == heads[0]


WRITERS = """
import os, sys
import pandas as pd
from riskmodel.scoring.score_log import ScoreLog
table = pd.DataFrame({table})
log = ScoreLog(sys.argv[1], key={key})
{work}
"""

SEVERAL = """
children = []
for writer in range(4):
    child = os.fork()
    if not child:
        for _ in range(15):
            log.append(table, use="prioritise", who=f"writer {writer}")
        os._exit(0)
    children.append(child)
assert not any(os.waitpid(child, 0)[1] for child in children)
"""

KILLED = """
import random, select, signal, time, warnings
from riskmodel.errors import RiskModelWarning
warnings.simplefilter("ignore", RiskModelWarning)  # each killed writer may leave a torn line
table = pd.concat([table] * 400, ignore_index=True)
random.seed(0)
for round in range(30):
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        while True:  # until killed
            head = log.append(table, use="prioritise", who="killed")
            os.write(tell, b"%d\\n" % head.entries)
    if round % 3:  # most are killed at work, some while they start
        select.select([told], [], [])
    time.sleep(random.uniform(0.0, 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(tell)
    confirmed = [int(line) for line in os.fdopen(told).read().split()]
    log.path.touch()
    log.recover()
    assert log.verify().entries >= max(confirmed, default=0), round
print(log.verify().entries)
"""


def run(work, path):
    table = {name: TABLE[name].fillna(0).astype("str").tolist() for name in TABLE}
    code = WRITERS.format(table=table, key=KEY, work=work)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_several_processes_write_one_chain(tmp_path):
    path = tmp_path / "scores.jsonl"
    run(SEVERAL, path)
    assert ScoreLog(path).verify().entries == 60
    entries = [json.loads(line)["who"] for line in path.read_text().splitlines()]
    assert {who: entries.count(who) for who in set(entries)} == {
        f"writer {writer}": 15 for writer in range(4)
    }


def test_writers_killed_at_any_moment_lose_nothing_confirmed(tmp_path):
    written = int(run(KILLED, tmp_path / "scores.jsonl"))
    assert written > 30
    leftovers = [path.name for path in tmp_path.iterdir() if path.suffix == ".partial"]
    assert not leftovers
