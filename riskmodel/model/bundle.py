"""Save, verify and load a model: one folder of text, and no pickle.

The order of a load: every digest is checked; only then is anything parsed; then the stored
self-test rows must score as they did when the model was made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np

from riskmodel.errors import ModelIntegrityError, SchemaError
from riskmodel.model.fallback_files import fallback_from_dict
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.manifest import Manifest, content_digest, read_verified
from riskmodel.model.reference import SelfTest, numbers_from_json
from riskmodel.model.risk_model import RiskModel, answers
from riskmodel.model.scorer_files import read_scorer
from riskmodel.model.strict_json import read_json
from riskmodel.model.thresholds import Thresholds
from riskmodel.snapshots.task import Task

PathLike = str | os.PathLike[str]

_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    SchemaError,
    TypeError,
    ValueError,
)
"""What reading, or asking, content that is no model can end in."""


def save_bundle(model: RiskModel, folder: PathLike) -> str:
    """Write `model` to `folder`, whole or not at all; an older bundle there is replaced.

    Returns
    -------
    str
        The digest: that of the model, and of whatever loads from there.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> X = pd.DataFrame({"priors": np.arange(200) % 7})
    >>> estimator = RepeatHarmEstimator(n_estimators=5)
    >>> table = Snapshots.from_table(X, X["priors"] > 4)
    >>> model = train(table, estimator=estimator, n_replicates=5)
    >>> folder = tempfile.mkdtemp() + "/bundle"
    >>> digest = save_bundle(model, folder)
    >>> verify_bundle(folder).digest == load_bundle(folder, digest).digest == digest
    True
    """
    return model.save(folder)


def verify_bundle(
    folder: PathLike,
    expected_digest: str | None = None,
    *,
    require_signature: bool = False,
    public_key: PathLike | None = None,
) -> Manifest:
    """Check every file of a bundle without parsing any but the manifest.

    Parameters
    ----------
    folder : path
    expected_digest : str, optional
        From the registry or the audit. Without it, or a key, a bundle swapped for another whole
        one passes.
    require_signature : bool
        Refuse a bundle that nobody signed; needs `public_key`.
    public_key : path, optional
        PEM file of the public half of the key that must have signed it.

    Returns
    -------
    Manifest

    Raises
    ------
    ModelIntegrityError
        Which file is missing, altered, too many or no plain file, and what to do.

    Examples
    --------
    >>> import tempfile
    >>> verify_bundle(tempfile.mkdtemp())
    Traceback (most recent call last):
    riskmodel.errors.ModelIntegrityError: The bundle can't be trusted: manifest.json is missing. ...
    """
    return read_verified(
        folder, expected_digest, require_signature=require_signature, public_key=public_key
    )[0]


def load_bundle(
    folder: PathLike,
    expected_digest: str | None = None,
    *,
    require_signature: bool = False,
    public_key: PathLike | None = None,
) -> RiskModel:
    """Verify, as `verify_bundle` does, parse, and run the self-test.

    Raises
    ------
    ModelIntegrityError
        Whatever is not as it was when the model was saved.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> priors = pd.Series(range(420)) % 7
    >>> rows = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> few_trees = RepeatHarmEstimator(n_estimators=5)
    >>> model = train(rows, estimator=few_trees, n_replicates=10)
    >>> folder = f"{tempfile.mkdtemp()}/bundle"
    >>> digest = save_bundle(model, folder)
    >>> load_bundle(folder, digest).name
    'repeat-harm'
    """
    manifest, files = read_verified(
        folder, expected_digest, require_signature=require_signature, public_key=public_key
    )
    model = READERS[manifest.format_number](manifest, files)
    _check_answers(model)
    model.__dict__["digest"] = manifest.digest
    return model


def _check_answers(model: RiskModel) -> None:
    try:
        with np.errstate(all="ignore"):  # numbers that can't be give answers that differ
            found = answers(model.scorer, model.baseline, model.fallback, model.self_test.rows)
        model.self_test.check(found)
    except _UNREADABLE as error:
        if isinstance(error, ModelIntegrityError):
            raise
        raise ModelIntegrityError(
            f"The bundle's digests are right, but its model can't answer ({type(error).__name__}). "
            "It was not written by riskmodel: do not use it."
        ) from error


def _read_early(_: Manifest, files: Mapping[str, bytes]) -> RiskModel:
    """Read a bundle from before its manifest said what it is."""
    with _refused_if_unreadable():
        return _parsed(files)


def _read_whole(manifest: Manifest, files: Mapping[str, bytes]) -> RiskModel:
    """Read a bundle whose manifest says what it is, and whose self-test says of what it is."""
    with _refused_if_unreadable():
        others = {name: text for name, text in files.items() if name != "self_test.json"}
        if read_json(files["self_test.json"]).get("of") != content_digest(others):
            raise ModelIntegrityError(
                "The bundle's self-test is of another content than lies beside it. "
                "It was not written by riskmodel: do not use it."
            )
        model = _parsed(files)
        if manifest.about != model.about():
            raise ModelIntegrityError(
                "The bundle's manifest tells of another content than lies beside it. "
                "It was not written by riskmodel: do not use it."
            )
        return model


@contextmanager
def _refused_if_unreadable() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        if isinstance(error, ModelIntegrityError):
            raise
        raise ModelIntegrityError(
            "The bundle's digests are right, but its content is no model of its format "
            f"({type(error).__name__}). It was not written by riskmodel: do not use it."
        ) from error


def _parsed(files: Mapping[str, bytes]) -> RiskModel:
    content = {
        name.removesuffix(".json"): read_json(text)
        for name, text in files.items()
        if name.endswith(".json")
    }
    trees = {name: text.decode("utf-8") for name, text in files.items() if ".txt" in name}
    return _model_of(content, trees)


READERS: Mapping[int, Callable[[Manifest, Mapping[str, bytes]], RiskModel]] = {
    1: _read_early,
    2: _read_early,
    3: _read_whole,
}
"""The reader of each format number; none is ever taken out."""


def _model_of(content: dict[str, Any], trees: dict[str, str]) -> RiskModel:
    described = content.pop("model")
    task = content.pop("task")
    settings = content.pop("estimator")
    scorer = read_scorer(settings, content.pop("calibration"), trees, content)
    fallback = content.pop("fallback", None)
    return RiskModel(
        scorer=scorer,
        fallback=fallback and fallback_from_dict(fallback, scorer.calibration),
        settings=settings["params"],
        task=None if task is None else Task.from_dict(task),
        baseline=LogisticBaseline.from_dict(content.pop("baseline")),
        thresholds=Thresholds.from_dict(content.pop("thresholds")),
        provenance=content.pop("provenance"),
        reference={
            name: numbers_from_json(values) for name, values in content.pop("reference").items()
        },
        self_test=SelfTest.from_dict(content.pop("self_test"), scorer.feature_names),
        **_described(described, unknown=[*content, *trees]),
    )


def _described(described: dict[str, Any], unknown: list[str]) -> dict[str, Any]:
    if unknown:
        raise ModelIntegrityError(
            f"The bundle lists {len(unknown)} files that its format does not have. "
            "It was not written by riskmodel: do not use it."
        )
    return {
        "name": described["name"],
        "permitted_uses": tuple(described["permitted_uses"]),
        "expires": date.fromisoformat(described["expires"]),
    }
