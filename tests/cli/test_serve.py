"""``riskmodel serve``: what is typed reaches the service, and what cannot be is said."""

import pytest

from riskmodel.cli import serve as command
from riskmodel.scoring.log.score_log import ScoreLog

KEY = "a secret of the force"


@pytest.fixture
def served(monkeypatch, tmp_path):
    """What the service was started with; it does not run."""
    started = {}
    monkeypatch.setattr(command, "serve", lambda model, **given: started.update(given, model=model))
    monkeypatch.setenv("RISKMODEL_LOG_KEY", KEY)
    (tmp_path / "bundle").mkdir()
    return started


def test_what_is_typed_reaches_the_service(riskmodel_cli, served, tmp_path):
    log = tmp_path / "scores.jsonl"
    answer = riskmodel_cli(
        *("serve", tmp_path / "bundle", "--port", 8080, "--log", log, "--reload-seconds", 5)
    )
    assert answer.code == 0, answer.err
    assert isinstance(served.pop("score_log"), ScoreLog)
    assert served == {
        "model": str(tmp_path / "bundle"), "host": "127.0.0.1", "port": 8080,
        "allow_remote": False, "open_docs": False, "reload_seconds": 5, "tracking_uri": None,
        "public_key": None,
    }  # fmt: skip
    assert KEY not in answer.out + answer.err


def test_a_name_of_the_registry_is_taken_as_it_is(riskmodel_cli, served):
    store = "sqlite:///mlflow.db"
    answer = riskmodel_cli("serve", "models:/repeat-harm@champion", "--store", store)
    assert answer.code == 0 and "no log of scores" in answer.err
    assert (served["model"], served["tracking_uri"]) == ("models:/repeat-harm@champion", store)
    assert served["score_log"] is None


def test_a_log_needs_a_key_and_a_bundle_has_to_be_there(
    riskmodel_cli, served, tmp_path, monkeypatch
):
    monkeypatch.delenv("RISKMODEL_LOG_KEY")
    answer = riskmodel_cli("serve", tmp_path / "bundle", "--log", tmp_path / "scores.jsonl")
    assert answer.code == 1 and "RISKMODEL_LOG_KEY" in answer.err
    answer = riskmodel_cli("serve", tmp_path / "nothing")
    assert answer.code == 1 and "No such bundle folder" in answer.err
    assert not served
