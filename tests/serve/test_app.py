"""The routes: they say what the library says, log first, and never repeat what they were told."""

import gzip
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.schema import SCORE_COLUMNS
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.scoring.person.score_person import score_person
from riskmodel.scoring.reply import ScoreReply
from riskmodel.scoring.scores import score
from riskmodel.scoring.what_if.what_if_person import what_if_person
from riskmodel.serve import answers
from riskmodel.serve.app import create_app
from riskmodel.serve.service import Limits
from riskmodel.snapshots.table import Snapshots

CANARY = "Canary-Person-7431"
NUMBERS = ("margin", "probability", "low", "high", "expected_harm", "evidence_share")
POSTS = ("/v1/score", "/v1/explain", "/v1/what-if")


def for_one(request):
    """The same request as /v1/what-if takes it."""
    person, *_ = request["person_ids"]
    rest = {name: value for name, value in request.items() if name != "person_ids"}
    return rest | {"person_id": person}


def body_for(path, request):
    return for_one(request) if path == "/v1/what-if" else request


def person_of(request, person_id):
    (row,) = (row for row in request["people"] if row["person_id"] == person_id)
    return {name: value for name, value in row.items() if name != "person_id"}


def test_the_service_says_what_the_library_says(client, model, small_world, request_for, as_of):
    request = request_for(40)
    answer = client.post("/v1/score", json=request)
    assert answer.status_code == 200, answer.text
    got = pd.DataFrame(answer.json()["scores"])
    assert set(SCORE_COLUMNS) - set(got.columns) == {"rank", "rank_best", "rank_worst", "near_cut"}
    ids = request["person_ids"]
    expected = score(small_world.histories, model, as_of=as_of, use="prioritise", people=ids)
    for column in ("person_id", "status", "band", "digest"):
        same = got[column].fillna("-").tolist() == expected[column].fillna("-").tolist()
        assert same, column
    for column in NUMBERS:
        np.testing.assert_array_equal(got[column].astype(float), expected[column].astype(float))
    assert (got["status"] == "scored").sum() > 5
    assert got["reasons"].map(len).eq(0).all()


def test_everyone_named_is_scored_where_nobody_is_asked_for(client, request_for):
    request = request_for(2)
    del request["person_ids"]
    named = {event["person_id"] for event in request["events"]} - {None}
    rows = client.post("/v1/score", json=request).json()["scores"]
    assert [row["person_id"] for row in rows] == sorted(named)


def test_reasons_are_those_of_the_library(client, model, request_for):
    request = request_for(30, top=3)
    rows = client.post("/v1/explain", json=request).json()["scores"]
    scored = [row for row in rows if row["status"] == "scored"]
    assert scored
    for row in scored[:5]:
        direct = score_person(
            request["events"], model, as_of=request["as_of"], use=request["use"], reasons=3,
            person_id=row["person_id"], updates=request["updates"],
            person=person_of(request, row["person_id"]), data_start=request["data_start"],
        )  # fmt: skip
        assert ScoreReply.model_validate(row) == direct
        assert len(direct.reasons) == 3


def test_what_if_is_that_of_the_library(client, model, request_for):
    request = for_one(request_for(1))
    own = [row for row in request["events"] if row["person_id"] == request["person_id"]]
    added = own[0] | {"source_id": "another", "incident_id": "another"}
    request |= {"without": [own[-1]["source_id"]], "add": [added]}
    answer = client.post("/v1/what-if", json=request)
    assert answer.status_code == 200, answer.text
    direct = what_if_person(
        request["events"], model, as_of=request["as_of"], use=request["use"],
        without=request["without"], add=request["add"], person_id=request["person_id"],
        updates=request["updates"], data_start=request["data_start"],
        person=person_of(request, request["person_id"]),
    )  # fmt: skip
    assert answer.json()["what_if"] == json.loads(direct.model_dump_json())


def test_two_threads_at_once_get_right_answers(client, request_for):
    requests = [request_for(number) for number in range(1, 13)]
    expected = [client.post("/v1/explain", json=request).json() for request in requests]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(3):
            got = pool.map(lambda body: client.post("/v1/explain", json=body).json(), requests)
            assert list(got) == expected


def test_people_without_an_estimate_are_rows_with_nulls(client, request_for):
    request = request_for(1)
    request["people"].append({"person_id": "unrecorded", "birth_year": 1980})
    request["person_ids"] += ["nobody", "unrecorded"]
    rows = client.post("/v1/score", json=request).json()["scores"][1:]
    assert [row["status"] for row in rows] == ["unknown person", "no record before as_of"]
    for row in rows:
        assert all(row[name] is None for name in NUMBERS) and row["band"] is None
        assert row["digest"] and row["as_of"] == "2023-01-01T00:00:00"


def test_the_model_says_who_it_is(client, model):
    told = client.get("/v1/model").json()
    assert told["digest"] == model.digest
    assert told["permitted_uses"] == ["prioritise"]
    assert told["expires"] == model.expires.isoformat()


def test_health_needs_no_key(app, client_of, model):
    anyone = client_of(app, {})
    assert anyone.get("/healthz").json() == {"status": "ok"}
    ready = anyone.get("/readyz").json()
    assert (ready["digest"], ready["stale_since"]) == (model.digest, None)


def test_an_expired_model_is_not_ready_and_does_not_answer(model, request_for, client_of, key):
    old = replace(model, expires=date.today() - timedelta(days=2))
    client = client_of(create_app(old, api_key=key))
    assert client.get("/readyz").status_code == 503
    for path in POSTS:
        answer = client.post(path, json=body_for(path, request_for(1)))
        assert answer.status_code == 403, answer.text
        assert answer.json()["error"]["type"] == "ModelExpiredError"


@pytest.mark.parametrize("path", ["/v1/model", *POSTS, "/v1/openapi.json", "/v1/docs", "/x", "/"])
def test_without_the_key_nothing_but_health_answers(app, client_of, key, path):
    for headers in ({}, {"X-API-Key": ""}, {"X-API-Key": key[:-1]}, {"X-API-Key": key + "x"}):
        answer = client_of(app, headers).get(path)
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "NotAllowed"


def test_the_pages_about_the_routes_are_open_where_it_was_said(model, client_of, key):
    anyone = client_of(create_app(model, api_key=key, open_docs=True), {})
    assert anyone.get("/v1/docs").status_code == 200
    assert "/v1/what-if" in anyone.get("/v1/openapi.json").json()["paths"]
    assert anyone.get("/v1/model").status_code == 401


def test_a_key_too_short_and_a_model_without_a_task_are_refused(model, key):
    with pytest.raises(RiskModelError, match="16"):
        create_app(model, api_key="short")
    with pytest.raises(RiskModelError, match="reload_seconds"):
        create_app(model, api_key=key, reload_seconds=0)
    priors = np.arange(300) % 7
    table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    plain = train(table, estimator=RepeatHarmEstimator(n_estimators=5), n_replicates=10)
    with pytest.raises(ModelMismatchError, match="ready-made"):
        create_app(plain, api_key=key)


def test_the_first_answer_is_made_before_somebody_asks(model, monkeypatch):
    made = []

    def answer(*given, **named):
        made.append(score_person(*given, **named))

    monkeypatch.setattr(answers, "score_person", answer)
    answers.warm_up(model)
    assert [reply.status for reply in made] == ["scored"]
    answers.warm_up(replace(model, expires=date.today() - timedelta(days=2)))  # it says so later


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


def repeat_first_event(request):
    request["events"].append(request["events"][0] | {"place": CANARY})


UPDATE = {"source_id": CANARY, "recorded_time": "2022-01-01", "evidence": "charge"}
SPELL = {"person_id": CANARY, "start": "2022-01-01", "recorded_time": "2022-01-01"}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    ("change", "named"),
    [
        (change_first_event(offence=CANARY), "offence"),
        (change_first_event(evidence=CANARY), "evidence"),
        (change_first_event(event_time=CANARY), "events[0].event_time"),
        (change_first_event(event_time=20220101), "events[0].event_time"),
        (change_first_event(event_time="1640995200"), "events[0].event_time"),
        (change_first_event(recorded_time="1850-01-01"), "recorded_time"),
        (change_first_event(recorded_time="1950-01-01"), "before it happened"),
        (change_first_event(recorded_time="2022-01-01T00:00Z"), "offset"),
        (change_first_event(source_id={"a": CANARY}), "events[0].source_id"),
        (change_first_event(source_id=True), "events[0].source_id"),
        (change_first_event(**{CANARY: 1}), "events[0]"),
        (change_first_event(place=CANARY * 200), "events[0].place"),
        (drop("offence"), "events[0].offence"),
        (repeat_first_event, "source_id"),
        (replace_part(as_of=CANARY), "as_of"),
        (replace_part(use=CANARY), "use"),
        (replace_part(missing=CANARY), "missing"),
        (replace_part(people=[{"person_id": CANARY, "ethnicity": CANARY}]), "people"),
        (replace_part(people=[{"person_id": CANARY, "birth_year": 1}]), "birth_year"),
        (replace_part(people=[{"person_id": CANARY}] * 2), "people.person_id"),
        (replace_part(groups=[{"person_id": CANARY}] * 2), "groups.person_id"),
        (replace_part(updates=[UPDATE]), "updates"),
        (replace_part(spells=[SPELL]), "spells"),
        (replace_part(events=[]), "events"),
        (replace_part(events=CANARY), "events"),
        (replace_part(**{CANARY: 1}), "body"),
    ],
)  # fmt: skip
def test_an_error_names_the_field_and_no_value(client, request_for, path, change, named):
    request = request_for(1)
    change(request)
    answer = client.post(path, json=body_for(path, request))
    assert answer.status_code in (403, 422), answer.text
    assert named in answer.text
    assert CANARY not in answer.text
    for row in request_for(1)["events"]:
        assert str(row["source_id"]) not in answer.text


@pytest.mark.parametrize(
    ("path", "change", "named"),
    [
        ("/v1/score", {"person_ids": [CANARY, CANARY]}, "listed more than once"),
        ("/v1/score", {"person_ids": [[CANARY]]}, "person_ids[0]"),
        ("/v1/explain", {"top": CANARY}, "top"),
        ("/v1/explain", {"top": True}, "top"),
        ("/v1/explain", {"top": 51}, "top"),
        ("/v1/what-if", {"without": [CANARY]}, "without"),
        ("/v1/what-if", {"without": CANARY}, "without"),
        ("/v1/what-if", {"add": [{"source_id": CANARY}]}, "add[0].offence"),
        ("/v1/what-if", {"person_id": CANARY}, "person"),
    ],
)
def test_each_route_names_what_only_it_takes(client, request_for, path, change, named):
    answer = client.post(path, json=body_for(path, request_for(1)) | change)
    assert answer.status_code == 422, answer.text
    assert named in answer.text and CANARY not in answer.text


MARKED = st.one_of(
    st.just(CANARY), st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False),
    st.just([CANARY]), st.just({CANARY: CANARY}), st.just("2022-01-01T00:00:00+01:00"),
)  # fmt: skip


@settings(max_examples=80)
@given(data=st.data())
def test_no_request_is_repeated_in_an_error(client, request_for, data):
    request = request_for(2)
    request["spells"] = [SPELL | {"person_id": request["person_ids"][0]}]
    for _ in range(data.draw(st.integers(1, 3))):
        part = data.draw(st.sampled_from(sorted(request)))
        if isinstance(request[part], list) and request[part] and data.draw(st.booleans()):
            row = data.draw(st.sampled_from(request[part]))
            if isinstance(row, dict):
                row[data.draw(st.sampled_from([*sorted(row), CANARY]))] = data.draw(MARKED)
        else:
            request[part] = data.draw(MARKED)
    for path in POSTS[:2]:
        answer = client.post(path, content=json.dumps(request), headers=JSON)
        assert answer.status_code in (200, 403, 422)
        if answer.status_code != 200:
            assert CANARY not in answer.text
            assert answer.json()["error"]["message"]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[" * 100_000, b"\xff", b'{"events": NaN}', b'{"use": "x", "use": "y"}',
        b'{"as_of": ' + b"9" * 5_000 + b"}", f'{{"a": "{CANARY}'.encode(),
        gzip.compress(b"{}", mtime=0), json.dumps({"events": [CANARY] * 4_000}).encode(),
        json.dumps({"events": [[[CANARY]]], "as_of": {"a": [CANARY]}}).encode(),
        json.dumps({"as_of": "\ud800", "use": "\ud800", "requested_by": "\ud800"}).encode(),
    ],
)  # fmt: skip
def test_hostile_bodies_have_typed_answers(client, path, body):
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert CANARY not in answer.text
    error = answer.json()["error"]
    assert error["type"] == "SchemaError" and error["fields"]


def test_limits_of_rows_people_and_bytes(model, request_for, client_of, key):
    small = Limits(rows=50, people=2, bytes=20_000)
    client = client_of(create_app(model, api_key=key, limits=small))
    answer = client.post("/v1/score", json=request_for(1, person_ids=[str(n) for n in range(60)]))
    assert answer.status_code == 422 and "at most 50" in answer.text
    answer = client.post("/v1/score", json=request_for(1, person_ids=["a", "b", "c"]))
    assert answer.status_code == 422 and "at most 2" in answer.text
    everyone = request_for(3)
    del everyone["person_ids"]
    answer = client.post("/v1/score", json=everyone)
    assert answer.status_code == 422 and "at most 2 are allowed at once" in answer.text
    answer = client.post("/v1/score", content=b" " * 20_001, headers=JSON)
    assert answer.status_code == 413 and answer.json()["error"]["type"] == "TooLarge"


@pytest.fixture
def logged(model, tmp_path, client_of, key):
    log = ScoreLog(tmp_path / "scores.jsonl", key=b"a secret of the force")
    return log, client_of(create_app(model, api_key=key, score_log=log))


def test_each_answer_is_logged_before_it_is_given(logged, request_for):
    log, client = logged
    request = request_for(2, requested_by="analyst 7")
    rows = client.post("/v1/score", json=request).json()["scores"]
    client.post("/v1/explain", json=request)
    client.post("/v1/what-if", json=for_one(request))
    assert log.verify().entries == 3
    first, second, third = log.entries_for(request["person_ids"][0])
    assert (first["who"], first["use"], third["who"]) == (
        "analyst 7", "prioritise", "analyst 7 (what-if)",
    )  # fmt: skip
    for entry in (first, second, third):
        (logged_row,) = entry["rows"]
        assert logged_row["probability"] == rows[0]["probability"]


def test_no_score_is_given_that_cannot_be_logged(logged, request_for, tmp_path):
    _, client = logged
    (tmp_path / "scores.jsonl").mkdir()
    for path in POSTS:
        answer = client.post(path, json=body_for(path, request_for(2)))
        assert answer.status_code == 503 and "scores" not in answer.json()
        assert answer.json()["error"]["type"] == "NotLoggedError"


def test_the_log_of_the_service_shows_nobody(client, request_for, caplog, app, monkeypatch):
    caplog.set_level(logging.DEBUG)
    request = request_for(1, as_of=CANARY)
    client.post(f"/v1/score?name={CANARY}", json=request)
    client.get(f"/{CANARY}")

    def fails(*_, **__):
        raise KeyError(CANARY)

    monkeypatch.setattr("riskmodel.serve.answers.score_person", fails)
    answer = client.post("/v1/score", json=request_for(1))
    assert answer.status_code == 500 and "KeyError" not in answer.text
    own = [line.getMessage() for line in caplog.records if line.name == "riskmodel.serve"]
    assert any(line.startswith("POST /v1/score 422") for line in own)
    assert any(line.startswith("KeyError in fails") for line in own)
    assert all(CANARY not in line for line in own)
