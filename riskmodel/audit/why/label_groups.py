"""The same list judged by stricter readings of the records, group by group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.estimates import Estimate, rate_rows
from riskmodel.audit.by_group.gaps import stacked
from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import RATE_COLUMNS, Settings, sums_by_groups
from riskmodel.audit.why.label_evidence import NEVER, later_by_reading, reading_notes
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.table import Snapshots

LABEL_GROUP_COLUMNS = ("reading", *RATE_COLUMNS)


def label_group_table(
    snapshots: Snapshots,
    histories: EventHistories,
    listed: ArrayLike,
    columns: pd.DataFrame,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Return precision, recall and outcome rate by group under each reading of the evidence.

    Parameters
    ----------
    snapshots : Snapshots, n rows
        With a task: a ready-made table gives an empty table.
    histories : EventHistories
    listed : array of bool, shape (n,)
    columns : DataFrame of str, shape (n, characteristics)
        From `group_columns`.
    settings : Settings, optional

    Returns
    -------
    DataFrame
        ``LABEL_GROUP_COLUMNS``, a row per reading, characteristic, metric and group. NaN under a
        reading that the histories cannot make. Where a gap under allegation goes away under
        conviction, or turns, the label itself differs between groups.
    """
    if snapshots.task is None:
        return pd.DataFrame(columns=list(LABEL_GROUP_COLUMNS))
    later = later_by_reading(snapshots, histories)
    table = rates_by_reading(
        later,
        snapshots.observed.to_numpy(dtype=bool),
        listed,
        columns,
        person=snapshots.person_id,
        settings=settings,
    )
    notes = reading_notes(snapshots, histories)
    unknown = table["reading"].map(notes) == NEVER
    table.loc[unknown, ["value", "low", "high", "numerator"]] = np.nan
    return table


def rates_by_reading(
    later: Mapping[str, NDArray[np.bool_]],
    observed: NDArray[np.bool_],
    listed: ArrayLike,
    columns: pd.DataFrame,
    *,
    person: ArrayLike,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Return the rates of `label_group_table` from who went on to serious harm by each reading.

    Examples
    --------
    >>> later = {"alleged": np.array([True, True] * 10), "convicted": np.array([True, False] * 10)}
    >>> sex = pd.DataFrame({"sex": ["f"] * 20})
    >>> seen = np.ones(20, dtype=bool)
    >>> table = rates_by_reading(later, seen, seen, sex, person=range(20))
    >>> table.loc[table["metric"] == "precision", "value"].tolist()
    [1.0, 0.5]
    """
    chosen = settings or Settings()
    quantities = _quantities(later, observed, np.asarray(listed, dtype=bool))
    tables = []
    for name, sums in sums_by_groups(quantities, columns, person, chosen).items():
        for reading in later:
            for rate in _rates(reading):
                rows = rate_rows(name, sums, Estimate.of(rate, sums, chosen), chosen)
                tables.append(rows.assign(reading=reading))
    return stacked(tables, LABEL_GROUP_COLUMNS)


def _rates(reading: str) -> tuple[Rate, ...]:
    hits, both = f"outcome, {reading}", f"listed_outcome, {reading}"
    return (
        Rate("outcome_rate", hits, "observed", outcome=True),
        Rate("precision", both, "listed_observed", outcome=True),
        Rate("recall", both, hits, outcome=True),
    )


def _quantities(
    later: Mapping[str, NDArray[np.bool_]], observed: NDArray[np.bool_], listed: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return what is summed."""
    counts = {"observed": observed, "listed_observed": observed & listed}
    for reading, went_on in later.items():
        counts[f"outcome, {reading}"] = observed & went_on
        counts[f"listed_outcome, {reading}"] = observed & went_on & listed
    return pd.DataFrame(counts, dtype=float)
