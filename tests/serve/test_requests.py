"""What is said of a body that a route does not take: the field, the rule, and no more."""

import json

import pytest

from riskmodel.errors import SchemaError
from riskmodel.serve.failures import BadRequestError
from riskmodel.serve.requests import ExplainRequest, ScoreRequest, read_request

EVENT = {
    "source_id": "1",
    "event_time": "2020-01-01",
    "recorded_time": "2020-01-02",
    "offence": "105A",
}
BODY = {"events": [EVENT], "as_of": "2021-01-01", "use": "prioritise"}
CANARY = "Canary-Person-7431"


def read(body, kind=ScoreRequest, **limits):
    given = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_request(kind, given, **{"max_rows": 100, "max_people": 10} | limits)


def refused(body, kind=ScoreRequest):
    with pytest.raises(BadRequestError) as caught:
        read(body, kind)
    said = {problem.field: problem.problem for problem in caught.value.fields}
    assert CANARY not in str(said)
    return said


def test_a_body_is_read_with_what_it_left_unsaid():
    request = read(BODY)
    assert (request.missing, request.requested_by, request.person_ids) == ("fallback", "api", None)
    assert read(BODY, ExplainRequest).top == 5
    assert "person_id" not in request.events[0]


@pytest.mark.parametrize("body", [b"", b"{", b'{"as_of": NaN}', b"\xff", b'{"a": 1, "a": 2}'])
def test_what_is_no_json_is_said_to_be_none(body):
    assert list(refused(body)) == ["body"]


@pytest.mark.parametrize("body", [[], [BODY], CANARY, None, 7])
def test_only_an_object_is_a_request(body):
    assert list(refused(body)) == ["body"]


def test_all_problems_are_named_and_a_flood_of_them_is_counted():
    events = [EVENT | {"offence": None}, EVENT | {CANARY: 1}, EVENT | {"event_time": [CANARY]}]
    said = refused(BODY | {"events": events, "use": "", CANARY: [CANARY]})
    assert set(said) == {"events[0].offence", "events[1]", "events[2].event_time", "use", "body"}
    flood = refused(BODY | {"events": [CANARY] * 90})
    assert len(flood) == 51 and flood["body"] == "40 more problems"


def test_too_much_is_counted_before_it_is_read():
    with pytest.raises(SchemaError, match="101 rows"):
        read(BODY | {"events": [CANARY] * 101})
    with pytest.raises(SchemaError, match="11 people"):
        read(BODY | {"person_ids": [str(number) for number in range(11)]})


def test_numbers_stay_whole():
    assert read(BODY | {"events": [EVENT | {"source_id": 2**70}]}).events[0]["source_id"] == str(
        2**70
    )
    assert "events[0].source_id" in refused(BODY | {"events": [EVENT | {"source_id": 1e300}]})
    assert "top" in refused(BODY | {"top": "5"}, ExplainRequest)
