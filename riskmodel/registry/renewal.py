"""Whether a registered name has come to stand for another model than the one in use."""

from __future__ import annotations

import os

from riskmodel.errors import RiskModelError
from riskmodel.model.risk_model import RiskModel
from riskmodel.registry import addresses
from riskmodel.registry.cache import BundleCache
from riskmodel.registry.loading import open_if_moved
from riskmodel.registry.mlflow_registry import MlflowStore
from riskmodel.registry.stores import answered


def model_if_moved(
    source: str,
    model: RiskModel,
    *,
    public_key: str | os.PathLike[str] | None = None,
    tracking_uri: str | None = None,
    cache: str | os.PathLike[str] | None = None,
) -> RiskModel | None:
    """Return the model that a name stands for now; None where it is still `model`.

    Unlike `riskmodel.registry.load.load` it falls back on nothing: whoever has a model
    knows best what to do while the registry does not answer.

    Parameters
    ----------
    source : str
        A name in the registry.
    model : RiskModel
        The one in use.
    public_key : path, optional
        A bundle that this key has not signed is refused.
    tracking_uri, cache : optional
        As for `load`.

    Raises
    ------
    ModelExpiredError
        The alias was moved there by a waiver that has ended.
    ModelIntegrityError
        The bundle is not the one that was registered, or not signed by the key; nothing was parsed.
    RiskModelError
        The registry does not answer, or holds no such name.

    Examples
    --------
    ::

        newer = model_if_moved("models:/repeat-harm@champion", model)
    """
    registered = addresses.parse_source(source)
    if registered is None:
        raise RiskModelError("Only a name in the registry can move: give models:/NAME@ALIAS.")
    store = MlflowStore(addresses.tracking_address(tracking_uri))
    bundles = BundleCache(cache, require_signature=public_key is not None, public_key=public_key)
    with answered(store):
        return open_if_moved(registered, store, bundles, model)
