"""The service answers as the library does; when it does not, it repeats nothing it was sent."""

import asyncio
import json
from dataclasses import replace
from datetime import date, timedelta

import httpx
import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.scoring.score_log import ScoreLog
from riskmodel.scoring.scores import COLUMNS, score
from riskmodel.serve.app import create_app
from riskmodel.serve.server import check_host, chosen_key, serve
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

KEY = "a key of the test, long enough"
HEADERS = {"X-API-Key": KEY}
AS_OF = "2023-01-01"
CANARY = "Canary-Person-7431"


class Client:
    """Calls the application as a server would, in this process."""

    def __init__(self, app, headers=None, *, raises=True):
        self.transport = httpx.ASGITransport(app, raise_app_exceptions=raises)
        self.headers = headers

    def get(self, path, **given):
        return asyncio.run(self._send("GET", path, given))

    def post(self, path, **given):
        return asyncio.run(self._send("POST", path, given))

    async def _send(self, method, path, given):
        address = "http://service"
        async with httpx.AsyncClient(
            transport=self.transport, base_url=address, headers=self.headers
        ) as client:
            return await client.request(method, path, **given)


@pytest.fixture(scope="session")
def model(small_world):
    task = Task(
        offences=small_world.offences,
        features=(
            Feature("count", 365),
            Feature("incidents", serious=True),
            Feature("days_since_last"),
        ),
    )
    rows = build_snapshots(
        small_world.histories,
        task,
        as_of=["2020", "2021"],
        known_at=AS_OF,
        late_allowance_days=0,
    )
    return train(rows, estimator=RepeatHarmEstimator(n_estimators=10), n_replicates=10)


@pytest.fixture(scope="session")
def client(model):
    return Client(create_app(model, api_key=KEY), HEADERS)


def as_json(frame: pd.DataFrame) -> list[dict]:
    return json.loads(frame.to_json(orient="records", date_format="iso", date_unit="us"))


@pytest.fixture(scope="session")
def request_for(small_world):
    """A request with all that the world knows of its first `n` people with events, and others."""

    def build(n=3, **changes):
        histories = small_world.histories
        events = histories.events[histories.events["recorded_time"] < AS_OF]
        people = events["person_id"].drop_duplicates().iloc[:n]
        incidents = events.loc[events["person_id"].isin(people), "incident_id"]
        near = events[events["incident_id"].isin(incidents)]
        own = near["person_id"].isin(people)
        near = pd.concat([near[own], near[~own], events[events["person_id"].isin(people)]])
        near = near.drop_duplicates("source_id").drop(columns="person_code")
        updates = histories.updates[histories.updates["source_id"].isin(near["source_id"])]
        return {
            "events": as_json(near),
            "updates": as_json(updates),
            "as_of": AS_OF,
            "use": "prioritise",
            "person_ids": people.tolist(),
            "data_start": histories.data_start.isoformat(),
        } | changes

    return build


def test_the_service_says_what_the_library_says(client, model, small_world, request_for):
    request = request_for(5)
    answer = client.post("/v1/score", json=request)
    assert answer.status_code == 200, answer.text
    got = pd.DataFrame(answer.json()["scores"])
    assert list(got.columns) == COLUMNS
    ids = request["person_ids"]
    expected = score(small_world.histories, model, as_of=AS_OF, use="prioritise", people=ids)
    for column in ("person_id", "status", "band", "digest"):
        same = got[column].fillna("-").tolist() == expected[column].fillna("-").tolist()
        assert same, column
    for column in ("margin", "probability", "low", "high", "expected_harm"):
        np.testing.assert_array_equal(got[column].astype(float), expected[column].astype(float))


def test_people_without_an_estimate_are_rows_with_nulls(client, request_for):
    request = request_for(1)
    request["person_ids"].append("nobody")
    row = client.post("/v1/score", json=request).json()["scores"][1]
    assert row["status"] == "unknown person"
    assert row["probability"] is None and row["band"] is None


def test_the_model_says_who_it_is(client, model):
    told = client.get("/v1/model").json()
    assert told["digest"] == model.digest
    assert told["permitted_uses"] == ["prioritise"]
    assert told["expires"] == model.expires.isoformat()
    assert "/v1/score" in client.get("/v1/openapi.json").json()["paths"]


def test_health_needs_no_key(model):
    anyone = Client(create_app(model, api_key=KEY))
    assert anyone.get("/healthz").status_code == 200
    assert anyone.get("/readyz").json()["digest"] == model.digest


def test_an_expired_model_is_not_ready_and_does_not_answer(model, request_for):
    old = replace(model, expires=date.today() - timedelta(days=2))
    client = Client(create_app(old, api_key=KEY), headers=HEADERS)
    assert client.get("/readyz").status_code == 503
    answer = client.post("/v1/score", json=request_for(1))
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "ModelExpiredError"


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": ""}, {"X-API-Key": KEY[:-1]}])
@pytest.mark.parametrize("path", ["/v1/model", "/v1/score", "/v1/openapi.json", "/docs", "/"])
def test_without_the_key_nothing_but_health_answers(model, headers, path):
    anyone = Client(create_app(model, api_key=KEY))
    assert anyone.get(path, headers=headers).status_code == 401


def test_a_key_too_short_and_a_model_without_a_task_are_refused(model):
    with pytest.raises(RiskModelError, match="16"):
        create_app(model, api_key="short")
    priors = np.arange(300) % 7
    table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    plain = train(table, estimator=RepeatHarmEstimator(n_estimators=5), n_replicates=10)
    with pytest.raises(ModelMismatchError, match="ready-made"):
        create_app(plain, api_key=KEY)


def change_first_event(**changes):
    def change(request):
        request["events"][0] |= changes

    return change


def drop(field):
    def change(request):
        del request["events"][0][field]

    return change


def replace_part(**changes):
    def change(request):
        request.update(changes)

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (change_first_event(offence=CANARY), "offence"),
        (change_first_event(evidence=CANARY), "evidence"),
        (change_first_event(event_time=CANARY), "events[0].event_time"),
        (change_first_event(recorded_time="1850-01-01"), "recorded_time"),
        (change_first_event(source_id={"a": CANARY}), "events[0].source_id"),
        (change_first_event(**{CANARY: 1}), "events[0]"),
        (change_first_event(place=CANARY * 20), "events[0].place"),
        (drop("offence"), "events[0].offence"),
        (replace_part(as_of=CANARY), "as_of"),
        (replace_part(use=CANARY), "use"),
        (replace_part(person_ids=[CANARY, CANARY]), "listed more than once"),
        (replace_part(people=[{"person_id": CANARY, "ethnicity": CANARY}]), "ethnicity"),
        (replace_part(people=[{"person_id": CANARY, "birth_year": 1}]), "birth_year"),
        (replace_part(people=[{"person_id": CANARY}] * 2), "person_id"),
        (replace_part(updates=[{"source_id": CANARY, "recorded_time": AS_OF,
                                "evidence": "charge"}]), "updates"),
        (replace_part(events=[]), "events"),
        (replace_part(**{CANARY: 1}), "body"),
    ],
)  # fmt: skip
def test_an_error_names_the_field_and_no_value(client, request_for, change, named):
    request = request_for(1)
    change(request)
    answer = client.post("/v1/score", json=request)
    assert answer.status_code in (403, 422), answer.text
    assert named in answer.text
    assert CANARY not in answer.text
    for row in request["events"]:
        assert str(row["source_id"]) not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, f'{{"a": "{CANARY}'.encode(), b"\xff"])
def test_what_is_no_json_is_said_to_be_none(client, body):
    answer = client.post("/v1/score", content=body)
    assert answer.status_code in (400, 422)
    assert CANARY not in answer.text


def test_too_many_rows_and_too_large_a_body_are_refused(model, request_for):
    app = create_app(model, api_key=KEY, max_rows=2, max_bytes=20_000)
    client = Client(app, headers=HEADERS)
    answer = client.post("/v1/score", json=request_for(3))
    assert answer.status_code == 422 and "at most 2" in answer.text
    assert client.post("/v1/score", content=b" " * 20_001).status_code == 413

    async def parts():  # no length is declared
        for _ in range(5):
            yield b" " * 5_000

    assert client.post("/v1/score", content=parts()).status_code == 413


def test_each_answer_is_logged_first_and_none_is_given_that_cannot_be(model, request_for, tmp_path):
    log = ScoreLog(tmp_path / "scores.jsonl", key=b"a secret of the force")
    app = create_app(model, api_key=KEY, score_log=log)
    client = Client(app, headers=HEADERS, raises=False)
    request = request_for(2, requested_by="analyst 7")
    assert client.post("/v1/score", json=request).status_code == 200
    assert log.verify().entries == 1
    (entry,) = log.entries_for(request["person_ids"][0])
    assert (entry["who"], entry["use"]) == ("analyst 7", "prioritise")
    (tmp_path / "scores.jsonl").unlink()
    (tmp_path / "scores.jsonl").mkdir()
    answer = client.post("/v1/score", json=request)
    assert answer.status_code == 500 and "scores" not in answer.json()


def test_only_this_machine_unless_it_was_said(model):
    for host in ("127.0.0.1", "localhost", "::1"):
        check_host(host, allow_remote=False)
    for host in ("0.0.0.0", "::", "10.0.0.1", "example.org"):
        with pytest.raises(RiskModelError, match="allow_remote"):
            serve(model, host=host, api_key=KEY)
        check_host(host, allow_remote=True)


def test_a_key_is_made_and_shown_once_where_none_is_given(monkeypatch, capsys):
    monkeypatch.delenv("RISKMODEL_API_KEY", raising=False)
    made = chosen_key(None)
    assert len(made) > 30 and made in capsys.readouterr().err
    monkeypatch.setenv("RISKMODEL_API_KEY", KEY)
    assert chosen_key(None) == KEY
    assert KEY not in capsys.readouterr().err
