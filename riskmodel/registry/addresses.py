"""Names that are safe in paths and addresses: models, aliases, tracking stores."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from riskmodel.errors import RiskModelError

SCHEME = "models:"
DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_SERVERS = ("http", "https", "databricks")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_RESERVED = re.compile(r"latest|v[0-9]+", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A registered model by alias or by version; one of the two is empty."""

    name: str
    alias: str = ""
    version: str = ""

    def __str__(self) -> str:
        part = f"@{self.alias}" if self.alias else f"/{self.version}"
        return f"models:/{self.name}{part}"


def check_name(kind: str, name: object) -> str:
    """Return a name of letters, digits, - and _, or raise.

    Examples
    --------
    >>> check_name("model name", "repeat-harm")
    'repeat-harm'
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RiskModelError(
            f"That is no {kind}: allowed are up to 100 letters, digits, - and _, the first a "
            "letter or digit, such as repeat-harm."
        )
    return name


def check_alias(alias: object) -> str:
    """Return an alias, or raise; ``latest`` and ``v1`` would be read as versions."""
    checked = check_name("alias", alias)
    if _RESERVED.fullmatch(checked):
        raise RiskModelError(f"The alias {checked!r} is reserved: take a word such as champion.")
    return checked


def check_version(version: object) -> str:
    """Return a version as text, or raise unless it is a whole number from 1."""
    if not _VERSION.fullmatch(str(version)):
        raise RiskModelError("That is no version: a whole number from 1 is, as register returns.")
    return str(version)


def parse_source(source: str | os.PathLike[str]) -> Source | None:
    """Read ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``; None for anything else, a folder.

    Examples
    --------
    >>> parse_source("models:/repeat-harm@champion")
    Source(name='repeat-harm', alias='champion', version='')
    >>> parse_source("bundle") is None
    True
    """
    text = os.fspath(source)
    if not text.startswith(SCHEME):
        return None
    path = text.removeprefix(SCHEME).removeprefix("/")
    name, at, alias = path.partition("@")
    if at:
        return Source(check_name("model name", name), alias=check_alias(alias))
    name, _, version = path.partition("/")
    if not version:
        raise RiskModelError(
            "Give models:/NAME@ALIAS or models:/NAME/VERSION, such as models:/repeat-harm@champion."
        )
    return Source(check_name("model name", name), version=check_version(version))


def tracking_address(given: str | None) -> str:
    """Return the store's address: the argument, MLFLOW_TRACKING_URI, or ``mlflow.db`` here.

    Examples
    --------
    >>> tracking_address("https://mlflow.example/")
    'https://mlflow.example'
    """
    address = given or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path('mlflow.db')}"
    scheme = address.partition(":")[0].partition("+")[0]
    if scheme == "sqlite":
        return f"sqlite:///{_database_path(address).resolve()}"
    if scheme not in (*_SERVERS, *DATABASES):
        raise RiskModelError(
            "The tracking store must be a database or a server, and this address is neither "
            "(MLflow retired stores in plain folders and file: addresses). Give "
            "sqlite:///mlflow.db, a postgresql: address, or http(s):// of a tracking server."
        )
    return address.rstrip("/")


def database_file(address: str) -> Path | None:
    """Return the file of a sqlite address, None for any other."""
    return _database_path(address) if address.startswith("sqlite") else None


def artifact_home(address: str, name: str) -> str | None:
    """Return where a sqlite store keeps a model's files: ``mlartifacts`` beside the database.

    None for other stores: the server says where.
    """
    file = database_file(address)
    return None if file is None else (file.parent / "mlartifacts" / name).as_uri()


def shown(address: str) -> str:
    """Return the address without user, password and query, for messages and as a key.

    Examples
    --------
    >>> shown("https://me:secret@mlflow.example/team?token=1")
    'https://mlflow.example/team'
    >>> shown("sqlite:////srv/mlflow.db")
    'sqlite:////srv/mlflow.db'
    """
    if address.startswith("sqlite"):  # no server, no user: urlunsplit would drop two of its slashes
        return address.partition("?")[0]
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def without_secrets(address: str, text: str) -> str:
    """Return a text without the user and password of an address.

    Examples
    --------
    >>> without_secrets("https://me:secret@host", "no answer from https://me:secret@host/api")
    'no answer from https://host/api'
    """
    user, at, _ = urlsplit(address).netloc.rpartition("@")
    return text.replace(f"{user}{at}", "") if user else text


def _database_path(address: str) -> Path:
    path = unquote(address.partition(":")[2].partition("?")[0].removeprefix("///"))
    if not path or path == ":memory:" or path.startswith("//"):
        raise RiskModelError("A sqlite store needs a file, such as sqlite:///mlflow.db.")
    return Path(path)
