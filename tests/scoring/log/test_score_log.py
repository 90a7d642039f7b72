"""The promises of a score log, each for a file, for sqlite and, where there is one, PostgreSQL.

RISKMODEL_TEST_POSTGRESQL is the address of a database where schemas may be made and dropped.
"""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.errors import ModelIntegrityError, RiskModelError, RiskModelWarning, SchemaError
from riskmodel.scoring.log.chain import GENESIS, Head
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.scoring.log.table_store import TABLE

KEY = b"a key of this test alone"
SAID = {"use": "prioritise", "who": "analyst 7"}
SCORES = pd.DataFrame(
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
POSTGRESQL = os.environ.get("RISKMODEL_TEST_POSTGRESQL", "")
NO_SERVER = pytest.mark.skipif(not POSTGRESQL, reason="RISKMODEL_TEST_POSTGRESQL is not set")


@pytest.fixture(params=["file", "sqlite", pytest.param("postgresql", marks=NO_SERVER)])
def address(request, tmp_path):
    if request.param != "postgresql":
        places = {"file": tmp_path / "scores.jsonl", "sqlite": f"sqlite:///{tmp_path}/scores.db"}
        yield places[request.param]
        return
    schema = f"riskmodel_test_{os.getpid()}"
    engine = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        server.execute(sa.text(f"drop schema if exists {schema} cascade"))
        server.execute(sa.text(f"create schema {schema}"))
        url = sa.make_url(POSTGRESQL).update_query_dict({"options": f"-csearch_path={schema}"})
        yield url.render_as_string(hide_password=False)
        gc.collect()  # a log of the test that stayed connected would hold on to its table
        server.execute(sa.text(f"drop schema {schema} cascade"))
    engine.dispose()


def filled(address, n=4):
    log = ScoreLog(address, key=KEY)
    return log, [log.append(SCORES, **SAID) for _ in range(n)]


def put(address, lines):
    """Make a log of these lines, past all that guards it."""
    if isinstance(address, Path):
        address.write_bytes(b"".join(lines))
        return
    engine = sa.create_engine(address)
    with engine.begin() as database:
        database.execute(sa.text(f"delete from {TABLE}"))
        for number, line in enumerate(lines, start=1):
            row = {"entry": number, "line": line[:-1].decode()}
            database.execute(sa.text(f"insert into {TABLE} values (:entry, :line)"), row)
    engine.dispose()


def test_heads_chain_and_verify_gives_the_last(address):
    log, heads = filled(address)
    assert [head.entries for head in heads] == [1, 2, 3, 4]
    assert log.verify() == log.head() == heads[-1]
    assert all(log.verify(head) == heads[-1] for head in heads)
    entries = list(log.entries())
    assert [entry["previous"] for entry in entries[1:]] == [e["hash"] for e in entries[:-1]]
    assert entries[0]["previous"] == GENESIS
    assert log.recover() is None


def test_a_log_of_each_kind_holds_the_same_bytes(address, tmp_path):
    log, heads = filled(address, 3)
    lines = list(log.lines())
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(b"".join(lines))
    assert ScoreLog(copy).verify(heads[-1]) == heads[-1]
    put(address, copy.read_bytes().splitlines(keepends=True))
    assert ScoreLog(address).verify(heads[-1]) == heads[-1]


def test_an_opened_log_goes_on_where_it_stands(address):
    _, heads = filled(address, 2)
    again = ScoreLog(address, key=KEY)
    assert again.head() == heads[-1]
    assert again.append(SCORES, **SAID).entries == 3
    assert again.verify(heads[-1]).entries == 3


def test_a_person_is_found_again_with_the_key_alone(address):
    log, _ = filled(address, 2)
    found = log.entries_for("bob")
    assert [entry["entry"] for entry in found] == [1, 2]
    assert all(row["status"] == "not in the cohort" for entry in found for row in entry["rows"])
    assert log.entries_for("nobody") == []
    with pytest.raises(RiskModelError, match="no entry was written with this key"):
        ScoreLog(address, key=b"another key of this test").entries_for("bob")
    with pytest.raises(RiskModelError, match="give key="):
        ScoreLog(address).entries_for("bob")


def test_neither_people_nor_the_key_are_in_it(address):
    log, _ = filled(address, 1)
    (line,) = log.lines()
    assert b"ann" not in line and b"bob" not in line
    assert KEY not in line and KEY.hex().encode() not in line
    assert "this test" not in f"{log!r}{vars(log)}"


CHANGES = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@CHANGES
@given(where=st.integers(0, 10_000), bit=st.integers(0, 6))
def test_one_flipped_bit_anywhere_is_found(address, where, bit):
    log, _ = filled(address, 2) if not known(address) else (ScoreLog(address), None)
    lines = list(log.lines())
    content = bytearray(b"".join(lines))
    content[where % len(content)] ^= 1 << bit
    changed = [*bytes(content).splitlines(keepends=True)]
    if b"\x00" in content or len(changed) != 2:
        return  # no text of a database; or what is another case, that of lines
    put(address, changed)
    try:
        with pytest.raises(ModelIntegrityError, match=r"entry|line"):
            log.verify()
    finally:
        put(address, lines)


def known(address):
    try:
        ScoreLog(address).head()
    except ModelIntegrityError:
        return False
    return True


@CHANGES
@given(order=st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_what_is_removed_added_or_moved_is_found_and_so_is_what_is_cut_off(address, order):
    log, _ = filled(address) if not known(address) else (ScoreLog(address), None)
    lines, head = list(log.lines()), log.head()
    put(address, [lines[i] for i in order])
    try:
        if order == list(range(len(order))):
            assert log.verify().entries == len(order)
            if len(order) < 4:
                with pytest.raises(
                    ModelIntegrityError, match=rf"from {len(order) + 1} on were cut"
                ):
                    log.verify(head)
        else:
            with pytest.raises(ModelIntegrityError, match="which does not follow"):
                log.verify()
    finally:
        put(address, lines)


def test_the_message_says_which_entry_was_changed(address):
    log, _ = filled(address)
    lines = list(log.lines())
    lines[2] = lines[2].replace(b"prioritise", b"something else")
    put(address, lines)
    with pytest.raises(ModelIntegrityError, match="entry 3 was changed"):
        log.verify()
    with pytest.raises(ModelIntegrityError, match="entry 3 was changed"):
        log.entries_for("ann")


def test_a_chain_that_was_made_anew_is_found_by_a_head_that_was_kept(address, tmp_path):
    log, heads = filled(address)
    forged, _ = filled(tmp_path / "forged.jsonl", 6)
    put(address, list(forged.lines()))
    assert log.verify().entries == 6
    for head in heads:
        with pytest.raises(ModelIntegrityError, match=f"entry {head.entries} is not the one of"):
            log.verify(head)
    with pytest.raises(ModelIntegrityError, match="cut off"):
        log.verify(Head("ab" * 32, 7))
    with pytest.raises(ModelIntegrityError, match="entry 0"):
        log.verify(Head("ab" * 32, 0))


def test_what_is_not_there_is_said_and_not_made(address):
    log = ScoreLog(address)
    for ask in (log.verify, log.head, log.recover):
        with pytest.raises(ModelIntegrityError, match="there is no log under"):
            ask()
    assert isinstance(address, str) or not address.exists()
    assert not Path(log.shown.removeprefix("sqlite:///")).exists()


def test_what_cannot_be_logged_is_refused_and_leaves_no_entry(address):
    log, heads = filled(address, 1)
    with pytest.raises(SchemaError, match="no columns digest"):
        log.append(SCORES.drop(columns="digest"), **SAID)
    with pytest.raises(RiskModelError, match="give key="):
        ScoreLog(address).append(SCORES, **SAID)
    for weak in (b"short", "a text that is long enough"):
        with pytest.raises(RiskModelError, match="16 bytes") as refused:
            ScoreLog(address, key=weak)
        assert str(weak) not in str(refused.value)
    assert log.verify() == heads[0]


WRITERS = """
import os, random, select, signal, sys, time, warnings
from riskmodel.errors import RiskModelWarning
from riskmodel.scoring.log.score_log import ScoreLog
warnings.simplefilter("ignore", RiskModelWarning)  # each killed writer may leave a torn line
reply = {reply}
log = ScoreLog(sys.argv[1], key={key})
{work}
"""

SEVERAL = """
children = []
for writer in range(4):
    child = os.fork()
    if not child:
        for _ in range(15):
            log.append(reply, use="prioritise", who=f"writer {writer}")
        os._exit(0)
    children.append(child)
assert not any(os.waitpid(child, 0)[1] for child in children)
"""

KILLED = """
random.seed(0)
several = [dict(reply, person_id=str(person)) for person in range(400)]
confirmed = {}

def write(tell):
    while True:  # until killed
        head = log.append(several, use="prioritise", who="killed")
        os.write(tell, f"{head.entries} {head.digest}\\n".encode())

for round in range(20):
    told, tell = os.pipe()
    children = []
    for _ in range(2):
        children.append(os.fork())
        if not children[-1]:
            write(tell)
    os.close(tell)
    if round % 3:  # most are killed at work, some while they start
        select.select([told], [], [], 20)
    time.sleep(random.uniform(0.0, 0.03))
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for line in os.fdopen(told).read().splitlines():
        number, digest = line.split()
        assert int(number) not in confirmed, "two writers were given one place"
        confirmed[int(number)] = digest
log.append(reply, use="prioritise", who="afterwards")
found = {number: line for number, line in enumerate(log.lines(), start=1)}
for number, digest in confirmed.items():
    assert digest.encode() in found[number][-80:], number
print(len(found), len(confirmed))
"""


def run(work, address):
    reply = {name: str(value) for name, value in SCORES.iloc[0].items()} | {"margin": -1.5}
    code = WRITERS.format(reply=reply, key=KEY, work=work)
    done = subprocess.run(
        [sys.executable, "-c", code, str(address)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_several_processes_write_one_chain(address):
    run(SEVERAL, address)
    log = ScoreLog(address)
    assert log.verify().entries == 60
    who = [entry["who"] for entry in log.entries()]
    assert {each: who.count(each) for each in who} == {f"writer {n}": 15 for n in range(4)}


def test_writers_killed_at_any_moment_lose_nothing_confirmed(address, tmp_path):
    written, confirmed = map(int, run(KILLED, address).split())
    assert written > confirmed > 10
    # a writer killed while it moved a torn line aside leaves at worst a name that nothing reads
    leftovers = [path.name for path in tmp_path.iterdir() if path.suffix == ".partial"]
    assert all(".torn-" in name for name in leftovers)


def test_threads_write_one_chain(address):
    from concurrent.futures import ThreadPoolExecutor

    log = ScoreLog(address, key=KEY)
    with ThreadPoolExecutor(4) as pool:
        heads = list(pool.map(lambda _: log.append(SCORES, **SAID), range(24)))
    assert sorted(head.entries for head in heads) == list(range(1, 25))
    assert log.verify().entries == 24


def test_a_log_is_read_while_others_write(address):
    log, heads = filled(address, 5)
    seen = []
    for line in log.lines():
        seen.append(json.loads(line)["entry"])
        log.append(SCORES, **SAID)
    assert seen[:5] == [1, 2, 3, 4, 5]
    assert log.verify(heads[-1]).entries == 5 + len(seen)


def test_a_reply_is_logged_without_pandas_and_a_file_without_sqlalchemy(address):
    work = """
log.append(reply, use="prioritise", who="light")
heavy = {"pandas", "pyarrow", "pandera", "scipy", "sklearn", "lightgbm", "mlflow", "sqlalchemy"}
print(sorted(heavy & set(sys.modules)))
"""
    assert run(work, address).strip() == ("[]" if isinstance(address, Path) else "['sqlalchemy']")


def test_a_torn_line_is_moved_aside_and_said_where_it_was_caused(tmp_path):
    log, heads = filled(tmp_path / "scores.jsonl", 2)
    path = tmp_path / "scores.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelIntegrityError, match="line 2 is unfinished"):
        log.verify()
    assert log.head() == heads[0]
    with pytest.warns(RiskModelWarning, match="unfinished line") as said:
        head = log.append(SCORES, **SAID)
    assert Path(said[0].filename) == Path(__file__)
    assert log.verify(heads[0]) == head
    assert head.entries == 2
