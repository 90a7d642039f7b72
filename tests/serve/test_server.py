"""The server on a real socket: callers that are slow, many-headed or break off."""

import json
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest
import uvicorn

from riskmodel.errors import RiskModelError
from riskmodel.serve import server
from riskmodel.serve.app import create_app
from riskmodel.serve.server import check_host, chosen_key, serve, uvicorn_settings
from riskmodel.serve.service import Limits

HEAD_SECONDS = 0.5


@pytest.fixture(scope="module")
def port(model, key):
    """A server with little patience in this process, and the port on which it listens."""
    app = create_app(model, api_key=key, limits=Limits(bytes=20_000, body_seconds=0.5))
    settings = uvicorn_settings() | {"log_config": None, "timeout_keep_alive": 1}
    running = uvicorn.Server(uvicorn.Config(app, port=0, **settings))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "HEAD_SECONDS", HEAD_SECONDS)
        thread = threading.Thread(target=running.run)
        thread.start()
        until = time.monotonic() + 20
        while not running.started and time.monotonic() < until:
            time.sleep(0.01)
        yield running.servers[0].sockets[0].getsockname()[1]
        running.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def said_to(port, *parts, pause=0.0):
    """Send bytes in parts; return all that comes back until the server closes, and the seconds."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=15) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            return b"", time.monotonic() - started
        got = b""
        try:
            while chunk := line.recv(65536):
                got += chunk
        except ConnectionResetError:
            pass
    return got, time.monotonic() - started


def test_scores_come_over_the_wire(port, key, request_for):
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": key}) as caller:
        answer = caller.post("/v1/score", json=request_for(1))
        assert answer.status_code == 200, answer.text
        assert answer.json()["scores"][0]["person_id"] == request_for(1)["person_ids"][0]
        assert "server" not in answer.headers
        assert caller.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "start", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"]
)
def test_a_head_that_never_ends_is_cut_off(port, start):
    got, seconds = said_to(port, start)
    assert got == b""
    assert seconds < HEAD_SECONDS + 5


def test_a_head_that_drips_is_cut_off(port):
    drops = [b"GET /healthz HTTP/1.1\r\n", *[b"X-A: 1\r\n"] * 100]
    got, seconds = said_to(port, *drops, pause=0.05)
    assert got == b"" and seconds < 4


def test_a_second_head_on_one_connection_is_waited_for_no_longer(port):
    whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    got, seconds = said_to(port, whole, b"GET /readyz HT")
    assert got.startswith(b"HTTP/1.1 200") and got.count(b"HTTP/1.1") == 1
    assert seconds < HEAD_SECONDS + 5


def test_a_body_that_drips_is_answered_and_cut_off(port, key):
    head = f"POST /v1/score HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    got, seconds = said_to(port, head.encode(), *[b" "] * 15, pause=0.05)
    assert got.startswith(b"HTTP/1.1 408") or not got
    assert seconds < 5


def test_headers_without_end_are_refused(port):
    flood = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 50) for number in range(2_000))
    got, _ = said_to(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n", flood, b"\r\n")
    assert got.startswith(b"HTTP/1.1 400") or not got
    assert b"200" not in got[:20]


def test_chunks_without_a_length_are_counted(port, key):
    head = f"POST /v1/score HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1388\r\n" + b" " * 5_000 + b"\r\n"
    got, _ = said_to(port, head.encode(), *[chunk] * 8, b"0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 413") or not got  # it may close before all is sent
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": key}) as caller:
        parts = (b'{"events": []', b"}")
        answer = caller.post("/v1/score", content=iter(parts), headers={"Content-Type": JSON})
        assert answer.status_code == 422


JSON = "application/json"


@pytest.mark.parametrize(
    "junk",
    [b"\x16\x03\x01\x02\x00\x01", b"GET  / HTTP/9.9\r\n\r\n", b"\r\n" * 40_000, b"\x00" * 20_000],
)
def test_what_is_no_http_is_refused(port, junk):
    got, _ = said_to(port, junk)
    assert not got or got.startswith(b"HTTP/1.1 400")
    if got:
        head, _, body = got.partition(b"\r\n\r\n")
        assert b"application/json" in head
        assert json.loads(body)["error"]["type"] == "BadRequest"


def test_two_lengths_are_no_way_to_smuggle(port, key):
    head = f"POST /v1/score HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Type: {JSON}\r\n"
    for more in ("Content-Length: 2\r\nContent-Length: 9\r\n", "Content-Length: +2\r\n"):
        got, _ = said_to(port, (head + more + "\r\n{}").encode())
        assert got.startswith(b"HTTP/1.1 400")


def test_only_this_machine_unless_it_was_said(model, key):
    for host in ("127.0.0.1", "localhost", "::1"):
        check_host(host, allow_remote=False)
    for host in ("0.0.0.0", "::", "10.0.0.1", "example.org"):
        with pytest.raises(RiskModelError, match="allow_remote"):
            serve(model, host=host, api_key=key)
        check_host(host, allow_remote=True)


@pytest.mark.parametrize(
    ("host", "given", "open_docs"),
    [
        ("127.0.0.1", {}, True),
        ("0.0.0.0", {"allow_remote": True}, False),
        ("0.0.0.0", {"allow_remote": True, "open_docs": True}, True),
    ],
)
def test_the_pages_need_a_key_where_others_can_reach_them(
    model, key, monkeypatch, client_of, host, given, open_docs
):
    ran = {}
    monkeypatch.setattr(server.uvicorn, "run", lambda app, **named: ran.update(named, app=app))
    serve(model, host=host, port=8001, api_key=key, **given)
    assert (ran["host"], ran["port"], ran["access_log"]) == (host, 8001, False)
    status = client_of(ran["app"], {}).get("/v1/docs").status_code
    assert status == (200 if open_docs else 401)


def test_the_own_log_is_shown_and_that_of_paths_is_not():
    settings = uvicorn_settings()
    assert settings["log_config"]["loggers"]["riskmodel.serve"]["level"] == "INFO"
    assert not settings["access_log"]


def test_a_key_is_made_and_shown_once_where_none_is_given(monkeypatch, capsys, key):
    monkeypatch.delenv("RISKMODEL_API_KEY", raising=False)
    made = chosen_key(None)
    assert len(made) > 30 and made in capsys.readouterr().err
    monkeypatch.setenv("RISKMODEL_API_KEY", key)
    assert chosen_key(None) == key
    assert key not in capsys.readouterr().err


def test_a_folder_is_served_without_table_libraries_and_registry():
    heavy = ("pandas", "pyarrow", "pandera", "sklearn", "lightgbm", "mlflow")
    probe = f"import sys, riskmodel.serve.server; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True)
    assert found.stdout.strip() == b"[]"
