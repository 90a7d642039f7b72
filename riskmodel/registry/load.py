"""load(): a verified model from a folder, or from a registry by name.

From a folder nothing of MLflow is imported, nor anything else that one person's score can do
without.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from riskmodel.late import late
from riskmodel.model.bundle import load_bundle
from riskmodel.model.risk_model import RiskModel
from riskmodel.registry.addresses import parse_source, tracking_address

if TYPE_CHECKING:
    from riskmodel.registry import cache as caches
    from riskmodel.registry import loading, mlflow_registry
else:
    caches = late("riskmodel.registry.cache")
    loading = late("riskmodel.registry.loading")
    mlflow_registry = late("riskmodel.registry.mlflow_registry")


def load(
    source: str | os.PathLike[str],
    *,
    expected_digest: str | None = None,
    require_signature: bool = False,
    public_key: str | os.PathLike[str] | None = None,
    tracking_uri: str | None = None,
    cache: str | os.PathLike[str] | None = None,
) -> RiskModel:
    """Return a verified model from ``models:/NAME@ALIAS``, ``models:/NAME/VERSION`` or a folder.

    Parameters
    ----------
    source : str or path
    expected_digest : str, optional
        From the audit, say: trusts neither the store nor the cache.
    require_signature : bool
        Refuse a bundle that nobody signed; needs `public_key`.
    public_key : path, optional
        PEM file of the public half of the key that must have signed it.
    tracking_uri : str, optional
        See the top of `riskmodel.registry.mlflow_registry`.
    cache : path, optional
        Where verified bundles are kept: RISKMODEL_CACHE, else ``~/.cache/riskmodel``.

    Raises
    ------
    ModelIntegrityError
        The bundle is not the one that was registered, or not signed as asked; nothing was parsed.
    ModelExpiredError
        The alias was moved there by a waiver that has ended.
    RiskModelError
        The registry does not answer, and nothing was verified here before.

    Warns
    -----
    FallbackWarning
        The registry does not answer, or the version is gone: the bundle that was verified here
        last under this name serves.

    Examples
    --------
    ::

        model = rm.load("models:/repeat-harm@champion")
        model = rm.load("bundle")
    """
    registered = parse_source(source)
    if registered is None:
        return load_bundle(
            source, expected_digest, require_signature=require_signature, public_key=public_key
        )
    store = mlflow_registry.MlflowStore(tracking_address(tracking_uri))
    bundles = caches.BundleCache(cache, require_signature=require_signature, public_key=public_key)
    return loading.open_registered(registered, store, bundles, expected_digest)
