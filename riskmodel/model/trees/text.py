"""Reads the text of LightGBM's trees strictly: the wall before LightGBM's own reader.

That reader kills the process on a text with a slip in it, or scores with it in silence. What passes
here is what LightGBM writes for one score a row from numerical splits, and nothing else: each line
in its place, each list as long as its tree says, each number finite.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.model.trees.forest import Forest, not_trees

OBJECTIVES: Final = ("binary sigmoid:1", "poisson", "tweedie", "rank_xendcg")
"""What trees may have been grown for: the parts of a margin, and expected harm."""
MOST_CHARACTERS: Final = 256 * 1024**2
MOST_FEATURES: Final = 100_000
"""Beyond it LightGBM holds a row in another way."""

_END: Final = "end of trees\n"
_KEYS: Final = (
    "Tree", "num_leaves", "num_cat", "split_feature", "split_gain", "threshold", "decision_type",
    "left_child", "right_child", "leaf_value", "leaf_weight", "leaf_count", "internal_value",
    "internal_weight", "internal_count", "is_linear", "shrinkage",
)  # fmt: skip
_LINES: Final = len(_KEYS) + 2
"""A tree ends with two empty lines."""

_MOST_WHOLE: Final = 2**31 - 1

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?"
_INFO = rf"(?:none|\[{_NUMBER}:{_NUMBER}\])"
_HEADER: Final = re.compile(
    "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
    r"max_feature_idx=(?P<last>\d{1,6})" "\n"
    f"objective=(?:{'|'.join(map(re.escape, OBJECTIVES))})\n"
    r"feature_names=(?P<names>\w+(?: \w+)*)" "\n"
    r"(?:monotone_constraints=(?P<ways>(?:0|-?1)(?: (?:0|-?1))*)" "\n)?"
    f"feature_infos=(?P<infos>{_INFO}(?: {_INFO})*)\n"
    r"tree_sizes=(?P<sizes>[1-9]\d{0,8}(?: [1-9]\d{0,8})*)" "\n\n",
    re.ASCII,
)  # fmt: skip
_TAIL: Final = re.compile(
    "end of trees\n\n"
    rf"feature_importances:\n(?:\w+={_NUMBER}\n)*\n"
    r"parameters:\n(?:\[\w+: [ -~]*\]\n)*\nend of parameters\n"
    r"(?:\npandas_categorical:(?:null|\[\])\n)?",
    re.ASCII,
)  # fmt: skip


class Read(NamedTuple):
    """Trees, and the part of their text that LightGBM needs to score with them."""

    forest: Forest
    needed: bytes


def read_trees(text: str, *, n_features: int) -> Read:
    """Read the text that LightGBM writes for a booster, or refuse it.

    Parameters
    ----------
    text : str
        As ``Booster.model_to_string`` gives it.
    n_features : int
        Columns that the model has.

    Raises
    ------
    ModelIntegrityError
        On anything that LightGBM does not write for boosted trees of numerical splits with one
        score a row. Categorical splits, linear leaves and averaged forests are refused too.
    """
    if not text.isascii() or len(text) > MOST_CHARACTERS:
        raise not_trees("their text is too long or not ASCII")
    header = _HEADER.match(text)
    if header is None:
        raise not_trees("their text does not begin as LightGBM's does")
    _check_features(header, n_features)
    sizes = np.array(header["sizes"].split(" "), dtype=np.int64)
    end = header.end() + int(sizes.sum())
    if _TAIL.fullmatch(text, end) is None:
        raise not_trees("their text does not end as LightGBM's does")
    columns = _columns(text[header.end() : end], sizes)
    return Read(_forest(columns, n_features), text[: end + len(_END)].encode("ascii"))


def _check_features(header: re.Match[str], n_features: int) -> None:
    if not int(header["last"]) + 1 == n_features <= MOST_FEATURES:
        raise not_trees("they have other features than the model, or too many")
    lists = [header[name] for name in ("names", "infos", "ways")]
    if any(each is not None and each.count(" ") + 1 != n_features for each in lists):
        raise not_trees("a list of their features is too long or too short")


def _columns(body: str, sizes: NDArray[np.int64]) -> dict[str, list[str]]:
    """Return what stands after each key, tree by tree."""
    lines = body.split("\n")
    if len(lines) != len(sizes) * _LINES + 1 or lines.pop():
        raise not_trees("a tree has a line too many or too few")
    lengths = np.fromiter(map(len, lines), np.int64, len(lines)).reshape(-1, _LINES)
    if (lengths.sum(axis=1) + _LINES != sizes).any() or lengths[:, len(_KEYS) :].any():
        raise not_trees("a tree is longer or shorter than their list of sizes says")
    return {key: _after(f"{key}=", lines[place::_LINES]) for place, key in enumerate(_KEYS)}


def _after(beginning: str, lines: list[str]) -> list[str]:
    if not all(line.startswith(beginning) for line in lines):
        raise not_trees(f"a line does not begin with {beginning}")
    return [line[len(beginning) :] for line in lines]


def _forest(columns: dict[str, list[str]], n_features: int) -> Forest:
    n_trees = len(columns["Tree"])
    if columns["Tree"] != [str(number) for number in range(n_trees)]:
        raise not_trees("they are not numbered from 0")
    if {"0"} != {*columns["num_cat"], *columns["is_linear"]}:
        raise not_trees("a tree has categorical splits or linear leaves")
    one_each = np.ones(n_trees, dtype=np.int64)
    leaves = _whole(columns["num_leaves"], one_each)
    nodes = leaves.astype(np.int64) - 1
    weighed = np.array([weights != "" for weights in columns["leaf_weight"]])
    _floats(columns["shrinkage"], one_each)
    _floats(columns["leaf_weight"], np.where((leaves == 1) & ~weighed, 0, leaves))
    for unused in ("split_gain", "internal_value", "internal_weight"):
        _floats(columns[unused], nodes)
    return Forest(
        n_features=n_features,
        leaves=leaves,
        feature=_whole(columns["split_feature"], nodes),
        threshold=_thresholds(columns["threshold"], nodes),
        decision=_whole(columns["decision_type"], nodes),
        left=_whole(columns["left_child"], nodes),
        right=_whole(columns["right_child"], nodes),
        node_count=_whole(columns["internal_count"], nodes),
        leaf_value=_floats(columns["leaf_value"], leaves),
        leaf_count=_whole(columns["leaf_count"], leaves),
    )


def _whole(lists: list[str], lengths: NDArray[Any]) -> NDArray[np.int32]:
    """Return whole numbers; read as floats, which hold each of them and are read faster."""
    numbers = _numbers(lists, lengths, b"0123456789- ")
    if (np.abs(numbers) > _MOST_WHOLE).any():
        raise not_trees("a whole number is too large")
    return numbers.astype(np.int32)


def _floats(lists: list[str], lengths: NDArray[Any]) -> NDArray[np.float64]:
    numbers = _numbers(lists, lengths, b"0123456789-+.e ")
    if not np.isfinite(numbers).all():
        raise not_trees("a number is too large")
    return numbers


def _thresholds(lists: list[str], lengths: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers, or ``inf`` where a split tells what is known from what is missing."""
    numbers = _numbers(lists, lengths, b"0123456789-+.einf ")
    if np.isneginf(numbers).any():
        raise not_trees("a threshold is -inf")
    return numbers


def _numbers(lists: list[str], lengths: NDArray[Any], signs: bytes) -> NDArray[np.float64]:
    """Return the numbers of all lists; Python alone would also read words and underscores."""
    found = [numbers.count(" ") + 1 if numbers else 0 for numbers in lists]
    if (np.array(found) != lengths).any():
        raise not_trees("a list is longer or shorter than its tree's leaves say")
    joined = " ".join(filter(None, lists))
    if joined.encode("ascii").translate(None, signs):
        raise not_trees("a number has a sign in it that no number has")
    words = joined.split(" ") if joined else []
    try:
        return np.fromiter(map(float, words), np.float64, len(words))
    except ValueError:
        raise not_trees("a number is malformed") from None
