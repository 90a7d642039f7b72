"""JSON that could be read in two ways is not read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.serve.strict_json import NotJsonError, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)  # fmt: skip


@given(VALUES)
def test_what_json_says_is_read(value):
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b"\xff", "UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b"[" * 100_000, "too deep"),
        (b'{"a":' * 100_000, "too deep"),
        (b"[" * 5_000 + b"]" * 5_000, "too deep"),
        (b'{"a": 1, "a": 1}', "twice"),
        (b'[{"b": {"a": 1, "a": 1}}]', "twice"),
        (b'{"a": 1, "\\u0061": 1}', "twice"),
        (b"[NaN]", "null"),
        (b"[-Infinity]", "null"),
        (b"9" * 10_000, "not JSON"),
        (b"[1] [2]", "not JSON"),
        (b"01", "not JSON"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(body, said):
    with pytest.raises(NotJsonError, match=said):
        read_json(body)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    try:
        read_json(body)
    except NotJsonError as error:
        assert str(error) in ("this is not UTF-8", "this is not JSON") or body
