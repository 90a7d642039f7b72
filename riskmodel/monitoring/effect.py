"""What being listed is associated with where lots decided: the only comparison that is fair."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.scoring.lists.random_order import LISTED, NOT_LISTED, read_random_log
from riskmodel.statistics.arrays import FloatArray, divide
from riskmodel.statistics.cells import wilson

ARMS, DIFFERENCE = (LISTED, NOT_LISTED), "difference"
KINDS = {
    "arm": "str",
    "n": "int64",
    "people": "int64",
    "dates": "int64",
    "observed": "float64",
    "outcome_rate": "float64",
    "low": "float64",
    "high": "float64",
    "p_value": "float64",
    "not_observed": "int64",
}


class Strata(NamedTuple):
    """People and outcomes of the two arms, date by date; each of shape (dates,).

    Only dates with an observed outcome in both arms.
    """

    n_listed: FloatArray
    n_not: FloatArray
    y_listed: FloatArray
    y_not: FloatArray

    @property
    def weight(self) -> FloatArray:
        """Mantel-Haenszel weights, which add up to 1."""
        weight = self.n_listed * self.n_not / (self.n_listed + self.n_not)
        return divide(weight, np.full(weight.shape, weight.sum()))


def effect_of_listing(
    log: pd.DataFrame | str | os.PathLike[str],
    outcomes: pd.DataFrame,
    *,
    level: float = 0.95,
    n_replicates: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare those whom lots put on the list with those whom lots left off.

    By intention to treat: who was listed by lot counts as listed, whatever was then done. The
    outcome is a record: being worked may prevent offences, and may also make more of them known.

    Parameters
    ----------
    log : DataFrame or path
        Of `riskmodel.scoring.lists.random_order.randomise_near_cut`.
    outcomes : DataFrame
        person_id, as_of and y (NaN where it is not known), such as
        ``snapshots.followed.to_frame()``.
    level : float in (0, 1)
    n_replicates, seed : int
        Of the redrawn lotteries behind the p-value.

    Returns
    -------
    DataFrame
        Rows listed, not listed, difference (listed less not listed). Rates are averaged over dates
        with Mantel-Haenszel weights, since the chance to be listed differs between them; their
        intervals are Wilson's on the effective number, that of the difference Newcombe's (1998,
        method 10) of the two. p_value is the share of redrawn lotteries, within dates, with a
        difference at least as large, if listing changed nobody's outcome. not_observed: people
        drawn whose outcome is not known, or on dates without one known in each arm; they are left
        out.

    Raises
    ------
    SchemaError
        Columns missing, a person twice on a date, another arm.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873-890; Mantel & Haenszel (1959), JNCI 22, 719-748.

    Examples
    --------
    >>> log = pd.DataFrame({"person_id": [str(i) for i in range(80)],
    ...     "as_of": pd.Timestamp("2012-01-01"), "arm": ["listed", "not listed"] * 40})
    >>> outcomes = log[["person_id", "as_of"]].assign(y=[0.0, 1.0, 1.0, 1.0] * 20)
    >>> effect_of_listing(log, outcomes)[["arm", "n", "outcome_rate"]].values.tolist()
    [['listed', 40, 0.5], ['not listed', 40, 1.0], ['difference', 80, -0.5]]
    """
    drawn = _joined(log if isinstance(log, pd.DataFrame) else read_random_log(log), outcomes)
    seen = _in_both_arms(drawn)
    strata = _strata(seen)
    numbers = _numbers(strata, level)
    p_value = _p_value(seen, strata, n_replicates, seed)
    parts = {arm: seen[seen["arm"] == arm] for arm in ARMS} | {DIFFERENCE: seen}
    table = [
        {
            "arm": arm,
            "n": len(part),
            "people": part["person_id"].nunique(),
            "dates": part["as_of"].nunique(),
            "observed": np.nan if arm == DIFFERENCE else part["y"].sum(),
            **dict(zip(("outcome_rate", "low", "high"), numbers[arm], strict=True)),
            "p_value": p_value if arm == DIFFERENCE else np.nan,
            "not_observed": _drawn_of(drawn, arm) - len(part),
        }
        for arm, part in parts.items()
    ]
    return pd.DataFrame(table, columns=list(KINDS)).astype(KINDS)


def _drawn_of(drawn: pd.DataFrame, arm: str) -> int:
    return int((drawn["arm"] == arm).sum()) if arm in ARMS else len(drawn)


def _joined(log: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    keys = ["person_id", "as_of"]
    needed = {"log": (log, [*keys, "arm"]), "outcomes": (outcomes, [*keys, "y"])}
    problems = [
        f"{name}: no column {column}"
        for name, (table, columns) in needed.items()
        for column in columns
        if column not in table.columns
    ]
    if not problems:
        kinds = {"person_id": "str", "as_of": "datetime64[us]"}
        drawn = log[[*keys, "arm"]].astype({**kinds, "arm": "str"}).reset_index(drop=True)
        known = outcomes[[*keys, "y"]].astype({**kinds, "y": "float64"})
        for name, table in (("log", drawn), ("outcomes", known)):
            if twice := int(table.duplicated(keys).sum()):
                problems.append(f"{name}: {twice} rows repeat a person on the same date")
        if other := int((~drawn["arm"].isin(ARMS)).sum()):
            problems.append(f"log.arm: neither {LISTED} nor {NOT_LISTED} in {other} rows")
        if other := int((~(known["y"].isin([0.0, 1.0]) | known["y"].isna())).sum()):
            problems.append(f"outcomes.y: neither 0, 1 nor missing in {other} rows")
    if problems:
        raise SchemaError(problems)
    return drawn.merge(known, on=keys, how="left")


def _in_both_arms(drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the people with a known outcome, of dates that have such people in both arms."""
    seen = drawn[drawn["y"].notna()]
    arms = seen.groupby("as_of")["arm"].transform("nunique")
    return seen[arms == 2].sort_values(["as_of", "person_id"]).reset_index(drop=True)


def _strata(seen: pd.DataFrame) -> Strata:
    listed = (seen["arm"] == LISTED).to_numpy(dtype=float)
    y, date = seen["y"].to_numpy(), pd.factorize(seen["as_of"])[0]
    other = 1 - listed
    sums = [np.bincount(date, weights=w) for w in (listed, other, listed * y, other * y)]
    return Strata(*(total.astype(np.float64) for total in sums))


def _numbers(strata: Strata, level: float) -> dict[str, tuple[float, float, float]]:
    """Return rate and interval of each arm and of the difference; NaN without a date."""
    if not len(strata.n_listed):
        return dict.fromkeys((*ARMS, DIFFERENCE), (np.nan, np.nan, np.nan))
    weight = strata.weight
    listed = _arm(weight, strata.n_listed, strata.y_listed, level)
    other = _arm(weight, strata.n_not, strata.y_not, level)
    apart = listed[0] - other[0]
    below = np.hypot(listed[0] - listed[1], other[2] - other[0])
    above = np.hypot(listed[2] - listed[0], other[0] - other[1])
    return {
        LISTED: listed,
        NOT_LISTED: other,
        DIFFERENCE: (apart, float(apart - below), float(apart + above)),
    }


def _arm(
    weight: FloatArray, n: FloatArray, y: FloatArray, level: float
) -> tuple[float, float, float]:
    """Return an arm's weighted rate, with Wilson's interval on its effective number."""
    rate = float((weight * y / n).sum())
    effective = 1 / float((weight**2 / n).sum())
    low, high = wilson(min(rate, 1.0) * effective, effective, level)
    return rate, float(low), float(high)


def _p_value(seen: pd.DataFrame, strata: Strata, n_replicates: int, seed: int) -> float:
    """Return the share of redrawn lotteries whose difference is as large; the one that was counts.

    Within a date the number of outcomes among those listed is hypergeometric under the lottery.
    """
    if seen.empty:
        return np.nan
    total, cases = strata.n_listed + strata.n_not, strata.y_listed + strata.y_not
    drawn: NDArray[np.int64] = np.random.default_rng(seed).hypergeometric(
        cases.astype(np.int64), (total - cases).astype(np.int64), strata.n_listed.astype(np.int64),
        size=(n_replicates, len(total)),
    )  # fmt: skip
    hits = np.vstack([strata.y_listed, drawn])
    apart = (strata.weight * (hits / strata.n_listed - (cases - hits) / strata.n_not)).sum(axis=1)
    return float((np.abs(apart) >= abs(apart[0]) - 1e-12).mean())
