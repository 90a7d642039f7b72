"""The model that answers now: another takes its place when the alias moves, and none is lost.

What an alias stands for is asked again and again. The new bundle is loaded and verified aside and
then put in place in one step: a request that has begun ends with the model it began with. Where
the registry does not answer, or what it holds cannot be verified, the last verified model goes on.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from riskmodel.errors import ModelExpiredError, RiskModelError
from riskmodel.late import late
from riskmodel.model.risk_model import RiskModel
from riskmodel.registry.load import load
from riskmodel.serve.failures import LOG, note_failure

if TYPE_CHECKING:
    from riskmodel.registry import renewal
else:
    renewal = late("riskmodel.registry.renewal")  # a folder is served without MLflow


@dataclass(frozen=True)
class Stale:
    """Since when it is unknown whether the model is still the one that the alias stands for."""

    since: datetime
    kind: str


class ServedModel:
    """A model, and how to hear of its successor.

    Parameters
    ----------
    source : RiskModel, folder, or ``models:/NAME@ALIAS``
        Only a name in the registry can come to stand for another model.
    public_key : path, optional
        PEM file: a bundle that this key has not signed is refused, now and when the alias moves.
    tracking_uri, cache : optional
        As for `riskmodel.registry.load.load`.

    Raises
    ------
    ModelMismatchError
        The model was trained on a ready-made table and reads no histories.
    RiskModelError
        It does not load.
    """

    def __init__(
        self,
        source: RiskModel | str | os.PathLike[str],
        *,
        public_key: str | os.PathLike[str] | None = None,
        tracking_uri: str | None = None,
        cache: str | os.PathLike[str] | None = None,
    ) -> None:
        self._public_key, self._tracking_uri, self._cache = public_key, tracking_uri, cache
        self._source = source if isinstance(source, str) and source.startswith("models:") else None
        self._model = (
            source
            if isinstance(source, RiskModel)
            else load(
                source,
                require_signature=public_key is not None,
                public_key=public_key,
                tracking_uri=tracking_uri,
                cache=cache,
            )
        )
        self._model.required_task  # noqa: B018  # a model without one is refused here
        self._ended: ModelExpiredError | None = None
        self.stale: Stale | None = None

    @property
    def current(self) -> RiskModel:
        """The model that answers.

        Raises
        ------
        ModelExpiredError
            The waiver by which the alias was moved there has ended.
        """
        if self._ended is not None:
            raise ModelExpiredError(str(self._ended))
        return self._model

    def look(self) -> bool:
        """Ask what the name stands for; take the new model if it has moved, and say so."""
        if self._source is None:
            return False
        try:
            moved = renewal.model_if_moved(
                self._source,
                self._model,
                public_key=self._public_key,
                tracking_uri=self._tracking_uri,
                cache=self._cache,
            )
            if moved is not None:
                moved.required_task  # noqa: B018
        except ModelExpiredError as error:
            self._end(error)
            return False
        except RiskModelError as error:
            self._keep(error)
            return False
        self._ended = self.stale = None
        if moved is None:
            return False
        LOG.info("%s: version %s takes over, %s", self._source, moved.version, moved.digest)
        self._model = moved
        return True

    async def watch(self, seconds: float) -> None:
        """Look at once, and again each time so many seconds have passed."""
        while self._source is not None:
            try:
                await asyncio.to_thread(self.look)
            except Exception as error:  # looked at again next time
                note_failure(error)
                self._keep(error)
            await asyncio.sleep(seconds)

    def _keep(self, error: Exception) -> None:
        if self.stale is None:
            self.stale = Stale(datetime.now(UTC), type(error).__name__)
            reason = str(error) if isinstance(error, RiskModelError) else type(error).__name__
            LOG.warning("version %s goes on serving: %s", self._model.version, reason)

    def _end(self, error: ModelExpiredError) -> None:
        if self._ended is None:
            LOG.error("no score is given any more: %s", error)
        self._ended = error
