"""The routes as they are described, and the page that asks nobody else for anything."""

import re
from html.parser import HTMLParser

import pytest
from jsonschema_rs import Draft202012Validator, meta

from riskmodel.scoring.reply import ScoreReply
from riskmodel.serve.openapi import page

POSTS = ("/v1/score", "/v1/explain", "/v1/what-if")


@pytest.fixture(scope="module")
def document(client):
    return client.get("/v1/openapi.json").json()


def schema_of(document, name):
    return {"$ref": f"#/components/schemas/{name}", "components": document["components"]}


def test_every_answer_is_described(document):
    for path in POSTS:
        route = document["paths"][path]["post"]
        statuses = {"200", "400", "401", "403", "408", "413", "415", "422", "500", "503"}
        assert set(route["responses"]) == statuses
        assert route["security"] == [{"APIKeyHeader": []}]
        for reply in route["responses"].values():
            assert reply["content"]["application/json"]["schema"]["$ref"]
    assert set(document["paths"]) == {*POSTS, "/v1/model", "/healthz", "/readyz"}


def test_every_reference_leads_somewhere(document):
    found = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))
    assert found == set(document["components"]["schemas"])
    for name, schema in document["components"]["schemas"].items():
        assert meta.is_valid(schema), name


def test_the_reply_is_that_of_the_library(document):
    own = ScoreReply.model_json_schema()
    assert set(document["components"]["schemas"]["ScoreReply"]["properties"]) == set(
        own["properties"]
    )


@pytest.mark.parametrize(("path", "top"), [("/v1/score", {}), ("/v1/explain", {"top": 5})])
def test_requests_and_answers_are_as_described(document, client, request_for, path, top):
    request = request_for(3, **top)
    name = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body = Draft202012Validator(schema_of(document, name["$ref"].rpartition("/")[2]))
    body.validate(request)
    answer = client.post(path, json=request).json()
    Draft202012Validator(schema_of(document, "ScoreAnswer")).validate(answer)
    failure = client.post(path, json=request | {"as_of": 1}).json()
    Draft202012Validator(schema_of(document, "FailureReply")).validate(failure)


class Outward(HTMLParser):
    """Gathers what a page would fetch or run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("script", "iframe", "img", "link", "object", "embed", "form", "base"):
            self.found.append(tag)
        if not given.get("href", "#").startswith("#"):
            self.found.append(given["href"])
        self.found += [name for name in given if name.startswith("on") or name == "src"]


def test_the_page_asks_nobody_for_anything(client, document):
    answer = client.get("/v1/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    reader = Outward()
    reader.feed(answer.text)
    assert reader.found == []
    assert "@import" not in answer.text and "url(" not in answer.text
    for name in (*document["paths"], *document["components"]["schemas"]):
        assert name in answer.text
    for link in re.findall(r'href="#(\w+)"', answer.text):
        assert f'id="{link}"' in answer.text


def test_the_page_shows_text_as_text(document):
    loud = "<script>alert(1)</script>"
    changed = document | {"info": {"title": loud, "version": "1", "description": loud}}
    assert loud not in page(changed) and "&lt;script&gt;" in page(changed)
