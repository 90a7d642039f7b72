"""What the rest of this stage asks of MLflow, so that one file alone has to import it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from riskmodel.errors import RiskModelError
from riskmodel.registry.addresses import shown, without_secrets
from riskmodel.registry.retries import retried


class PatientClient:
    """MLflow's client, each call of which is tried again where the store was only busy.

    Attributes
    ----------
    client : MlflowClient
    busy : function of an exception
        Whether it passes by itself.
    """

    def __init__(self, client: Any, busy: Callable[[Exception], bool]) -> None:
        self.client = client
        self.busy = busy

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)

        def tried(*given: Any, **named: Any) -> Any:
            return retried(lambda: method(*given, **named), self.busy)

        return tried


class Store(Protocol):
    """A tracking store with its registry."""

    address: str

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What is raised when the store, a version or a file is not there."""

    def client(self, *, create: bool = False) -> PatientClient:
        """Return a client; where `create` is true, a database that is not there is made."""

    def download(self, stored: str, folder: Path) -> Path:
        """Copy a stored file or folder into `folder`; return where it is now."""

    def log(
        self, run_id: str, figures: Mapping[str, float], settings: Mapping[str, str], folder: Path
    ) -> None:
        """Log metrics, parameters and the files of a folder to a run."""


@contextmanager
def answered(store: Store) -> Iterator[None]:
    """Turn what MLflow and its database raise into an error of this library."""
    try:
        yield
    except store.failures as error:
        raise RiskModelError(
            f"The registry at {shown(store.address)} refused: {said(store, error)}"
        ) from None  # its own traceback may show the address with its password


def said(store: Store, error: Exception) -> str:
    """Return the first line of what MLflow said, short and without a password."""
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {without_secrets(store.address, line)[:300]}"


def everything(search: Callable[..., Any], *criteria: Any, **named: Any) -> Iterator[Any]:
    """Yield all pages of one of MLflow's searches."""
    token = None
    while True:
        page = search(*criteria, **named, page_token=token)
        yield from page
        token = page.token
        if not token:
            return
