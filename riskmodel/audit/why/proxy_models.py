"""How well all features together tell each group: a model of it, judged on people held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.comparisons import person_codes
from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.audit.by_group.rates import Settings, ordered_levels
from riskmodel.late import late
from riskmodel.model.columns import float_table
from riskmodel.statistics.arrays import FloatArray
from riskmodel.statistics.discrimination import PairCounter
from riskmodel.statistics.few_people import normal_quantile

if TYPE_CHECKING:
    import lightgbm as lgb
else:
    lgb = late("lightgbm")

PROXY_MODEL_COLUMNS = (
    "characteristic", "group", "n", "auc", "auc_low", "auc_high", "top_features", "withheld",
)  # fmt: skip
MOST_PEOPLE = 20_000
TOP_FEATURES = 3
_ROUNDS = 30
_PARAMETERS = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "lambda_l2": 10.0,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}


def proxy_model_table(
    X: pd.DataFrame,
    columns: pd.DataFrame,
    *,
    person: ArrayLike,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Return how well the features together tell each group from all others.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
    columns : DataFrame of str, shape (n, characteristics)
        From `group_columns`; intersections are left out.
    person : array, shape (n,)
        One row is drawn of each person, of `MOST_PEOPLE` at most: half of them to learn from,
        half to judge by.
    settings : Settings, optional
        Seed, level and minimum cell, which a group must reach in either half.

    Returns
    -------
    DataFrame
        ``PROXY_MODEL_COLUMNS``: ``n`` people of the group drawn; ``auc`` is the chance that one
        of them, held out, gets a higher score for the group than somebody held out who is not in
        it: 0.5 where the features tell nothing, 1 where they tell all. ``top_features`` had the
        largest share in telling (of the trees' gain). NaN and ``withheld`` in small groups.

    Notes
    -----
    Small boosted trees (30 of 8 leaves), so that interactions are seen; the interval is that of
    DeLong, DeLong & Clarke-Pearson (1988), on the logit scale. More trees could tell a little
    more: it is a lower bound on what can be told.

    Examples
    --------
    >>> tells = pd.DataFrame({"height": [0.0, 1.0] * 200, "silent": range(400)})
    >>> sex = pd.DataFrame({"sex": ["f", "m"] * 200})
    >>> table = proxy_model_table(tells, sex, person=range(400))
    >>> table[["group", "auc", "top_features"]].to_numpy().tolist()
    [['f', 1.0, 'height'], ['m', 1.0, 'height']]
    """
    chosen = settings or Settings()
    names = [name for name in columns.columns if INTERSECTION not in str(name)]
    drawn = _one_row_each(person_codes(person), chosen.seed)
    half = len(drawn) // 2
    learnt_on, held_out = drawn[:half], drawn[half:]
    features = [str(name) for name in X.columns]
    learning = _Learning.of(float_table(X.iloc[learnt_on]), chosen.seed)
    judged = float_table(X.iloc[held_out])
    rows: list[dict[str, Any]] = []
    for name in names:
        values = columns[name].to_numpy(dtype=object)
        for group in ordered_levels(columns[name].iloc[drawn]):
            learnt, truth = values[learnt_on] == group, values[held_out] == group
            row = {
                "characteristic": str(name),
                "group": group,
                "n": int(learnt.sum() + truth.sum()),
                "top_features": "",
                "withheld": not _enough(learnt, truth, chosen.minimum_cell),
            }
            if not row["withheld"]:
                booster = learning.tell(learnt)
                scores = np.asarray(booster.predict(judged, num_threads=1), dtype=float)
                row |= auc_interval(truth, scores, chosen.level)._asdict()
                row["top_features"] = ", ".join(_top(booster, features))
            rows.append(row)
    return pd.DataFrame(rows, columns=list(PROXY_MODEL_COLUMNS))


def _one_row_each(codes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return one row of each person, in random order, of `MOST_PEOPLE` at most."""
    order = np.random.default_rng([seed, 2]).permutation(len(codes))
    _, first = np.unique(codes[order], return_index=True)
    return np.asarray(order[np.sort(first)][:MOST_PEOPLE], dtype=np.int64)


def _enough(learnt: NDArray[np.bool_], truth: NDArray[np.bool_], minimum_cell: int) -> bool:
    """Return whether people in the group, and people not in it, reach the minimum in each half."""
    counts = [int(part.sum()) for mask in (learnt, truth) for part in (mask, ~mask)]
    return min(counts) >= minimum_cell


class _Learning(NamedTuple):
    """The table to learn from, binned once for all groups."""

    data: lgb.Dataset
    parameters: dict[str, Any]

    @classmethod
    def of(cls, table: NDArray[Any], seed: int) -> _Learning:
        parameters = {**_PARAMETERS, "seed": seed}
        empty = np.zeros(len(table))
        data = lgb.Dataset(table, empty, params=parameters, free_raw_data=False)
        return cls(data, parameters)

    def tell(self, group: NDArray[np.bool_]) -> lgb.Booster:
        return lgb.train(self.parameters, self.data.set_label(group.astype(float)), _ROUNDS)


def _top(booster: lgb.Booster, features: list[str]) -> list[str]:
    gain = booster.feature_importance("gain")
    order = np.argsort(-gain, kind="stable")[:TOP_FEATURES]
    return [features[place] for place in order if gain[place] > 0]


class AucInterval(NamedTuple):
    """The area under the curve and its interval."""

    auc: float
    auc_low: float
    auc_high: float


def auc_interval(truth: ArrayLike, scores: ArrayLike, level: float = 0.95) -> AucInterval:
    """Return the AUC of independent rows with DeLong's interval, on the logit scale.

    Parameters
    ----------
    truth : array of bool, shape (n,)
        With rows of both kinds.
    scores : array of float, shape (n,)
    level : float

    Examples
    --------
    >>> auc, low, high = auc_interval([0] * 10 + [1] * 10, [0] * 10 + [1] * 10)
    >>> auc, 0.5 < low < 0.6, high
    (1.0, True, 1.0)
    """
    in_group = np.asarray(truth, dtype=bool)
    scored = np.asarray(scores, dtype=float)
    above = _placement(in_group, scored)
    below = _placement(~in_group, -scored)
    auc = float(above.mean())
    variance = above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)
    # perfect order, or none at all, has no variance, yet few people could have shown it by chance
    fewer = min(len(above), len(below))
    inner = float(np.clip(auc, 0.5 / (fewer + 1), 1 - 0.5 / (fewer + 1)))
    if inner != auc or not variance:
        variance = max(variance, inner * (1 - inner) / (fewer + 1))
    reach = normal_quantile(level) * np.sqrt(variance) / (inner * (1 - inner))
    middle = np.log(inner / (1 - inner))
    low, high = 1 / (1 + np.exp(-(middle + np.array([-reach, reach]))))
    return AucInterval(auc, min(float(low), auc), max(float(high), auc))


def _placement(in_group: NDArray[np.bool_], scores: FloatArray) -> FloatArray:
    """Return, for each row of the group, the share of the others that it stands above."""
    counter = PairCounter.from_scores(in_group, scores)
    return np.asarray((counter.below + counter.not_above) / (2 * len(counter.negatives)))
