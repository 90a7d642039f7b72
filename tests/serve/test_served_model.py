"""The served model follows its alias, and outlives its registry."""

import asyncio
import shutil
import threading
import warnings
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from riskmodel.audit.policies.verdicts import PASS
from riskmodel.errors import (
    FallbackWarning,
    ModelExpiredError,
    ModelIntegrityError,
    RiskModelError,
)
from riskmodel.model.bundle import load_bundle, save_bundle
from riskmodel.model.signatures import SigningKey
from riskmodel.model.signing import sign_bundle
from riskmodel.registry.mlflow_registry import MlflowStore
from riskmodel.registry.renewal import model_if_moved
from riskmodel.serve import served_model
from riskmodel.serve.app import create_app
from riskmodel.serve.served_model import ServedModel

NAME = "models:/served@champion"


@pytest.fixture(scope="module")
def models(model):
    """The same model under two names: other digests, the same numbers."""
    return model, replace(model, name="its successor")


@pytest.fixture(scope="module")
def filled(models, tmp_path_factory):
    """A registry with two versions, as `register` would leave them.

    The first is the champion, and the only one that somebody signed.
    """
    folder = tmp_path_factory.mktemp("filled")
    client = MlflowStore(f"sqlite:///{folder}/mlflow.db").client(create=True)
    client.create_registered_model("served")
    for number, model in enumerate(models, start=1):
        bundle = folder / f"bundle-{number}"
        digest = save_bundle(model, bundle)
        tags = {"riskmodel.digest": digest, "riskmodel.verdict": PASS}
        client.create_model_version("served", bundle.as_uri(), tags=tags)
    client.set_registered_model_alias("served", "champion", "1")
    SigningKey.make(folder / "signer.pem", folder / "signer.pub.pem")
    sign_bundle(folder / "bundle-1", folder / "signer.pem")
    return folder


class Registry:
    """A registry of its own, and what can happen to it."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder, self.cache = folder, cache
        self.address = f"sqlite:///{folder}/mlflow.db"
        self.given = {"tracking_uri": self.address, "cache": cache}

    @property
    def client(self):
        return MlflowStore(self.address).client()

    def move_alias(self, version):
        self.client.set_registered_model_alias("served", "champion", str(version))


@pytest.fixture
def registry(filled, tmp_path):
    shutil.copytree(filled, tmp_path / "store")
    return Registry(tmp_path / "store", tmp_path / "cache")


def test_the_alias_is_followed(registry, models):
    served = ServedModel(NAME, **registry.given)
    assert (served.current.digest, served.current.version) == (models[0].digest, "1")
    assert served.look() is False
    registry.move_alias(2)
    before = served.current
    assert served.look() is True
    assert (served.current.digest, served.current.version) == (models[1].digest, "2")
    assert before.digest == models[0].digest  # whoever began with it ends with it
    assert served.look() is False and served.stale is None
    registry.move_alias(1)
    assert served.look() is True and served.current.version == "1"


def test_a_registry_that_is_gone_leaves_the_last_verified_model(registry, models, caplog):
    served = ServedModel(NAME, **registry.given)
    shutil.rmtree(registry.folder)
    assert served.look() is False
    since = served.stale.since
    assert served.current.digest == models[0].digest
    assert served.look() is False and served.stale.since == since
    assert caplog.text.count("goes on serving") == 1
    with pytest.warns(FallbackWarning):  # even after the process was started anew
        again = ServedModel(NAME, **registry.given)
    assert again.current.digest == models[0].digest
    with pytest.raises(RiskModelError, match="refused"):
        model_if_moved(NAME, served.current, **registry.given)


def test_an_alias_that_is_gone_leaves_the_model_and_comes_back(registry, models):
    served = ServedModel(NAME, **registry.given)
    registry.client.delete_registered_model_alias("served", "champion")
    assert served.look() is False and served.stale.kind == "RiskModelError"
    registry.move_alias(2)
    assert served.look() is True
    assert served.stale is None and served.current.digest == models[1].digest


def test_a_bundle_that_was_altered_never_takes_over(registry, models, filled):
    served = ServedModel(NAME, **registry.given)
    stored = Path(registry.client.get_model_version("served", "2").source.removeprefix("file://"))
    assert stored.is_relative_to(filled)
    kept = shutil.copytree(stored, registry.folder / "kept")
    try:
        some = next(path for path in stored.iterdir() if path.name != "manifest.json")
        some.write_bytes(some.read_bytes() + b" ")
        registry.move_alias(2)
        assert served.look() is False
    finally:
        shutil.rmtree(stored)
        shutil.copytree(kept, stored)
    assert served.current.digest == models[0].digest
    assert served.stale.kind == "ModelIntegrityError"
    assert served.look() is True and served.stale is None


def test_a_bundle_that_nobody_signed_never_takes_over(registry, models):
    key = registry.folder / "signer.pub.pem"
    served = ServedModel(NAME, public_key=key, **registry.given)
    registry.move_alias(2)
    assert served.look() is False and served.stale.kind == "ModelIntegrityError"
    assert served.current.digest == models[0].digest
    with pytest.raises(ModelIntegrityError):
        ServedModel(NAME, public_key=key, **registry.given)


def test_a_waiver_that_ends_ends_the_answers(registry):
    served = ServedModel(NAME, **registry.given)

    def waive_until(day):
        tag = "riskmodel.waiver.expires"
        registry.client.set_model_version_tag("served", "1", tag, day.isoformat())

    waive_until(date.today() - timedelta(days=2))
    assert served.look() is False
    with pytest.raises(ModelExpiredError, match="waiver"):
        _ = served.current
    waive_until(date.today() + timedelta(days=2))
    assert served.look() is False
    assert served.current.version == "1"


def test_a_folder_and_a_model_are_never_looked_for(model, tmp_path):
    save_bundle(model, tmp_path / "bundle")
    for source in (tmp_path / "bundle", str(tmp_path / "bundle"), model):
        served = ServedModel(source)
        shutil.rmtree(tmp_path / "bundle", ignore_errors=source is model)
        assert served.look() is False and served.current.digest == model.digest
        asyncio.run(served.watch(0.01))  # ends at once
        if source is not model:
            save_bundle(model, tmp_path / "bundle")
    with pytest.raises(RiskModelError, match="models:/NAME@ALIAS"):
        model_if_moved("bundle", model)


def test_requests_in_flight_end_with_the_model_that_they_began_with(
    registry, models, request_for, client_of, key, monkeypatch
):
    """One request is held inside while the alias moves; the next one has the new model."""
    served = ServedModel(NAME, **registry.given)
    client = client_of(create_app(served, api_key=key))
    inside, goes_on = threading.Event(), threading.Event()
    from riskmodel.serve import service

    def held(model, request, **given):
        inside.set()
        assert goes_on.wait(20)
        return score_people(model, request, **given)

    score_people = service.score_people
    monkeypatch.setattr(service, "score_people", held)
    answers = []
    one = threading.Thread(
        target=lambda: answers.append(client.post("/v1/score", json=request_for(1)).json())
    )
    one.start()
    assert inside.wait(20)
    registry.move_alias(2)
    assert served.look()
    goes_on.set()
    one.join(20)
    after = client.post("/v1/score", json=request_for(1)).json()
    said = [row["digest"] for answer in (answers[0], after) for row in answer["scores"]]
    assert said == [models[0].digest, models[1].digest]


def test_the_service_watches_and_says_since_when_it_is_stale(registry, models, client_of, key):
    served = ServedModel(NAME, **registry.given)
    app = create_app(served, api_key=key, reload_seconds=0.05)
    client = client_of(app)

    async def until(met):
        for _ in range(400):
            answer = (await client.send("GET", "/readyz")).json()
            if met(answer):
                return answer
            await asyncio.sleep(0.025)
        raise AssertionError("it never came to that")

    async def living():
        async with app.router.lifespan_context(app):
            await until(lambda ready: ready["version"] == "1" and ready["stale_since"] is None)
            await asyncio.to_thread(registry.move_alias, 2)
            await until(lambda ready: ready["digest"] == models[1].digest)
            shutil.rmtree(registry.folder)
            return await until(lambda ready: ready["stale_since"] is not None)

    ready = asyncio.run(living())
    assert (ready["status"], ready["version"]) == ("ready", "2")


def test_a_mistake_while_looking_does_not_end_the_watch(registry, models, monkeypatch):
    served, looks = ServedModel(NAME, **registry.given), []

    def fails(*_, **__):
        looks.append(1)
        raise MemoryError("not of this library")

    monkeypatch.setattr(served_model.renewal, "model_if_moved", fails)

    async def a_while():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(served.watch(0.01), 0.3)

    asyncio.run(a_while())
    assert len(looks) > 1 and served.stale.kind == "MemoryError"
    assert served.current.digest == models[0].digest


def test_what_was_saved_is_what_is_served(model, tmp_path):
    digest = save_bundle(model, tmp_path / "bundle")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ServedModel(tmp_path / "bundle").current.digest == digest
    assert load_bundle(tmp_path / "bundle").digest == digest
