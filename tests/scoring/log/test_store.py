"""An address and the store that it means."""

from pathlib import Path

import pytest

from riskmodel.errors import RiskModelError
from riskmodel.scoring.log.file_store import FileStore
from riskmodel.scoring.log.store import store_at
from riskmodel.scoring.log.table_store import TableStore


@pytest.mark.parametrize("path", ["scores.jsonl", "sqlite.jsonl", Path("a") / "b", "C:/scores"])
def test_what_has_no_scheme_is_a_file(path):
    store = store_at(path)
    assert isinstance(store, FileStore)
    assert store.shown == str(Path(path))


def test_what_has_one_is_a_database(tmp_path):
    assert isinstance(store_at(f"sqlite:///{tmp_path}/scores.db"), TableStore)


@pytest.mark.parametrize(
    "address",
    [
        "https://me:hunter2@host/log",
        "mysql://me:hunter2@host/log",
        "nothing://me:hunter2@host",
        "postgresql+nothing://me:hunter2@host/log",
        "postgresql://me:hunter2@host:port/log",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:scores.db?uri=true",
        "://",
    ],
)
def test_what_can_hold_no_log_is_refused_and_no_password_is_repeated(address):
    with pytest.raises(RiskModelError) as refused:
        store_at(address)
    said = str(refused.value)
    assert "hunter2" not in said and "me:" not in said
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
