"""Rates by group, period by period and over all of them, and the gaps between groups."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, GroupTables
from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.groups import birth_dates, group_columns
from riskmodel.audit.by_group.rates import RATE_COLUMNS, Settings
from riskmodel.histories.events import EventHistories
from riskmodel.monitoring.past_scores import estimated

METRICS = (
    "selection_rate",
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
    "observed_over_expected",
)
_N_OF = {"observed_over_expected": "outcome_rate"}  # whose denominator counts the people observed


class GroupPeriods(NamedTuple):
    """Rates and gaps of each date; rows whose ``as_of`` is missing are of all dates together."""

    rates: pd.DataFrame
    gaps: pd.DataFrame


def group_periods(
    rows: pd.DataFrame,
    groups: pd.DataFrame,
    *,
    histories: EventHistories | None = None,
    settings: Settings | None = None,
) -> GroupPeriods:
    """Return the rates and gaps by group of each date, and of all dates together.

    A list of a hundred is short: of one date hardly any gap can be told from chance. All dates
    together can, with people resampled whole.

    Parameters
    ----------
    rows : DataFrame
        From `riskmodel.monitoring.past_scores.past_scores`.
    groups : DataFrame
        ``person_id`` and one column per characteristic.
    histories : EventHistories, optional
        Where birth dates are read, for the age band.
    settings : Settings, optional

    Returns
    -------
    GroupPeriods
        rates: as_of (missing: all dates together), the columns of an audit's ``listed``, and n,
        the people that a rate rests on. gaps: as_of and the columns of an audit's ``gaps``. Of the
        metrics `METRICS`; small cells are withheld.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_id": [str(i) for i in range(40)], "probability": 0.5,
    ...     "as_of": pd.Timestamp("2012-01-01"), "y": [1.0, 0.0] * 20, "listed": [True] * 40})
    >>> groups = pd.DataFrame({"person_id": rows["person_id"], "half": ["a"] * 20 + ["b"] * 20})
    >>> found = group_periods(rows, groups).rates
    >>> found.loc[found["metric"] == "precision", ["group", "value", "n"]].values.tolist()
    [['a', 0.5, 20.0], ['b', 0.5, 20.0]]
    """
    known = estimated(rows)
    person_id, as_of = known["person_id"], known["as_of"]
    born = birth_dates(histories, person_id)
    columns = group_columns(person_id, groups, birth_date=born, as_of=as_of)
    dates = sorted(as_of.unique())
    tables = {date: _tables(known, columns, as_of == date, settings) for date in dates}
    if len(dates) > 1:  # of one date alone, all dates together say the same
        tables[pd.NaT] = _tables(known, columns, as_of.notna(), settings)
    return GroupPeriods(
        _stacked({date: _with_n(found.rates) for date, found in tables.items()},
                 ("as_of", *RATE_COLUMNS, "n")),
        _stacked({date: _kept(found.gaps) for date, found in tables.items()},
                 ("as_of", *GAP_COLUMNS)),
    )  # fmt: skip


def _tables(
    rows: pd.DataFrame, columns: pd.DataFrame, chosen: pd.Series, settings: Settings | None
) -> GroupTables:
    return group_table(
        rows["y"][chosen],
        rows["listed"][chosen],
        rows["probability"][chosen],
        columns[chosen].reset_index(drop=True),
        person=rows["person_id"][chosen],
        settings=settings,
        warn=False,
    )


def _with_n(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the rates of `METRICS` with the number of people that each rests on."""
    names = ["characteristic", "group", "metric"]
    counts = rates.set_index(names)["denominator"]
    kept = _kept(rates)
    keys = kept[names].assign(metric=kept["metric"].replace(_N_OF))
    return kept.assign(n=counts.loc[pd.MultiIndex.from_frame(keys)].to_numpy())


def _kept(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["metric"].isin(METRICS)].reset_index(drop=True)


def _stacked(parts: dict[pd.Timestamp, pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    dated = [table.assign(as_of=date) for date, table in parts.items() if len(table)]
    whole = pd.concat(dated, ignore_index=True) if dated else pd.DataFrame(columns=list(columns))
    return whole.reindex(columns=list(columns)).astype({"as_of": "datetime64[us]"})
