"""How the scores of the same people move when only a characteristic, or only a bias, is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.comparisons import clustered_error, distinct, person_codes
from riskmodel.audit.by_group.groups import group_columns
from riskmodel.audit.by_group.rates import Settings, ordered_levels
from riskmodel.errors import SchemaError
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.few_people import normal_quantile

if TYPE_CHECKING:
    from riskmodel.model.risk_model import RiskModel

FLIP_COLUMNS = (
    "characteristic", "group", "people", "rows", "left", "entered", "changed", "largest",
    "probability_recorded", "probability_otherwise", "shift", "shift_low", "shift_high", "truth",
)  # fmt: skip
AGE = "age"
_YEARS_OLDER = pd.DateOffset(years=5)


def flipped_tables(
    tables: Mapping[str, pd.DataFrame], characteristic: str, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Return the tables of a world in which only one characteristic is another's.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Such as ``make_histories(...).tables``.
    characteristic : str
        Its values are dealt out anew in every table that has such a column: groups, victims.
        ``"age"`` makes everybody five years older, since a birth can not follow a record.
    seed : int

    Returns
    -------
    dict of DataFrame

    Raises
    ------
    SchemaError
        No table has it.

    Examples
    --------
    >>> world = {"groups": pd.DataFrame({"person_id": ["a", "b"], "sex": ["f", "m"]})}
    >>> sorted(flipped_tables(world, "sex")["groups"]["sex"])
    ['f', 'm']
    """
    column = "birth_date" if characteristic == AGE else characteristic
    held = [name for name, table in tables.items() if column in table.columns]
    if not held:
        raise SchemaError(f"characteristic: no table has a column {column!r}")
    changed = dict(tables)
    rng = np.random.default_rng(seed)
    for name in held:
        table = tables[name]
        values = table[column]
        other = values.iloc[rng.permutation(len(table))].set_axis(table.index)
        if characteristic == AGE:
            other = pd.to_datetime(values) - _YEARS_OLDER
        changed[name] = table.assign(**{column: other})
    return changed


def flip_test(
    model: RiskModel,
    recorded: Snapshots,
    otherwise: Snapshots,
    groups: pd.DataFrame,
    *,
    truth: pd.Series | None = None,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Compare the scores of the same people on the same dates in two versions of their records.

    Where only a protected characteristic differs (`flipped_tables`), no score may change by a
    bit. Where only a recording bias differs (two synthetic worlds with the same offences), the
    shift is what the bias alone does to each group's scores.

    Parameters
    ----------
    model : RiskModel
    recorded, otherwise : Snapshots
        Built alike from the records as they are, and as they would be.
    groups : DataFrame
        ``person_id`` and one column per characteristic; better the true ones than the recorded.
    truth : Series of float, indexed by person_id, optional
        What the scores should rank by, such as ``world.truth.rates_at(t)["serious_rate"]``.
    settings : Settings, optional

    Returns
    -------
    DataFrame
        ``FLIP_COLUMNS``: people and rows in both versions; rows that ``left`` (only in the first)
        and ``entered`` (only in the second); rows whose score ``changed`` by any bit, and the
        ``largest`` change in log-odds; mean probability in either version and the ``shift``, the
        first less the second, with its interval over people; mean ``truth``.

    Examples
    --------
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> priors = pd.Series(range(420)) % 7
    >>> rows = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> few_trees = RepeatHarmEstimator(n_estimators=5)
    >>> model = train(rows, estimator=few_trees, n_replicates=10)
    >>> groups = pd.DataFrame({"person_id": rows.person_id, "half": ["first", "second"] * 210})
    >>> flip_test(model, rows, rows, groups)[["group", "changed", "shift"]].to_numpy().tolist()
    [['first', 0, 0.0], ['second', 0, 0.0]]
    """
    chosen = settings or Settings()
    both = _scored(model, recorded).merge(
        _scored(model, otherwise), on=["as_of", "person_id"], how="outer", validate="1:1"
    )
    columns = group_columns(both["person_id"], groups)
    both["truth"] = np.nan if truth is None else both["person_id"].map(truth).to_numpy(dtype=float)
    rows = [
        {"characteristic": str(name), "group": level, **_shift(both[in_group], chosen)}
        for name in columns.columns
        for level in ordered_levels(columns[name])
        for in_group in [(columns[name] == level).to_numpy()]
    ]
    return pd.DataFrame(rows, columns=list(FLIP_COLUMNS))


def _scored(model: RiskModel, snapshots: Snapshots) -> pd.DataFrame:
    estimates = model.estimates(snapshots.X)
    keys = {"as_of": snapshots.as_of, "person_id": snapshots.person_id}
    return pd.DataFrame(keys).assign(
        margin=estimates["margin"].to_numpy(), probability=estimates["probability"].to_numpy()
    )


def _shift(rows: pd.DataFrame, settings: Settings) -> dict[str, float]:
    left, entered = rows["margin_y"].isna(), rows["margin_x"].isna()
    same = rows[~left & ~entered]
    codes = person_codes(same["person_id"])
    found: dict[str, float] = {
        "people": distinct(codes, np.ones(len(same), dtype=bool)),
        "rows": len(same),
        "left": int(left.sum()),
        "entered": int(entered.sum()),
    }
    if not len(same):
        return found
    moved = (same["margin_x"] - same["margin_y"]).to_numpy()
    shift = (same["probability_x"] - same["probability_y"]).to_numpy()
    error = clustered_error((shift - shift.mean()) / len(shift), codes)
    reach = normal_quantile(settings.level) * error
    return found | {
        "changed": int((moved != 0).sum()),
        "largest": float(np.abs(moved).max()),
        "probability_recorded": float(same["probability_x"].mean()),
        "probability_otherwise": float(same["probability_y"].mean()),
        "shift": float(shift.mean()),
        "shift_low": float(shift.mean() - reach),
        "shift_high": float(shift.mean() + reach),
        "truth": float(same["truth"].mean()),
    }
