"""Requests made up from the OpenAPI document, good and bad: no answer is a surprise."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

ROUTES = [
    ("POST", "/v1/score"),
    ("POST", "/v1/explain"),
    ("POST", "/v1/what-if"),
    ("GET", "/v1/model"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
]
load_all_checks()
LEFT_OUT = {
    # records have rules that no schema can say: recorded after it happened, known offences
    "positive_data_acceptance",
}
TRIED = CHECKS.get_by_names([name for name in CHECKS.get_all_names() if name not in LEFT_OUT])


@pytest.fixture(scope="session")
def described(app, key):
    return schemathesis.openapi.from_asgi("/v1/openapi.json", app, headers={"X-API-Key": key})


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [(*route, GenerationMode.POSITIVE) for route in ROUTES]
    + [(*route, GenerationMode.NEGATIVE) for route in ROUTES if route[0] == "POST"],
)
def test_no_made_up_request_surprises(described, key, method, path, mode):
    operation = described[path][method]

    @settings(
        max_examples=25,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case):
        case.call_and_validate(headers={"X-API-Key": key}, checks=TRIED)

    tried()


def test_every_route_is_tried(described):
    found = {
        (found.ok().method.upper(), found.ok().path) for found in described.get_all_operations()
    }
    assert found == set(ROUTES)
