"""A scorer as text files, and back: trees as LightGBM writes them, the rest as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from riskmodel.errors import ModelIntegrityError, SchemaError
from riskmodel.model.calibration.reading import calibration_from_dict
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.parts import PARTS, HarmTrees, LogisticPart, Part, TreesPart
from riskmodel.model.scorer import Scorer
from riskmodel.model.strict_json import json_bytes
from riskmodel.model.trees.trees import Trees

_HARM = "harm_trees.txt"
_MOST = 1_000  # files of a bundle

PARAMETERS = frozenset(
    {"n_estimators", "learning_rate", "num_leaves", "min_child_samples", "reg_lambda"}
    | {"feature_fraction", "max_bin", "n_bags", "blend", "monotone", "logistic_l2"}
    | {"harm_cap_quantile", "tweedie_power", "calibration", "random_state"}
)
"""Of the estimator, all but n_jobs: nothing heavy is imported to know them."""


def scorer_files(scorer: Scorer, params: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of a scorer, with the parameters of the estimator that learnt it."""
    harm = scorer.harm_trees
    settings = {
        "params": dict(params),
        "feature_names": list(scorer.feature_names),
        "margin_variance": scorer.margin_variance,
        "parts": [
            {"name": name, "bags": part.n_bags, "slope": part.slope, "shift": part.shift}
            for name, part in scorer.parts.items()
        ],
        "harm": None if harm is None else {"scale": harm.scale, "cap": harm.cap},
    }
    files = {
        "estimator.json": json_bytes(settings),
        "calibration.json": json_bytes(scorer.calibration.to_dict()),
    }
    for name, part in scorer.parts.items():
        files |= _part_files(name, part)
    return files if harm is None else files | {_HARM: harm.trees.text.encode("utf-8")}


def read_scorer(
    settings: dict[str, Any],
    calibration: dict[str, Any],
    trees: dict[str, str],
    content: dict[str, Any],
) -> Scorer:
    """Return the scorer; takes what it uses out of `trees` and `content`.

    Parameters
    ----------
    settings, calibration : dict
        Of ``estimator.json`` and ``calibration.json``.
    trees : dict of str
        The texts, by file name.
    content : dict
        What the other JSON files hold, by file name without its ending.
    """
    names, harm, parts = settings["feature_names"], settings["harm"], _parts_of(settings)
    _check_params(settings["params"], parts)

    def tree(file: str) -> Trees:
        return Trees.from_text(trees.pop(file), n_features=len(names))

    return Scorer(
        feature_names=tuple(map(str, names)),
        parts={part["name"]: _read_part(part, tree, content) for part in parts},
        margin_variance=float(settings["margin_variance"]),
        calibration=calibration_from_dict(calibration),
        harm_trees=harm and HarmTrees(tree(_HARM), float(harm["scale"]), float(harm["cap"])),
    )


def _file_names(name: str, bags: int) -> list[str]:
    stem, ending = ("trees", "txt") if name == "any" else (f"{name}_trees", "txt")
    if name == "logistic":
        stem, ending = name, "json"
    return [f"{stem}_{bag}.{ending}" for bag in range(bags)]


def _part_files(name: str, part: Part) -> dict[str, bytes]:
    if isinstance(part, LogisticPart):
        texts = [json_bytes(curve.to_dict()) for curve in part.curves]
    elif isinstance(part, TreesPart):
        texts = [trees.text.encode("utf-8") for trees in part.trees]
    else:
        raise SchemaError(f"model.scorer: a {type(part).__name__} can't be stored")
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


def _check_params(params: Mapping[str, Any], parts: list[dict[str, Any]]) -> None:
    """Raise for parameters of another estimator; old bundles may lack some."""
    if not set(params) <= PARAMETERS or params.get("n_bags", parts[0]["bags"]) != parts[0]["bags"]:
        raise ModelIntegrityError(
            "The bundle's parameters are not those of the estimator that learnt its parts. "
            "It was not written by riskmodel."
        )


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
    described: dict[str, Any], tree: Callable[[str], Trees], content: dict[str, Any]
) -> Part:
    files = _file_names(described["name"], described["bags"])
    slope, shift = float(described["slope"]), float(described["shift"])
    if described["name"] == "logistic":
        stored = [content.pop(file.removesuffix(".json")) for file in files]
        curves = [LogisticBaseline.from_dict(curve) for curve in stored]
        return LogisticPart(curves=curves, slope=slope, shift=shift)
    return TreesPart(trees=[tree(file) for file in files], slope=slope, shift=shift)
