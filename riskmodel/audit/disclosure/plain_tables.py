"""Tables that are no rates by group, as they are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.ledger import Key
from riskmodel.audit.disclosure.other_counts import (
    LABEL_COUNTS,
    bin_key,
    coverage_key,
    everyone,
    follow_up_keys,
    is_count,
    missing_keys,
    summary_key,
)
from riskmodel.audit.disclosure.rounding import (
    is_small,
    moved_interval,
    round_amounts,
    round_counts,
    round_figures,
    step_of,
)
from riskmodel.statistics.arrays import FloatArray, divide


def disclose_summary(summary: dict[str, Any], context: Context, within: Key = ()) -> dict[str, Any]:
    """Return page one's counts rounded; None where withheld."""
    found: dict[str, Any] = {}
    for name, value in summary.items():
        if isinstance(value, dict):
            found[name] = disclose_summary(value, context, (*within, name))
        elif is_count(name, value):
            count = context.printed(summary_key(name, within))
            found[name] = None if np.isnan(count) else int(count)
        else:
            found[name] = value
    return found


def calibration(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the table of calibration by tenths."""
    places = [str(place) for place in range(len(table))]
    columns = ["bin", "n", "positives", "predicted", "observed", "low", "high"]
    return _bins(table[columns], context, [("tenth", place) for place in places], 3)


def group_calibration(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the table of calibration by group and bin."""
    columns = ["characteristic", "group", "bin", "n", "positives", "predicted", "observed", "low",
               "high"]  # fmt: skip
    keys = [bin_key(row) for row in table.to_dict("records")]
    return _bins(table[[name for name in columns if name in table]], context, keys, 2)


def _bins(table: pd.DataFrame, context: Context, keys: Sequence[Key], digits: int) -> pd.DataFrame:
    n, positives = (context.print_all((*key, name) for key in keys) for name in ("n", "positives"))
    rest = np.array([context.is_guarded((*key, "rest")) for key in keys], dtype=bool)
    positives = np.where(rest | np.isnan(n), np.nan, positives)
    observed = divide(positives, np.nan_to_num(n))
    low, high = moved_interval(
        table["observed"], table["low"], table["high"], observed, step_of(n), within=(0.0, 1.0)
    )
    predicted = np.where(np.isnan(n), np.nan, table["predicted"].round(digits))
    return table.assign(
        n=n, positives=positives, observed=observed, low=low, high=high, predicted=predicted
    )


def coverage(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return offences, victims and days by date and standing.

    Days have two figures, and are withheld with their offences: the days of a few say how many.
    """
    rows = table.to_dict("records")
    offences, victims = (
        context.print_all(coverage_key(row, name) for row in rows)
        for name in ("offences", "victims")
    )
    harm = np.where(np.isnan(offences), np.nan, round_figures(table["harm"]))
    columns = ["as_of", "standing", "offences", "victims", "harm"]
    return table[columns].assign(offences=offences, victims=victims, harm=harm)


def data_quality(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return how often each characteristic is missing."""
    keys = [missing_keys(row) for row in table.to_dict("records")]
    n = context.print_all(whole for whole, _ in keys)
    missing = context.print_all(part for _, part in keys)
    columns = ["table", "characteristic", "n", "missing", "share_missing"]
    share = divide(missing, np.nan_to_num(n))
    return table[columns].assign(n=n, missing=missing, share_missing=share)


def evidence(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return records by level of evidence; shares are of the records shown."""
    columns: dict[str, FloatArray] = {}
    for who in ("listed", "scored"):
        counts = context.print_all(("evidence", level, who) for level in table["evidence"])
        columns |= {f"records_{who}": counts, f"share_{who}": divide(counts, np.nansum(counts))}
    return table[["evidence"]].assign(**columns)


def label(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the list under each reading of the outcome."""
    counts = {
        column: context.print_all(
            everyone(quantity, "label", (reading,)) for reading in table["label"]
        )
        for column, quantity in LABEL_COUNTS.items()
    }
    hit = counts["listed_later"]
    notes = {name: table[name] for name in table.columns if name == "note"}
    shares = {
        "precision": divide(hit, np.nan_to_num(counts["listed_observed"])),
        "recall": divide(hit, np.nan_to_num(counts["scored_later"])),
    }
    shown = table[["label"]].assign(**counts, **shares, **notes)
    return shown[[name for name in table.columns if name in shown]]


def follow_up(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return what ended follow-up; mean days are whole."""
    days = (table["what"] == "mean days at risk").to_numpy()
    keys = [follow_up_keys(what) for what in table["what"]]
    columns = {}
    for place, name in enumerate(("listed", "scored")):
        counts = context.print_all(pair[place] for pair in keys)
        columns[name] = np.where(days, table[name].astype(float).round(0), counts)
    return table[["what"]].assign(**columns)


def between(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many records came late, by date: of records, of which some are serious."""
    counts = {name: round_counts(table[name]) for name in _BETWEEN_COLUMNS if name in table}
    if set(_BETWEEN_COLUMNS[:2]) <= counts.keys():
        rest = (table[_BETWEEN_COLUMNS[0]] - table[_BETWEEN_COLUMNS[1]]).to_numpy(dtype=float)
        counts[_BETWEEN_COLUMNS[1]] = np.where(is_small(rest), np.nan, counts[_BETWEEN_COLUMNS[1]])
    return table[["as_of"]].assign(**counts)


_BETWEEN_COLUMNS = ("happened_before_recorded_after", "of_them_serious", "recorded_too_late")


def stability(table: pd.DataFrame) -> pd.DataFrame:
    """Return how much of the list stays; its length is known, so what leaves is counted too."""
    k, kept = table["k"].to_numpy(dtype=float), table["kept"].to_numpy(dtype=float)
    hidden = is_small(kept) | is_small(k - kept)
    rounded = np.where(hidden, np.nan, round_amounts(kept))
    columns = ["variant", "as_of", "k", "kept", "share_kept", "note"]
    found = table.assign(kept=rounded, share_kept=divide(rounded, k))
    return found[[name for name in columns if name in table]]


def proxies(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each feature says of a characteristic, to two decimals."""
    columns = [name for name in table.columns if name in _PROXY_COLUMNS]
    return table[columns].assign(share_explained=table["share_explained"].round(2))


_PROXY_COLUMNS = ("characteristic", "feature", "share_explained")
