"""What may leave the organisation: counts of 1 to 7 withheld, others rounded to 5.

Rates are worked out again from the rounded counts, so that no exact count can be read back from
them. This is primary suppression only: where one cell of a row is withheld, its value may still
follow from the others and a total. Releases are to be checked against each other before they go
out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.accuracy_disclosure import disclose_accuracy
from riskmodel.audit.gaps import MEASURED
from riskmodel.audit.group_metrics import LIST_RATES
from riskmodel.audit.result import FairnessAudit
from riskmodel.audit.rounding import (
    WITHHELD,
    interval_around,
    is_small,
    round_amounts,
    round_counts,
)
from riskmodel.audit.verdicts import Verdict
from riskmodel.audit.victims import VICTIM_RATES
from riskmodel.statistics.arrays import FloatArray, divide

_KINDS = {
    **{rate.name: "share" if rate.of_all else "rate" for rate in LIST_RATES + VICTIM_RATES},
    "share_of_group": "rate",
    "observed_over_expected": "ratio",
    "mean_probability": "mean",
    "harm_coverage": "days",
}
"""How a rate is disclosed: of a group, of all groups, count over estimate, mean, of days."""
_EXACT = ("k", "n_dates", "horizon_days", "late_allowance_days", "dates_learnt_from")


def published(audit: FairnessAudit) -> FairnessAudit:
    """Return the audit with every table and the summary fit to be published.

    Notes
    -----
    Only the audited length of list is kept of the accuracy table: lists of several lengths
    beside each other give counts by subtraction.
    """
    listed, victims = disclose_rates(audit.listed), disclose_rates(audit.victims)
    gaps = disclose_gaps(audit.gaps, listed)
    victim_gaps = disclose_gaps(audit.victim_gaps, victims)
    measured = {
        "listed": listed,
        "gaps": gaps,
        "bands": disclose_rates(audit.bands),
        "calibration": _disclose_calibration(audit.calibration),
        "victims": victims,
        "victim_gaps": victim_gaps,
        "coverage": _disclose_coverage(audit.coverage),
        "data_quality": _disclose_missing(audit.data_quality),
        "evidence": _disclose_evidence(audit.evidence),
        "label": _disclose_label(audit.label),
        "proxies": audit.proxies.assign(share_explained=audit.proxies["share_explained"].round(2)),
        "follow_up": _disclose_follow_up(audit.follow_up),
        "between": _disclose_counts(
            audit.between, [str(name) for name in audit.between if name != "as_of"]
        ),
        "stability": _disclose_stability(audit.stability),
    }
    return replace(
        audit,
        summary=disclose_summary(audit.summary),
        measured=measured,
        verdicts=tuple(_disclose_verdict(one, gaps, victim_gaps) for one in audit.verdicts),
        accuracy=disclose_accuracy(audit.accuracy, audit.summary["k"]),
    )


def disclose_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of rates (``RATE_COLUMNS``) with counts rounded and rates from those.

    A rate is withheld where its numerator, its denominator or what lies between them is a count
    of 1 to 7, or rests on 1 to 7 different people.
    """
    if table.empty:
        return table
    top, bottom = (table[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    hidden = _hidden(table, top, bottom)
    kind = table["metric"].map(_KINDS).to_numpy()
    numerator = np.where(hidden | (kind == "mean"), np.nan, round_amounts(top))
    denominator = np.where(is_small(bottom), np.nan, round_amounts(bottom))
    exact = table["value"].to_numpy(dtype=float)
    value = np.where(
        kind == "mean",
        np.round(exact, 2),
        divide(numerator, np.where(kind == "ratio", bottom, np.nan_to_num(denominator))),
    )
    value = np.where(hidden | np.isnan(exact), np.nan, value)
    low, high = interval_around(table, value)
    return table.drop(columns="people", errors="ignore").assign(
        value=value,
        low=low,
        high=high,
        numerator=numerator,
        denominator=np.where(kind == "ratio", np.nan, denominator),
        withheld=hidden,
    )


def _hidden(table: pd.DataFrame, top: FloatArray, bottom: FloatArray) -> NDArray[np.bool_]:
    """Return which rates are withheld; a rate of days is where the rate of offences is."""
    kind, metric = table["metric"].map(_KINDS).to_numpy(), table["metric"]
    counted = np.isin(kind, ("rate", "share", "ratio"))
    small = (counted & is_small(top)) | (np.isin(kind, ("rate", "share")) & is_small(bottom))
    small |= (kind == "rate") & is_small(bottom - top)
    if "people" in table:
        small |= is_small(table["people"].to_numpy(dtype=float))
    hidden = table["withheld"].to_numpy(dtype=bool) | small
    if "coverage" not in set(metric):
        return hidden
    keys = pd.MultiIndex.from_frame(table[["characteristic", "group"]])
    covered = (metric == "coverage").to_numpy()
    of_offences = pd.Series(hidden[covered], index=keys[covered])
    days = (metric == "harm_coverage").to_numpy()
    return np.asarray(hidden | (days & of_offences.reindex(keys).to_numpy(dtype=bool)))


def disclose_gaps(gaps: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return gaps worked out again from published rates; none where a rate is withheld."""
    if gaps.empty:
        return gaps
    value = rates.set_index(["characteristic", "metric", "group"])["value"]
    mine, base = (
        value.reindex(pd.MultiIndex.from_frame(gaps[["characteristic", "metric", side]])).to_numpy(
            dtype=float
        )
        for side in ("group", "reference")
    )
    measured = (gaps["status"] == MEASURED).to_numpy()
    shown = measured & ~np.isnan(mine - base)
    columns: dict[str, Any] = {"difference": mine - base, "ratio": divide(mine, base)}
    for name in ("difference", "ratio"):
        ends = (gaps[f"{name}_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
        low, high = (np.round(values, 2) for values in ends)
        columns[f"{name}_low"] = np.minimum(low, columns[name])
        columns[f"{name}_high"] = np.maximum(high, columns[name])
    numbers = {name: np.where(shown, found, np.nan) for name, found in columns.items()}
    hidden = measured & ~shown
    return gaps.assign(
        **numbers,
        status=np.where(hidden, WITHHELD, gaps["status"]),
        reason=np.where(hidden, "a count behind it is withheld", gaps["reason"]),
        difference_se=np.nan,
        log_ratio_se=np.nan,
    )


def disclose_summary(summary: dict[str, Any]) -> dict[str, Any]:
    """Return page one's counts rounded; None where withheld."""
    found: dict[str, Any] = {}
    for name, value in summary.items():
        if isinstance(value, dict):
            found[name] = disclose_summary(value)
        elif isinstance(value, int) and name not in _EXACT:
            count = float(round_counts(value))
            found[name] = None if np.isnan(count) else int(count)
        else:
            found[name] = value
    return found


def _disclose_counts(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return table.assign(**{name: round_counts(table[name]) for name in columns})


def _disclose_coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Round counts and days; the days of a few offences are as telling as their number."""
    hidden = is_small(table["offences"].to_numpy(dtype=float))
    days = np.where(hidden, np.nan, round_amounts(table["harm"]))
    return _disclose_counts(table, ["offences", "victims"]).assign(harm=days)


def _disclose_calibration(table: pd.DataFrame) -> pd.DataFrame:
    n, positives = table["n"].to_numpy(dtype=float), table["positives"].to_numpy(dtype=float)
    hidden = is_small(n) | is_small(positives) | is_small(n - positives)
    rounded = np.where(hidden, np.nan, round_amounts(positives))
    observed = divide(rounded, round_counts(n))
    low, high = interval_around(table, observed)
    return table.assign(
        n=round_counts(n), positives=rounded, observed=observed, low=low, high=high,
        predicted=table["predicted"].round(3),
    )  # fmt: skip


def _disclose_missing(table: pd.DataFrame) -> pd.DataFrame:
    rounded = _disclose_counts(table, ["n", "missing"])
    return rounded.assign(share_missing=divide(rounded["missing"], rounded["n"].fillna(0)))


def _disclose_evidence(table: pd.DataFrame) -> pd.DataFrame:
    if table.empty:
        return table
    columns: dict[str, Any] = {}
    for who in ("listed", "scored"):
        counts = round_counts(table[f"records_{who}"])
        columns[f"records_{who}"] = counts
        columns[f"share_{who}"] = divide(counts, np.nansum(counts))
    return table.assign(**columns)


def _disclose_label(table: pd.DataFrame) -> pd.DataFrame:
    """Both rates rest on one count: it is hidden where any remainder of it is small."""
    if table.empty:
        return table
    counts = {name: table[name].to_numpy(dtype=float) for name in table if "_" in str(name)}
    hit, listed = counts["listed_later"], counts["listed_observed"]
    hidden = is_small(hit) | is_small(listed - hit) | is_small(counts["scored_later"] - hit)
    columns = {str(name): round_counts(values) for name, values in counts.items()}
    columns["listed_later"] = np.where(hidden, np.nan, columns["listed_later"])
    for rate, base in (("precision", "listed_observed"), ("recall", "scored_later")):
        columns[rate] = divide(columns["listed_later"], np.nan_to_num(columns[base]))
    return table.assign(**columns)


def _disclose_follow_up(table: pd.DataFrame) -> pd.DataFrame:
    days = (table["what"] == "mean days at risk").to_numpy()
    return table.assign(
        **{
            name: np.where(days, table[name].astype(float).round(0), round_counts(table[name]))
            for name in ("listed", "scored")
        }
    )


def _disclose_stability(table: pd.DataFrame) -> pd.DataFrame:
    k, kept = table["k"].to_numpy(dtype=float), table["kept"].to_numpy(dtype=float)
    hidden = is_small(kept) | is_small(k - kept)
    rounded = np.where(hidden, np.nan, round_amounts(kept))
    return table.assign(kept=rounded, share_kept=divide(rounded, k))


def _disclose_verdict(verdict: Verdict, *gaps: pd.DataFrame) -> Verdict:
    for table in gaps:
        found = table[
            (table["characteristic"] == verdict.characteristic)
            & (table["metric"] == verdict.metric)
            & (table["group"] == verdict.group)
        ]
        if len(found):
            row = found.iloc[0]
            scale = verdict.scale
            gap, low, high = (float(row[name]) for name in (scale, f"{scale}_low", f"{scale}_high"))
            return replace(verdict, gap=gap, low=low, high=high)
    return verdict
