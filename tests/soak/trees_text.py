"""Spoil the text of boosted trees again and again: it is refused, or it scores as it says.

LightGBM's own reader dies of most slips. Here each spoilt text is read in a process of its own
batch, and one that passes must score with LightGBM as it does when its arrays are walked in Python,
and its contributions must add up. A process that dies is the failure looked for.
Usage: python tests/soak/trees_text.py [rounds]
"""
# ruff: noqa: T201  (a proof prints its result)

import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.trees.trees import Trees

FEATURES = 6
BATCH = 2_000
STRANGE = (
    "", " ", "-", "-1", "0", "1", "-0", "00", "1.5", ".5", "5.", "1e", "1e5", "1e400", "-1e400",
    "1e-400", "nan", "inf", "-inf", "+1", "1_0", "0x1", "2147483648", "-2147483649", "9" * 400,
    "1 1", "\t", "\r", "\n", "\0", "=", "Tree=0", "\u0663",
)  # fmt: skip


def grown_texts() -> list[str]:
    """Return texts of each kind of trees: missing values in all ways, deep, of one leaf."""
    import lightgbm as lgb  # the batches do without

    rng = np.random.default_rng(0)
    X = rng.poisson(1.0, (300, FEATURES)).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X[:, 0]) + rng.normal(size=300) > 1).astype(float)
    kinds = (
        {},
        {"num_leaves": 63, "min_data_in_leaf": 1},
        {"zero_as_missing": True, "objective": "poisson"},
        {"use_missing": False, "monotone_constraints": [1, 0, 0, -1, 0, 0]},
        {"min_gain_to_split": 1e9, "objective": "tweedie"},
    )
    fixed = {"objective": "binary", "num_leaves": 7, "verbosity": -1, "num_threads": 1}
    return [
        lgb.train(fixed | kind, lgb.Dataset(X, y), num_boost_round=4).model_to_string()
        for kind in kinds
    ]


def spoilt(text: str, chance: random.Random) -> str:
    """Return the text with one to three slips in it, half of the time with sizes that fit."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        text = chance.choice(SLIPS)(text, chance)
    return with_sizes(text) if chance.random() < 0.5 else text


def cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def one_character(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text)) if text else 0
    other = chance.choice("0123456789-+.e =\n\r\t" + chr(chance.randrange(256)))
    return text[:place] + other + text[place + chance.randrange(2) :]


def one_word(text: str, chance: random.Random) -> str:
    words = [match.span() for match in re.finditer(r"[^\s=]+", text)]
    if not words:
        return text
    begin, end = chance.choice(
        words[: len(words) if chance.random() < 0.1 else len(words) // 2 + 1]
    )
    old = text[begin:end]
    near = str(int(old) + chance.choice((-1, 1))) if re.fullmatch(r"-?\d{1,9}", old) else old[:-1]
    other = chance.choice((chance.choice(STRANGE), near, text[slice(*chance.choice(words))]))
    return text[:begin] + other + text[end:]


def lines(text: str, chance: random.Random) -> str:
    rows = text.split("\n")
    one, other = chance.randrange(len(rows)), chance.randrange(len(rows))
    what = chance.randrange(4)
    if what == 0:
        rows[one], rows[other] = rows[other], rows[one]
    elif what == 1:
        rows.insert(one, rows[other])
    elif what == 2:
        del rows[one]
    else:  # the key of one, the values of the other
        rows[one] = "=".join((rows[one].split("=")[0], *rows[other].split("=")[1:]))
    return "\n".join(rows)


SLIPS = (cut, one_character, one_character, one_word, one_word, one_word, lines)


def with_sizes(text: str) -> str:
    begin, end = text.find("\nTree=") + 1, text.find("end of trees")
    if not 0 < begin < end:
        return text
    trees = re.split(r"(?<=\n)(?=Tree=)", text[begin:end])
    sizes = "tree_sizes=" + " ".join(str(len(tree)) for tree in trees)
    return re.sub("tree_sizes=.*", sizes, text[:begin]) + text[begin:]


def walked(trees: Trees, row: np.ndarray) -> float:
    """Return the score of a row as the rules of a split are written down."""
    forest, score = trees.forest, 0.0
    for tree, first in enumerate(forest.node_start[:-1]):
        child = 0 if forest.leaves[tree] > 1 else -1
        while child >= 0:
            node = first + child
            value, decision = row[forest.feature[node]], forest.decision[node]
            if np.isnan(value) and not decision & 8:
                value = 0.0
            missing = np.isnan(value) or (decision & 4 and value == 0)
            left = decision & 2 if missing else value <= forest.threshold[node]
            child = forest.left[node] if left else forest.right[node]
        score += forest.leaf_value[forest.leaf_start[tree] + ~child]
    return score


def survives(text: str, rows: np.ndarray) -> bool:
    """Say whether a text is taken; if it is, its scores must be those of its arrays."""
    try:
        trees = Trees.from_text(text, n_features=FEATURES)
    except ModelIntegrityError:
        return False
    scores = trees.raw(rows)
    assert scores.tolist() == [walked(trees, row) for row in rows]
    assert [trees.raw(row[None])[0] for row in rows] == scores.tolist()
    added = trees.contributions(rows)
    room = 1e-9 * (1 + np.abs(added).max())
    assert (np.abs(added.sum(axis=1) - scores) <= room).all()
    return True


def batch(texts: Path, seed: int, rounds: int) -> None:
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    models = sorted(path.read_text() for path in texts.iterdir())
    rows = rng.choice([np.nan, 0, 1, 1.5, 2, 3, 7, np.inf, -np.inf], (6, FEATURES))
    taken = 0
    for _ in range(rounds):
        text = spoilt(chance.choice(models), chance)
        print(repr(text), file=sys.stderr)  # the last one, if this process dies
        taken += survives(text, rows)
    print(taken)


def main(rounds: int) -> None:
    taken = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(grown_texts()):
            assert survives(text, np.ones((2, FEATURES)))
            (Path(folder) / f"{number}.txt").write_text(text)
        for seed, start in enumerate(range(0, rounds, BATCH)):
            size = str(min(BATCH, rounds - start))
            command = [sys.executable, __file__, "--batch", folder, str(seed), size]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"seed {seed}: code {done.returncode}\n{done.stderr[-20_000:]}")
            taken += int(done.stdout.splitlines()[-1])
    assert taken < rounds
    print(
        f"{rounds} spoilt texts: {rounds - taken} refused, {taken} scored as they say, none killed"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--batch"]:
        batch(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
