"""The chain alone: what a line holds, what a head is, and where lines stop to follow."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.scoring.log.chain import START, Head, chained, checked, checked_lines, head_of


def lines_of(contents):
    at, lines = START, []
    for content in contents:
        line, at = chained(json.dumps(content).encode(), at)
        lines.append(line)
    return lines, at


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text()).filter(bool), max_size=5))
def test_what_is_chained_is_json_and_checks(contents):
    lines, head = lines_of(contents)
    stands = [at for _, at in checked_lines(lines, head)]
    assert stands == [head_of(line) for line in lines]
    assert (stands or [START])[-1] == head
    for content, line in zip(contents, lines, strict=True):
        entry = json.loads(line)
        assert content.items() <= entry.items() or {"entry", "previous", "hash"} & content.keys()


def test_the_hash_is_that_of_the_line_before_it():
    lines, head = lines_of([{"a": 1}, {"b": 2}])
    body = lines[1].rpartition(b',"hash"')[0]
    assert hashlib.sha256(body).hexdigest() == head.digest
    assert json.loads(lines[1])["previous"] == json.loads(lines[0])["hash"]


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"my notes\n", b"\xff\x00\n"])
def test_what_is_no_entry_is_said_to_be_none(line):
    with pytest.raises(ModelIntegrityError, match="line 1 is not an entry"):
        checked(line, START)
    with pytest.raises(ModelIntegrityError, match="not an entry"):
        head_of(line)


def test_a_line_of_another_place_does_not_follow():
    lines, _ = lines_of([{"a": 1}, {"b": 2}, {"c": 3}])
    with pytest.raises(ModelIntegrityError, match="line 2 holds entry 3"):
        list(checked_lines([lines[0], lines[2]], None))
    with pytest.raises(ModelIntegrityError, match="line 2 is unfinished"):
        list(checked_lines([lines[0], lines[1][:-1]], None))


def test_a_log_is_held_against_a_head_of_any_of_its_entries():
    lines, _ = lines_of([{"a": 1}, {"b": 2}, {"c": 3}])
    others, _ = lines_of([{"a": 1}, {"b": 9}, {"c": 3}, {"d": 4}])
    for noted in (head_of(line) for line in lines):
        assert len(list(checked_lines(lines, noted))) == 3
    assert len(list(checked_lines(others, head_of(lines[0])))) == 4
    for noted in (head_of(line) for line in lines[1:]):
        with pytest.raises(ModelIntegrityError, match=f"entry {noted.entries} is not the one"):
            list(checked_lines(others, noted))


def test_a_head_goes_through_a_file(tmp_path):
    head = Head("ab" * 32, 3)
    path = head.save(tmp_path / "kept" / "head.json")
    assert json.loads(path.read_text()) == {"digest": "ab" * 32, "entries": 3}
    assert Head.read(path) == head


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "3",
        "{}",
        '{"digest": "ab", "entries": 3}',
        '{"digest": 3, "entries": 3}',
        f'{{"digest": "{"ab" * 32}", "entries": "3"}}',
        f'{{"digest": "{"ab" * 32}", "entries": -1}}',
        f'{{"digest": "{"ab" * 32}", "entries": 3, "more": 1}}',
    ],
)
def test_what_is_no_head_is_refused(content, tmp_path):
    path = tmp_path / "head.json"
    path.write_text(content)
    with pytest.raises(RiskModelError, match=r"head\.json holds no head"):
        Head.read(path)
