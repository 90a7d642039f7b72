"""The gate: bodies too large, too slow, too many, of the wrong kind."""

import asyncio
import json

import pytest

from riskmodel.serve.app import create_app
from riskmodel.serve.service import Limits

JSON = {b"content-type": b"application/json"}


def call(app, key, messages, *, path="/v1/score", method="POST", headers=()):
    """Call an application with a body that comes in parts; return status, headers and body."""
    return asyncio.run(calling(app, key, messages, path=path, method=method, headers=headers))


async def calling(app, key, messages, *, path="/v1/score", method="POST", headers=()):
    sent, parts = [], iter(messages)

    async def receive():
        part = next(parts, None)
        if callable(part):
            part = await part()
        if part is None:
            await asyncio.sleep(60)
        return {"type": "http.request", **part}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "server": ("service", 80), "client": ("127.0.0.1", 1),
        "headers": list(({b"x-api-key": key.encode()} | JSON | dict(headers)).items()),
    }  # fmt: skip
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(body)


@pytest.fixture(scope="module")
def small(model, key):
    return create_app(model, api_key=key, limits=Limits(bytes=20_000, at_once=2, body_seconds=0.3))


def part(body=b"", more=True):
    return {"body": body, "more_body": more}


def test_a_body_that_says_it_is_too_large_is_not_read(small, key):
    status, headers, body = call(small, key, [], headers=[(b"content-length", b"20001")])
    assert (status, body["error"]["type"]) == (413, "TooLarge")
    assert headers[b"connection"] == b"close"


def test_a_body_that_turns_out_too_large_is_not_read_to_its_end(small, key):
    read = []

    async def another():
        read.append(1)
        return part(b" " * 5_000)

    status, headers, body = call(small, key, [another] * 100)
    assert (status, body["error"]["type"]) == (413, "TooLarge")
    assert len(read) == 5
    assert headers[b"connection"] == b"close"


def test_a_body_that_lies_about_its_length_is_counted(small, key):
    claim = [(b"content-length", b"5")]
    status, *_ = call(small, key, [part(b" " * 15_000)] * 9, headers=claim)
    assert status == 413


def test_a_body_that_comes_too_slowly_is_given_up(small, key):
    async def drop():
        await asyncio.sleep(0.08)
        return part(b" ")

    status, headers, body = call(small, key, [drop] * 100)
    assert (status, body["error"]["type"]) == (408, "TooSlow")
    assert headers[b"connection"] == b"close"


def test_beyond_the_limit_callers_are_asked_to_come_again(small, key):
    async def never():
        await asyncio.sleep(0.2)
        return part(b"{}", more=False)

    async def all_at_once():
        calls = [calling(small, key, [never]) for _ in range(4)]
        answers = await asyncio.gather(*calls)
        health = await calling(small, key, [part(more=False)], path="/healthz", method="GET")
        return answers, health

    answers, health = asyncio.run(all_at_once())
    assert sorted(status for status, *_ in answers) == [422, 422, 503, 503]
    _, headers, body = next(answer for answer in answers if answer[0] == 503)
    assert headers[b"retry-after"] == b"1" and body["error"]["type"] == "Busy"
    assert health[0] == 200
    status, *_ = call(small, key, [part(b"{}", more=False)])
    assert status == 422  # there is room again


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-type", b"text/plain")],
        [(b"content-type", b"")],
        [(b"content-type", b"application/x-www-form-urlencoded")],
        [(b"content-encoding", b"gzip")],
        [(b"content-encoding", b"identity, br")],
    ],
)
def test_only_plain_json_is_taken(small, key, headers):
    status, _, body = call(small, key, [part(b"{}", more=False)], headers=headers)
    assert (status, body["error"]["type"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("length", [b"-1", b"x", b"9" * 5000, b"\xb2"])
def test_a_length_that_is_none_is_left_to_the_count(small, key, length):
    status, *_ = call(small, key, [part(b"{}", more=False)], headers=[(b"content-length", length)])
    assert status == 422


def test_other_methods_and_paths_have_typed_answers(small, key):
    for method, path, status, kind in (
        ("GET", "/v1/score", 405, "MethodNotAllowed"),
        ("DELETE", "/v1/model", 405, "MethodNotAllowed"),
        ("GET", "/v1/scores", 404, "NotFound"),
        ("POST", "/v1/../v1/score", 404, "NotFound"),
    ):
        got, headers, body = call(small, key, [part(more=False)], method=method, path=path)
        assert (got, body["error"]["type"]) == (status, kind)
        assert (b"allow" in headers) == (status == 405)
        assert path not in body["error"]["message"]


def test_the_key_is_compared_by_its_digest(small, key, monkeypatch):
    compared = []

    def compare(one, other):
        compared.append((one, other))
        return False

    monkeypatch.setattr("riskmodel.serve.gate.hmac.compare_digest", compare)
    for given in (key, "x", ""):
        assert call(small, given, [part(more=False)], path="/v1/model", method="GET")[0] == 401
    assert {len(one) for pair in compared for one in pair} == {32}
