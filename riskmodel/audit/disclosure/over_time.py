"""What became of a model over time, as it is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from riskmodel.audit.disclosure.coarse import coarse_gaps, coarse_rates
from riskmodel.audit.disclosure.dated_counts import (
    enter_beside,
    key,
    ledger_over_time,
    with_harmed,
)
from riskmodel.audit.disclosure.ledger import Key, Ledger, Row
from riskmodel.audit.disclosure.rounding import (
    is_small,
    moved_interval,
    round_amounts,
    round_counts,
    step_of,
)
from riskmodel.audit.disclosure.suppression import withheld_counts
from riskmodel.audit.over_time import Alert, OverTime
from riskmodel.audit.result import FairnessAudit
from riskmodel.statistics.arrays import FloatArray, divide

Print = Callable[[str, pd.DataFrame, str], FloatArray]
_FEWEST_DATES = 4
_STRAY = "overrides go against no list"


def published_over_time(found: OverTime, *, beside: FairnessAudit | None = None) -> OverTime:
    """Return what became of a model, fit to be published.

    Parameters
    ----------
    found : OverTime
        With exact counts.
    beside : FairnessAudit, optional
        The published audit that goes out with it: of the same dates, its totals are their sums.

    Notes
    -----
    Counts of all people listed are withheld and rounded as those of an audit are, and rates follow
    from them. Rates by group and date leave without their counts, and no closer than those would
    say them (`coarse_rates`). An alert keeps its measure, its limit and what follows from it; its
    figure is the published one, or none.

    Examples
    --------
    >>> published_over_time(OverTime(tables={}, model_digest="0" * 64, k=100))
    OverTime(nothing measured, 0 alerts, list of 100, model 000000000000)
    """
    ledger = ledger_over_time(found)
    if beside is not None:
        enter_beside(ledger, found.tables["periods"], beside.summary)
    show = _printer(ledger, withheld_counts(ledger))
    tables = {
        name: rule(found.tables[name], show) if len(found.tables[name]) else found.tables[name]
        for name, rule in OVER_TIME_RULES.items()
    }
    tables["group_period_gaps"] = coarse_gaps(
        found.tables["group_period_gaps"], tables["group_periods"], found.tables["group_periods"]
    )
    return replace(
        found,
        tables=tables,
        alerts=tuple(_alert(alert, tables) for alert in found.alerts),
        notes=tuple(note for note in found.notes if _STRAY not in note),
    )


def _printer(ledger: Ledger, withheld: frozenset[Key]) -> Print:
    """Return what prints a column of counts; a part is withheld where what it leaves is small."""
    between = {
        (*each[:-1], each[-1].rpartition("not ")[2])
        for each, i in ledger.ids.items()
        if "not " in each[-1] and ledger.need[i] is not None
    }

    def show(name: str, table: pd.DataFrame, quantity: str) -> FloatArray:
        keys = [key(name, row, quantity) for row in table.to_dict("records")]
        hidden = withheld | between
        return round_amounts([np.nan if each in hidden else ledger.value(each) for each in keys])

    return show


def _periods(table: pd.DataFrame, show: Print) -> pd.DataFrame:
    names = ("n", "n_observed", "observed", "listed_observed", "listed_outcome")
    counts = {name: show("periods", table, name) for name in names}
    precision = divide(counts["listed_outcome"], np.nan_to_num(counts["listed_observed"]))
    ends = moved_interval(
        table["precision"], table["precision_low"], table["precision_high"], precision,
        step_of(counts["listed_observed"]), within=(0.0, 1.0),
    )  # fmt: skip
    seen = table["n_observed"].to_numpy(dtype=float)
    mean = np.round(divide(table["expected"].to_numpy(dtype=float), seen), 3)
    rate = divide(counts["observed"], np.nan_to_num(counts["n_observed"]))
    over = np.round(divide(rate, mean), 2)
    around = moved_interval(
        table["observed_over_expected"], table["observed_over_expected_low"],
        table["observed_over_expected_high"], over, step_of(seen, 0.1), within=(0.0, np.inf),
    )  # fmt: skip
    enough = ~np.isnan(rate)
    plain = {
        name: np.where(enough, table[name].astype(float).round(2), np.nan)
        for name in ("brier", "calibration_slope") if name in table
    }  # fmt: skip
    return table[["as_of", "k"]].assign(
        **counts, **plain, precision=precision, precision_low=ends[0], precision_high=ends[1],
        observed_over_expected=over, observed_over_expected_low=around[0],
        observed_over_expected_high=around[1],
    )  # fmt: skip


def _changes(table: pd.DataFrame, show: Print) -> pd.DataFrame:
    names = ("entered", "left", "stayed", "left_without_estimate")
    counts = {name: show("changes", table, name) for name in names}
    before = (table["left"] + table["stayed"]).to_numpy(dtype=float)
    kept = [name for name in ("as_of", "previous", "days", "k", "same_model") if name in table]
    return table[kept].assign(**counts, share_stayed=np.round(divide(counts["stayed"], before), 2))


def _time_on_list(table: pd.DataFrame, _: Print) -> pd.DataFrame:
    """Return how long people were listed; of few dates, the length of the list would say it."""
    if table["of_dates"].max() < _FEWEST_DATES:
        return table.iloc[:0]
    columns = {name: _two_withheld(table[name]) for name in ("people", "in_a_row")}
    return table[["dates_listed", "of_dates"]].assign(**columns)


def _two_withheld(counts: pd.Series) -> FloatArray:
    """Return counts rounded; where one is withheld, the next smallest is too."""
    exact, shown = counts.to_numpy(dtype=float), round_counts(counts)
    hidden = is_small(exact)
    if hidden.sum() == 1 and (~hidden & (exact > 0)).any():
        shown[np.argmin(np.where(hidden | (exact == 0), np.inf, exact))] = np.nan
    return shown


def _removals(table: pd.DataFrame, show: Print) -> pd.DataFrame:
    counts = {name: show("removals", table, name) for name in ("people", "left")}
    return table[["as_of", "previous", "reason"]].assign(**counts)


def _actions(table: pd.DataFrame, show: Print) -> pd.DataFrame:
    counts = {name: show("actions", table, name) for name in ("listed", "listed_observed",
                                                              "observed")}  # fmt: skip
    hidden = np.isnan(counts["listed"])
    people = np.where(hidden, np.nan, round_counts(table["people"]))
    precision = divide(counts["observed"], np.nan_to_num(counts["listed_observed"]))
    low, high = moved_interval(
        table["precision"], table["low"], table["high"], precision,
        step_of(counts["listed_observed"]), within=(0.0, 1.0),
    )  # fmt: skip
    seen = table["listed_observed"].to_numpy(dtype=float)
    mean = np.round(divide(table["expected"].to_numpy(dtype=float), seen), 2)
    return table[["who"]].assign(
        **counts, people=people, precision=precision, low=low, high=high,
        observed_over_expected=np.round(divide(precision, mean), 2),
    )  # fmt: skip


def _overrides(table: pd.DataFrame, show: Print) -> pd.DataFrame:
    whole = with_harmed(table)
    n, observed, harmed = (show("overrides", whole, name) for name in ("n", "observed", "harmed"))
    decisions = divide(table["n"].to_numpy(dtype=float), table["share"].to_numpy(dtype=float))
    total = np.nanmax(np.where(np.isfinite(decisions), decisions, np.nan), initial=0.0)
    share, rate = divide(n, round_amounts(total)), divide(harmed, np.nan_to_num(observed))
    around = moved_interval(
        table["share"], table["share_low"], table["share_high"], share, step_of(total),
        within=(0.0, 1.0),
    )  # fmt: skip
    low, high = moved_interval(
        table["outcome_rate"], table["low"], table["high"], rate, step_of(observed),
        within=(0.0, 1.0),
    )  # fmt: skip
    people = np.where(np.isnan(n), np.nan, round_counts(table["people"]))
    return table[["direction"]].assign(
        n=n, people=people, share=share, share_low=around[0], share_high=around[1],
        observed=observed, outcome_rate=rate, low=low, high=high,
    )  # fmt: skip


def _random_order(table: pd.DataFrame, show: Print) -> pd.DataFrame:
    """Return the two arms and their difference, to whole points: of a mean over dates."""
    n, observed = (show("random_order", table, name) for name in ("n", "observed"))
    arms = (table["arm"] != "difference").to_numpy()
    hidden = (np.isnan(n) | np.isnan(observed)) & arms
    hidden |= ~arms & hidden.any()
    # the rates weigh the dates: to the step, no closer than the counts
    step = step_of(np.where(arms, n, np.nanmin(np.where(arms, n, np.inf), initial=np.inf)))
    exact = table["outcome_rate"].to_numpy(dtype=float)
    rate = np.where(hidden, np.nan, np.round(np.round(exact / step) * step, 6))
    low, high = moved_interval(exact, table["low"], table["high"], rate, step)
    chance = table["p_value"].astype(float).round(2)
    return table[["arm", "dates"]].assign(
        n=n, people=np.where(np.isnan(n), np.nan, round_counts(table["people"])),
        observed=observed, outcome_rate=rate, low=low, high=high,
        p_value=np.where(hidden, np.nan, chance), not_observed=round_counts(table["not_observed"]),
    )  # fmt: skip


def _drift(table: pd.DataFrame, _: Print) -> pd.DataFrame:
    """Return distances between distributions: of everyone scored, so that only n is a count."""
    shares = dict.fromkeys(("share_missing_then", "share_missing_now"), 2)
    digits = {**dict.fromkeys(("psi", "low", "high", "by_chance", "largest_psi"), 3), **shares}
    rounded = {
        name: table[name].astype(float).round(places)
        for name, places in digits.items() if name in table
    }  # fmt: skip
    columns = [name for name in _DRIFT_COLUMNS if name in table]
    return table[columns].assign(**rounded, n=round_counts(table["n"]))


_DRIFT_COLUMNS = (
    "as_of", "feature", "estimate", "psi", "low", "high", "by_chance", "change",
    "share_missing_then", "share_missing_now", "n", "bins", "features", "stable", "look", "stop",
    "too_few", "largest_psi",
)  # fmt: skip


def _group_periods(table: pd.DataFrame, _: Print) -> pd.DataFrame:
    return coarse_rates(table)


OVER_TIME_RULES: Mapping[str, Callable[[pd.DataFrame, Print], pd.DataFrame]] = {
    "periods": _periods,
    "group_periods": _group_periods,
    "drift": _drift,
    "drift_estimates": _drift,
    "drift_periods": _drift,
    "changes": _changes,
    "time_on_list": _time_on_list,
    "removals": _removals,
    "actions": _actions,
    "overrides": _overrides,
    "random_order": _random_order,
}
"""How each table is published; gaps by group and date follow from the rates. Others stay inside."""


def _alert(alert: Alert, tables: Mapping[str, pd.DataFrame]) -> Alert:
    value, low, high = _published_value(alert, tables)
    name = alert.measure.replace("gap:", "gap in ").replace("_", " ")
    figure = "" if np.isnan(value) else f" ({value:.2f} published)"
    follows = f" Consequence: {alert.consequence}." if alert.stands else ""
    return replace(
        alert, value=value, low=low, high=high,
        sentence=f"{name[0].upper()}{name[1:]}, {alert.where}, is {alert.side} "
        f"{alert.limit:g}{figure}: {alert.certainty}.{follows}",
    )  # fmt: skip


def _published_value(
    alert: Alert, tables: Mapping[str, pd.DataFrame]
) -> tuple[float, float, float]:
    """Return the published figure behind an alert; NaN where there is none."""
    if alert.measure == "psi":
        return round(alert.value, 3), round(alert.low, 3), round(alert.high, 3)
    place: dict[str, tuple[str, str, str]] = {
        "precision": ("periods", "precision", "precision_{}"),
        "observed_over_expected": (
            "periods", "observed_over_expected", "observed_over_expected_{}",
        ),
        "share_stayed": ("changes", "share_stayed", ""),
        "override_share": ("overrides", "share", "share_{}"),
    }  # fmt: skip
    if alert.measure not in place:
        return _published_gap(alert, tables["group_period_gaps"])
    name, column, ends = place[alert.measure]
    for row in tables[name].to_dict("records"):
        if row.get("direction", "overridden") == "overridden" and _where(row) == alert.where:
            low, high = (row[ends.format(end)] if ends else np.nan for end in ("low", "high"))
            return float(row[column]), float(low), float(high)
    return np.nan, np.nan, np.nan


def _where(row: Row) -> str:
    return f"as of {pd.Timestamp(row['as_of']):%Y-%m-%d}" if "as_of" in row else "all dates"


def _published_gap(alert: Alert, gaps: pd.DataFrame) -> tuple[float, float, float]:
    for row in gaps.to_dict("records"):
        where = f"{row['characteristic']}: {row['group']} beside {row['reference']}"
        of_all = pd.isna(row["as_of"]) or gaps["as_of"].nunique(dropna=False) == 1
        if of_all and f"gap:{row['metric']}" == alert.measure and where == alert.where:
            ends = (row["difference"], row["difference_low"], row["difference_high"])
            return float(ends[0]), float(ends[1]), float(ends[2])
    return np.nan, np.nan, np.nan
