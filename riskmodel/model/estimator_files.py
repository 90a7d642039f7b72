"""The fitted estimator as text files, and back: trees as LightGBM writes them, the rest as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np

from riskmodel.errors import ModelIntegrityError, SchemaError
from riskmodel.model.bagging import HarmTrees
from riskmodel.model.calibration.reading import calibration_from_dict
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.manifest import json_bytes
from riskmodel.model.parts import PARTS, LogisticPart, Part, TreesPart

_HARM = "harm_trees.txt"
_MOST = 1_000  # files of a bundle


def estimator_files(estimator: RepeatHarmEstimator) -> dict[str, bytes]:
    """Return the estimator's files: settings, calibration, and its parts as text.

    Raises
    ------
    SchemaError
        Labels other than 0 and 1, or a random_state that is no whole number.
    """
    if list(estimator.classes_) != [0, 1]:
        raise SchemaError("model.estimator: a model to be stored must be fitted on labels 0 and 1")
    harm = estimator.harm_trees_
    settings = {
        "params": _plain_params(estimator),
        "feature_names": [str(name) for name in estimator.feature_names_in_],
        "margin_variance": estimator.margin_variance_,
        "parts": [
            {"name": name, "bags": part.n_bags, "slope": part.slope, "shift": part.shift}
            for name, part in estimator.parts_.items()
        ],
        "harm": None if harm is None else {"scale": harm.scale, "cap": harm.cap},
    }
    files = {
        "estimator.json": json_bytes(settings),
        "calibration.json": json_bytes(estimator.calibration_.to_dict()),
    }
    for name, part in estimator.parts_.items():
        files |= _part_files(name, part)
    return files if harm is None else files | {_HARM: _text(harm.booster)}


def read_estimator(
    settings: dict[str, Any],
    calibration: dict[str, Any],
    trees: dict[str, str],
    content: dict[str, Any],
) -> RepeatHarmEstimator:
    """Return the fitted estimator; takes what it uses out of `trees` and `content`.

    Parameters
    ----------
    settings, calibration : dict
        Of ``estimator.json`` and ``calibration.json``.
    trees : dict of str
        The texts, by file name.
    content : dict
        What the other JSON files hold, by file name without its ending.
    """
    estimator = RepeatHarmEstimator(**settings["params"])
    names = settings["feature_names"]
    estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator.n_features_in_ = len(names)
    estimator.classes_ = np.array([0.0, 1.0])
    estimator.margin_variance_ = float(settings["margin_variance"])
    estimator.calibration_ = calibration_from_dict(calibration)

    def tree(file: str) -> lgb.Booster:
        return _booster(trees.pop(file), len(names))

    estimator.parts_ = {
        part["name"]: _read_part(part, tree, content) for part in _parts_of(settings)
    }
    harm = settings["harm"]
    estimator.harm_trees_ = harm and HarmTrees(
        tree(_HARM), float(harm["scale"]), float(harm["cap"])
    )
    return estimator


def _plain_params(estimator: RepeatHarmEstimator) -> dict[str, Any]:
    params = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in estimator.get_params().items()
        if name != "n_jobs"  # of this machine, not of the model
    }
    if params["random_state"] is not None and type(params["random_state"]) is not int:
        raise SchemaError("model.estimator: random_state must be a whole number to be stored")
    for name in ("blend", "monotone"):
        params[name] = params[name] and dict(params[name])
    return params


def _file_names(name: str, bags: int) -> list[str]:
    stem, ending = ("trees", "txt") if name == "any" else (f"{name}_trees", "txt")
    if name == "logistic":
        stem, ending = name, "json"
    return [f"{stem}_{bag}.{ending}" for bag in range(bags)]


def _part_files(name: str, part: Part) -> dict[str, bytes]:
    if isinstance(part, LogisticPart):
        texts = [json_bytes(curve.to_dict()) for curve in part.curves]
    elif isinstance(part, TreesPart):
        texts = [_text(booster) for booster in part.boosters]
    else:
        raise SchemaError(f"model.estimator: a {type(part).__name__} can't be stored")
    return dict(zip(_file_names(name, len(texts)), texts, strict=True))


def _parts_of(settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the margin is made of; the first bundles had one part and did not say so."""
    parts: list[dict[str, Any]] = (
        settings["parts"]
        if "parts" in settings
        else [{"name": "any", "bags": settings["n_boosters"], "slope": 1.0, "shift": 0.0}]
    )
    _check_parts(parts)
    return parts


def _check_parts(parts: list[dict[str, Any]]) -> None:
    """Raise before a file is asked for that can't be, or without end."""
    names, bags = [part["name"] for part in parts], {part["bags"] for part in parts}
    known = all(name in PARTS for name in names) and len(set(names)) == len(names)
    if not known or len(bags) != 1 or not all(type(n) is int and 2 <= n <= _MOST for n in bags):
        raise ModelIntegrityError(
            f"The bundle's margin must be made of some of {', '.join(PARTS)}, each once and of "
            "equally many halves of the people, 2 or more. It was not written by riskmodel."
        )


def _read_part(
    described: dict[str, Any], tree: Callable[[str], lgb.Booster], content: dict[str, Any]
) -> Part:
    files = _file_names(described["name"], described["bags"])
    slope, shift = float(described["slope"]), float(described["shift"])
    if described["name"] == "logistic":
        stored = [content.pop(file.removesuffix(".json")) for file in files]
        curves = [LogisticBaseline.from_dict(curve) for curve in stored]
        return LogisticPart(curves=curves, slope=slope, shift=shift)
    return TreesPart(boosters=[tree(file) for file in files], slope=slope, shift=shift)


def _text(booster: lgb.Booster) -> bytes:
    text: str = booster.model_to_string()
    return text.encode("utf-8")


def _booster(text: str, n_features: int) -> lgb.Booster:
    booster = lgb.Booster(model_str=text)
    if booster.num_feature() != n_features:
        raise ModelIntegrityError("The bundle's trees have other features than the model says.")
    return booster
