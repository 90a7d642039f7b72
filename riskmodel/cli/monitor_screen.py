"""What ``riskmodel monitor`` shows: a short table for each section, then alerts and notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from riskmodel.audit.by_group.gaps import MEASURED
from riskmodel.audit.over_time import OverTime
from riskmodel.cli.screens import number, remark, say, show_table, with_interval

MOST_FEATURES = 5
"""Features whose drift the screen shows; the tables have all."""


def show_over_time(found: OverTime) -> None:
    """Print what was measured, section by section."""
    tables = found.tables
    for show in (_periods, _gaps, _drift, _changes, _actions, _overrides, _random_order):
        show(tables)
    for text in found.notes:
        remark(f"* {text}")
    say()
    standing = [alert for alert in found.alerts if alert.stands]
    for alert in found.alerts:
        label = f"ALERT ({alert.consequence})" if alert.stands else "watch"
        remark(f"{label}: {alert.sentence}")
    consequences = ", ".join(dict.fromkeys(alert.consequence for alert in standing))
    watched = len(found.alerts) - len(standing)
    say(f"alerts: {len(standing)}{f' ({consequences})' if consequences else ''}; watch: {watched}")


def _periods(tables: dict[str, pd.DataFrame]) -> None:
    rows = [
        [
            _date(row["as_of"]),
            number(row["n"], 0),
            number(row["n_observed"], 0),
            _interval(row, "observed_over_expected", 2),
            number(row["listed_observed"], 0),
            _interval(row, "precision", 2),
        ]
        for row in tables["periods"].to_dict("records")
    ]
    header = ("as of", "people", "outcome known", "observed / expected", "listed", "precision")
    show_table("What became of those who were scored", header, rows)


def _gaps(tables: dict[str, pd.DataFrame]) -> None:
    gaps = tables["group_period_gaps"]
    if gaps.empty:
        return
    whole = gaps[gaps["as_of"].isna()] if gaps["as_of"].isna().any() else gaps
    shown = whole[(whole["status"] == MEASURED) & whole["metric"].isin(["precision", "recall"])]
    rows = [
        [
            row["metric"],
            row["characteristic"],
            row["group"],
            with_interval(row["difference"], row["difference_low"], row["difference_high"], 2),
            row["reference"],
        ]
        for row in shown.to_dict("records")
    ]
    if rows:
        header = ("metric", "characteristic", "group", "difference", "beside")
        show_table("Gaps between groups, all dates together", header, rows)


def _drift(tables: dict[str, pd.DataFrame]) -> None:
    parts = [("feature", tables["drift"].head(MOST_FEATURES)),
             ("estimate", tables["drift_estimates"])]  # fmt: skip
    rows = [
        [f"{kind} {row[kind]}", _interval(row, "psi", 3, names=("low", "high")),
         number(row["by_chance"]), str(row["change"])]
        for kind, table in parts
        for row in table.to_dict("records")
    ]  # fmt: skip
    if rows:
        show_table("Largest drift since training", ("of", "psi", "by chance", "change"), rows)


def _changes(tables: dict[str, pd.DataFrame]) -> None:
    rows = [
        [_date(row["as_of"]), *(number(row[name], 0) for name in ("entered", "left", "stayed")),
         number(row["share_stayed"], 2)]
        for row in tables["changes"].to_dict("records")
    ]  # fmt: skip
    if rows:
        header = ("list of", "entered", "left", "stayed", "share that stayed")
        show_table("From one list to the next", header, rows)
    times = tables["time_on_list"].to_dict("records")
    if len(tables["periods"]) > 1 and times:
        cells = [[number(row["dates_listed"], 0), number(row["people"], 0)] for row in times]
        show_table("Time on the list", ("dates", "people"), cells)


def _actions(tables: dict[str, pd.DataFrame]) -> None:
    rows = [
        [row["who"], number(row["listed"], 0), number(row["listed_observed"], 0),
         _interval(row, "precision", 2, names=("low", "high")), number(row["expected"], 1),
         number(row["observed"], 0)]
        for row in tables["actions"].to_dict("records")
    ]  # fmt: skip
    if rows:
        header = ("people listed", "places", "outcome known", "precision", "expected", "observed")
        show_table("With and without those who were worked", header, rows)


def _overrides(tables: dict[str, pd.DataFrame]) -> None:
    _rates(
        "What people made of the list", "decision", "direction", tables["overrides"], count="share"
    )


def _random_order(tables: dict[str, pd.DataFrame]) -> None:
    _rates("Drawn by lot near the cut", "arm", "arm", tables["random_order"], count="p_value")


def _rates(title: str, first: str, column: str, table: pd.DataFrame, *, count: str) -> None:
    rows = [
        [str(row[column]), number(row["n"], 0), number(row[count], 3),
         _interval(row, "outcome_rate", 2, names=("low", "high"))]
        for row in table.to_dict("records")
    ]  # fmt: skip
    if rows:
        show_table(title, (first, "n", count.replace("_", " "), "outcome rate"), rows)


def _interval(
    row: dict[Any, Any], name: str, digits: int, *, names: Sequence[str] | None = None
) -> str:
    low, high = names or (f"{name}_low", f"{name}_high")
    return with_interval(row[name], row[low], row[high], digits)


def _date(value: object) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d}"  # type: ignore[arg-type]
