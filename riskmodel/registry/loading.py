"""From a registered name to a verified model, also on a day when the registry does not answer."""

from __future__ import annotations

import warnings
from typing import Any

from riskmodel.errors import FallbackWarning, ModelIntegrityError, RiskModelError
from riskmodel.model.risk_model import RiskModel
from riskmodel.registry.addresses import Source, shown
from riskmodel.registry.cache import BundleCache, Remembered, check_digest
from riskmodel.registry.gates import WAIVER_TAG, check_in_force
from riskmodel.registry.stores import Store, said


def open_registered(
    source: Source, store: Store, bundles: BundleCache, expected_digest: str | None
) -> RiskModel:
    """Return the model that `source` stands for, or the last that was verified here."""
    try:
        found, model = _from_registry(source, store, bundles, expected_digest)
    except store.failures as error:
        found, model = _verified_before(source, store, bundles, expected_digest, error)
    if source.alias:
        check_in_force(found.verdict, found.waiver_expires)
    return model.with_version(found.version)


def _find(store: Store, source: Source) -> Any:
    client = store.client()
    if source.alias:
        return client.get_model_version_by_alias(source.name, source.alias)
    return client.get_model_version(source.name, source.version)


def open_if_moved(
    source: Source, store: Store, bundles: BundleCache, model: RiskModel
) -> RiskModel | None:
    """Return the model that `source` stands for now; None where it is still `model`."""
    version = _find(store, source)
    found = _remembered(version)
    if source.alias:
        check_in_force(found.verdict, found.waiver_expires)
    if (found.digest, found.version) == (model.digest, model.version):
        return None
    return _opened(version, found, source, store, bundles).with_version(found.version)


def _remembered(version: Any) -> Remembered:
    tags = version.tags
    return Remembered(
        digest=check_digest(tags.get("riskmodel.digest")),
        version=str(version.version),
        verdict=tags.get("riskmodel.verdict", ""),
        waiver_expires=tags.get(f"{WAIVER_TAG}expires", ""),
    )


def _opened(
    version: Any, found: Remembered, source: Source, store: Store, bundles: BundleCache
) -> RiskModel:
    model = bundles.open(found.digest) or bundles.add(
        found.digest, lambda folder: store.download(version.source, folder)
    )
    bundles.remember(store.address, source, found)
    return model


def _from_registry(
    source: Source, store: Store, bundles: BundleCache, expected_digest: str | None
) -> tuple[Remembered, RiskModel]:
    version = _find(store, source)
    found = _remembered(version)
    _check_expected(found.digest, expected_digest)
    return found, _opened(version, found, source, store, bundles)


def _verified_before(
    source: Source,
    store: Store,
    bundles: BundleCache,
    expected_digest: str | None,
    error: Exception,
) -> tuple[Remembered, RiskModel]:
    why = f"{source} could not be had from {shown(store.address)} ({said(store, error)})"
    found = bundles.recall(store.address, source)
    if found is not None:
        _check_expected(found.digest, expected_digest)
    model = None if found is None else bundles.open(found.digest)
    if found is None or model is None:
        raise RiskModelError(
            f"{why}, and no bundle was verified here under that name before. Check the address, "
            "the name and the alias; a bundle's folder can be loaded without a registry."
        ) from None  # its own traceback may show the address with its password
    warnings.warn(
        f"{why}. Version {found.version} ({found.digest[:12]}...), the last that was verified on "
        "this machine under that name, serves in its place: it may not be the newest.",
        FallbackWarning,
        stacklevel=5,
    )
    return found, model


def _check_expected(digest: str, expected_digest: str | None) -> None:
    if expected_digest is not None and digest != expected_digest:
        raise ModelIntegrityError(
            f"The registry says {digest}, and {expected_digest} was expected. Nothing was parsed."
        )
