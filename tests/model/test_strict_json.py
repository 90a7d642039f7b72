"""What is written is read back to the bit; whatever a lenient reader would also take is refused."""

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.model import strict_json
from riskmodel.model.strict_json import MAXIMUM_DEPTH, json_bytes, most_values, read_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=30,
)


def count(value):
    inner = value.values() if isinstance(value, dict) else value
    return 1 + (sum(count(one) for one in inner) if isinstance(value, list | dict) else 0)


@given(VALUES)
def test_what_is_written_is_read_and_has_no_more_values_than_said(value):
    content = json_bytes(value)
    assert read_json(content) == value
    assert json_bytes(read_json(content)) == content
    assert count(value) <= most_values(content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "\\u0061": 2}}]',
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"1e999",
        b"[-1.8e308]",
        b"1" * 41,
        b"[-" + b"9" * 5_000 + b"]",
        b"0." + b"1" * 5_000,
        b"\xef\xbb\xbf{}",
        '{"é": 1}'.encode(),
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32-le"),
        b'"\\ud800"',
        b'{"\\uDFFF": 1}',
        b'"a\x00"',
        b'"a\n"',
        b"{} {}",
        b"[1,]",
        b"[1] // one",
        b"{'a': 1}",
        b"[01]",
        b"[+1]",
        b"[.5]",
        b"",
        b'"',
        b"\x80\x04.",
        b"[" * (MAXIMUM_DEPTH + 1) + b"]" * (MAXIMUM_DEPTH + 1),
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b'["' + b"]" * 200_000 + b'",' + b"[" * 200_000,
        b'["\\"' + b"]" * 200_000 + b'",' + b"[" * 200_000,
    ],
)
def test_what_riskmodel_does_not_write_is_refused(content):
    with pytest.raises(ValueError):
        read_json(content)


def test_depth_is_that_of_brackets_and_not_of_texts():
    deepest = b"[" * MAXIMUM_DEPTH + b"]" * MAXIMUM_DEPTH
    assert json.loads(deepest) == read_json(deepest)
    text = "[{" * 1_000 + '"\\'
    assert read_json(json_bytes([text])) == [text]


@pytest.mark.parametrize("content", [b'"' + b'\\"' * 2**20, b'"' * (2**20 + 1), b'"\\' * 2**20])
def test_texts_without_end_take_no_longer_than_their_length(content):
    began = time.perf_counter()
    with pytest.raises(ValueError):
        read_json(content)
    assert time.perf_counter() - began < 5.0


def test_values_beyond_count_are_refused_before_they_are_parsed(monkeypatch):
    monkeypatch.setattr(strict_json, "MAXIMUM_VALUES", 5)
    assert read_json(b"[1,2,3]") == [1, 2, 3]
    monkeypatch.setattr(json, "loads", lambda *given, **options: pytest.fail("parsed"))
    with pytest.raises(ValueError, match="more than 5 values"):
        read_json(b"[[],[],[]]")


def test_nan_has_no_place_in_json():
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"value": float("nan")})


def test_numbers_of_numpy_are_numbers():
    assert json_bytes([np.int64(1), np.float32(0.5)]) == json_bytes([1, 0.5])
    with pytest.raises(TypeError, match="set is not JSON"):
        json_bytes({1})
