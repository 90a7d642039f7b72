"""A small model, requests about people of its world, and a client that calls in this process."""

import asyncio
import json

import httpx
import pandas as pd
import pytest

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.serve.app import create_app
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

KEY = "a key of the test, long enough"
AS_OF = "2023-01-01"


class Client:
    """Calls the application as a server would, in this process."""

    def __init__(self, app, headers=None):
        self.transport = httpx.ASGITransport(app)
        self.headers = headers

    def get(self, path, **given):
        return self.request("GET", path, **given)

    def post(self, path, **given):
        return self.request("POST", path, **given)

    def request(self, method, path, **given):
        return asyncio.run(self.send(method, path, **given))

    async def send(self, method, path, **given):
        address = "http://service"
        async with httpx.AsyncClient(
            transport=self.transport, base_url=address, headers=self.headers
        ) as client:
            return await client.request(method, path, **given)


@pytest.fixture(scope="session")
def key():
    return KEY


@pytest.fixture(scope="session")
def as_of():
    return AS_OF


@pytest.fixture(scope="session")
def client_of():
    """A client of an application, which gives the key unless told otherwise."""
    return lambda app, headers=None: Client(app, {"X-API-Key": KEY} if headers is None else headers)


@pytest.fixture(scope="session")
def model(small_world):
    task = Task(
        offences=small_world.offences,
        features=(
            Feature("count", 365),
            Feature("incidents", serious=True),
            Feature("days_since_last"),
            Feature("co_accused"),
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
def app(model):
    return create_app(model, api_key=KEY)


@pytest.fixture(scope="session")
def client(app, client_of):
    return client_of(app)


@pytest.fixture(scope="session")
def request_for(small_world):
    """A request with all that the world knows of its first `n` people with events, and others."""

    def build(n=3, **changes):
        histories = small_world.histories
        events = histories.events[histories.events["recorded_time"] < AS_OF]
        people = events["person_id"].drop_duplicates().iloc[:n]
        incidents = events.loc[events["person_id"].isin(people), "incident_id"]
        near = events["person_id"].isin(people) | events["incident_id"].isin(incidents)
        near = events[near].drop(columns="person_code")
        updates = histories.updates[histories.updates["source_id"].isin(near["source_id"])]
        return {
            "events": as_json(near),
            "updates": as_json(updates),
            "people": as_json(histories.people.loc[people].reset_index()),
            "as_of": AS_OF,
            "use": "prioritise",
            "person_ids": people.tolist(),
            "data_start": histories.data_start.isoformat(),
        } | changes

    return build


def as_json(frame: pd.DataFrame) -> list[dict]:
    return json.loads(frame.to_json(orient="records", date_format="iso", date_unit="us"))
