"""Names that cannot be paths, sources that say what they mean, stores that MLflow still takes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import RiskModelError
from riskmodel.registry.addresses import (
    Source,
    artifact_home,
    check_alias,
    check_name,
    check_version,
    database_file,
    parse_source,
    shown,
    tracking_address,
)


@given(st.text(max_size=20))
def test_a_name_that_passes_is_one_plain_part_of_a_path(text):
    try:
        name = check_name("model name", text)
    except RiskModelError as error:
        assert len(text) < 6 or text not in str(error)
    else:
        assert Path("/base", name).resolve().parent == Path("/base")
        assert name.isascii() and not set(name) & set("/\\.:@ \n")


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V22"])
def test_aliases_that_mlflow_reads_as_versions_are_refused(alias):
    with pytest.raises(RiskModelError, match="reserved"):
        check_alias(alias)


@pytest.mark.parametrize("version", ["0", "-1", "1.0", "../1", "", "1e3", None, "9" * 10])
def test_what_is_no_version(version):
    with pytest.raises(RiskModelError, match="whole number"):
        check_version(version)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("models:/m@champion", Source("m", alias="champion")),
        ("models:/m/12", Source("m", version="12")),
        ("folder/models", None),
        (Path("bundle"), None),
    ],
)
def test_sources(text, source):
    assert parse_source(text) == source
    if source:
        assert str(source) == text


@pytest.mark.parametrize(
    "text",
    ["models:/m", "models:/", "models:m/x", "models:/a/b/1", "models:/m@a/b", "models://m@a"],
)
def test_sources_that_mean_nothing(text):
    with pytest.raises(RiskModelError):
        parse_source(text)


def test_where_the_store_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking_address(None) == f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://there")
    assert tracking_address(None) == "http://there"
    assert tracking_address("sqlite:///here.db") == f"sqlite:///{tmp_path}/here.db"
    assert database_file(tracking_address("sqlite:///here.db")) == tmp_path / "here.db"
    assert artifact_home("http://there", "m") is None
    home = artifact_home(tracking_address("sqlite:///here.db"), "m")
    assert home == (tmp_path / "mlartifacts/m").as_uri()


@pytest.mark.parametrize("address", ["file:///x", "mlruns", "./mlruns", "sqlite://", "ftp://x"])
def test_stores_that_are_refused_with_what_to_give(address):
    with pytest.raises(RiskModelError, match=r"sqlite:///mlflow\.db"):
        tracking_address(address)


def test_a_password_is_not_shown():
    assert shown("postgresql://me:secret@db:5432/mlflow") == "postgresql://db:5432/mlflow"


def test_the_address_of_a_database_file_is_shown_as_it_can_be_typed():
    address = tracking_address("sqlite:///mlflow.db")
    assert shown(address) == address
    assert shown(f"{address}?key=secret") == address
