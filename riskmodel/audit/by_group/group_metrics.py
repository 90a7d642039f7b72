"""How people are listed, by group: list by list, with denominators, intervals and gaps.

Everything is worked out from sums by group, exact and as they are resampled. Where fairlearn's
MetricFrame defines a rate the values are equal (a test holds them to it); it says 0.0 where nobody
is in the denominator, and here that is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.by_group.draws import Amounts, People, Spread, amounts_of, draw_sums
from riskmodel.audit.by_group.gaps import GroupTables, joined, rate_tables, warn_withheld
from riskmodel.audit.by_group.linearised import placement_terms, slope_terms
from riskmodel.audit.by_group.list_rows import OUTCOMES, ListRows
from riskmodel.audit.by_group.measures import AUC_AT, SLOPE_AT, Auc, CalibrationSlope, Measure, Rate
from riskmodel.audit.by_group.rates import EVERYONE, OVERALL, Settings, Sums, by_name, group_codes
from riskmodel.statistics.arrays import FloatArray, IntArray

LIST_MEASURES: tuple[Measure, ...] = (
    Rate("share_of_pool", "people", "people", of_all=True),
    Rate("share_of_list", "listed", "listed", of_all=True),
    Rate("share_of_later_harm", "outcome", "outcome", of_all=True),
    Rate("share_of_later_offences", "offences", "offences", of_all=True),
    Rate("share_of_harm_days", "harm", "harm", of_all=True),
    Rate("selection_rate", "listed", "people"),
    Rate("precision", "listed_outcome", "listed_observed", outcome=True),
    Rate("recall", "listed_outcome", "outcome", outcome=True),
    Rate("false_positive_rate", "listed_clear", "clear", outcome=True),
    Rate("false_negative_rate", "missed", "outcome", outcome=True),
)
"""Of each list; shares of the whole stand beside it."""
ESTIMATE_MEASURES: tuple[Measure, ...] = (
    Rate("outcome_rate", "outcome", "observed", outcome=True),
    Rate(
        "observed_over_expected",
        "outcome",
        "expected",
        proportion=False,
        outcome=True,
        cell="observed",
    ),
    CalibrationSlope(),
    Rate("brier", "brier", "observed", proportion=False, outcome=True),
    Auc(),
    Rate("mean_probability", "probability", "people", proportion=False),
    Rate("mean_probability_later", "probability_later", "outcome", proportion=False),
    Rate("mean_probability_clear", "probability_clear", "clear", proportion=False),
)
"""Of the estimates, whoever is listed."""
MEASURES = LIST_MEASURES + ESTIMATE_MEASURES


@dataclass(frozen=True)
class ListTables:
    """Rates (``RATE_COLUMNS``) and gaps (``GAP_COLUMNS``) of several lists, by name of the list."""

    rates: dict[str, pd.DataFrame]
    gaps: dict[str, pd.DataFrame]


def group_table(
    y: ArrayLike,
    listed: ArrayLike,
    probability: ArrayLike,
    groups: pd.DataFrame,
    *,
    person: ArrayLike | None = None,
    settings: Settings | None = None,
    warn: bool = True,
) -> GroupTables:
    """Return every rate of one list by characteristic and group, with gaps and intervals.

    Parameters
    ----------
    y : array of float, shape (n,)
        1 where serious harm followed, 0 where not, NaN where it was not observed: such people
        count in the pool and on the list, and in no rate that needs the outcome.
    listed : array of bool, shape (n,)
        Held fixed under resampling.
    probability : array of float, shape (n,)
        The AUC is of these; give margins to `list_tables` where they order people more finely.
    groups : DataFrame of str, shape (n, characteristics)
        From `group_columns`; no missing values.
    person : array, shape (n,), optional
        Needed where a person stands in several rows (several dates): people are resampled whole.
    settings : Settings, optional
        Resampling, level, minimum cell (smaller ones are NaN, ``withheld`` and without a gap) and
        what groups are compared with (the largest recorded one by default).
    warn : bool, default True
        One `SmallGroupWarning` that counts the withheld rates.

    Returns
    -------
    GroupTables
        With the metrics of `MEASURES`, but for those of offences and harm.

    Raises
    ------
    SchemaError
        Lengths differ, outcomes are not 0, 1 or NaN, or a group value is missing.

    Examples
    --------
    >>> sex = pd.DataFrame({"sex": ["f"] * 20 + ["m"] * 20})
    >>> tables = group_table([1, 0] * 20, [1, 1, 0, 0] * 10, [0.5] * 40, sex)
    >>> rates = tables.rates.set_index(["metric", "group"])["value"]
    >>> float(rates["precision", "f"]), float(rates["observed_over_expected", "m"])
    (0.5, 1.0)
    """
    chosen = settings or Settings()
    found = list_tables(
        y, {"listed": listed}, probability, probability, groups, person=person, settings=chosen
    )
    tables = GroupTables(found.rates["listed"], found.gaps["listed"])
    if warn:
        warn_withheld(tables.rates, chosen.minimum_cell)
    return tables


def list_tables(
    y: ArrayLike,
    lists: Mapping[str, ArrayLike],
    probability: ArrayLike,
    margin: ArrayLike,
    groups: pd.DataFrame,
    *,
    person: ArrayLike | None = None,
    as_of: ArrayLike | None = None,
    offences: ArrayLike | None = None,
    harm: ArrayLike | None = None,
    settings: Settings | None = None,
) -> ListTables:
    """Return the rates and gaps of several lists over the same people, from one set of resamples.

    Parameters
    ----------
    y, probability, groups, person, settings
        As in `group_table`.
    lists : mapping of str to array of bool, shape (n,)
        Who is on each list. The first has all metrics (`MEASURES`), the others those that lists
        move and the shares beside them (`LIST_MEASURES`).
    margin : array of float, shape (n,)
        What the AUC orders people by.
    as_of : array, shape (n,), optional
        Where given, nobody may stand on one date twice.
    offences, harm : array of float, shape (n,), optional
        Each row's later serious offences and days of harm, NaN where not observed. Without them
        (or if no value is known) ``share_of_later_offences`` and ``share_of_harm_days`` are left
        out.

    Returns
    -------
    ListTables

    Notes
    -----
    With one row a person the resamples are multinomial draws over the cells of people who are
    alike in groups, outcome and lists, exact for counts; else they are of people with all of their
    rows. Simultaneous intervals hold for all groups and characteristics of a metric.

    Examples
    --------
    >>> sex = pd.DataFrame({"sex": ["f"] * 20 + ["m"] * 20})
    >>> score = np.tile(np.arange(20) / 20, 2)
    >>> lists = {"k=4": score >= 0.9, "k=20": score >= 0.5}
    >>> found = list_tables([0, 1] * 20, lists, score, score, sex, person=np.arange(40))
    >>> rates = found.rates["k=20"].set_index(["metric", "group"])["value"]
    >>> float(rates["recall", "f"])
    0.5
    """
    chosen = settings or Settings()
    rows = ListRows.checked(
        y,
        lists,
        probability,
        margin,
        groups,
        person,
        as_of,
        {"offences": offences, "harm": harm},
    )
    sums = resampled_sums(rows, groups, chosen)
    everyone = sums.pop(EVERYONE, None)
    first = next(iter(rows.lists), "")
    found = {name: _tables_of(name, sums, everyone, name == first, chosen) for name in rows.lists}
    return ListTables(
        {name: tables.rates for name, tables in found.items()},
        {name: tables.gaps for name, tables in found.items()},
    )


def _tables_of(
    name: str, sums: Mapping[str, Sums], everyone: Sums | None, whole: bool, settings: Settings
) -> GroupTables:
    of_list = {key: each.of_list(name) for key, each in sums.items()}
    base = None if everyone is None else everyone.of_list(name)
    parts = []
    for characteristic, mine in of_list.items():
        measures = [
            measure
            for measure in (MEASURES if whole else LIST_MEASURES)
            if measure.parts[0] in mine.point
        ]
        parts.append(
            rate_tables(characteristic, mine, measures, settings, size="people", everyone=base)
        )
    return joined(parts)


def resampled_sums(rows: ListRows, groups: pd.DataFrame, settings: Settings) -> dict[str, Sums]:
    """Return the sums of every characteristic, as they stand and under the same resamples.

    Where groups are compared with everyone, the sums of all people stand under `EVERYONE`.
    """
    codes = {str(name): group_codes(groups[name]) for name in groups.columns}
    features = [code for code, _ in codes.values()]
    if pd.Series(rows.person).is_unique:
        people = People.alike([*features, rows.outcome, rows.listed_code])
    else:
        people = People.one_by_one(rows.person)
    if settings.reference == OVERALL:
        codes[EVERYONE] = np.zeros(len(rows.y), dtype=np.int64), (EVERYONE,)
    ascending = np.argsort(rows.margin, kind="stable")
    parts = {
        name: _characteristic(rows, code, len(levels), people, ascending)
        for name, (code, levels) in codes.items()
    }
    tables = {name: amounts for name, (amounts, _) in parts.items()}
    drawn = draw_sums(tables, people, settings.n_replicates, settings.seed)
    return {
        name: Sums(
            codes[name][1],
            by_name(amounts.names, amounts.totals()) | at,
            by_name(amounts.names, drawn[name]) | at,
            amounts.behind(),
        )
        for name, (amounts, at) in parts.items()
    }


def _characteristic(
    rows: ListRows, code: IntArray, n_groups: int, people: People, ascending: IntArray
) -> tuple[Amounts, dict[str, FloatArray]]:
    """Return what is summed by group, and where the slope and the AUC of each group stand."""
    part = code * len(OUTCOMES) + rows.outcome
    small = part.astype(np.min_scalar_type(n_groups * len(OUTCOMES)))  # 16 bits sort the quickest
    order = ascending[np.argsort(small[ascending], kind="stable")]
    edges = np.searchsorted(part[order], np.arange(n_groups * len(OUTCOMES) + 1)).astype(np.int64)
    estimates = rows.estimates(order)
    slope = slope_terms(estimates["probability"], edges)
    placed = placement_terms(rows.margin[order], edges)
    measured = estimates | slope.terms | placed.terms
    at = {SLOPE_AT: slope.at, AUC_AT: placed.at}
    own = People(people.unit[order], people.size)
    if people.pooled:
        return _pooled(rows, code, measured, own, order, edges), at
    return amounts_of({**rows.counts(order), **measured}, code[order], own), at


def _pooled(
    rows: ListRows,
    code: IntArray,
    measured: Mapping[str, FloatArray],
    people: People,
    order: IntArray,
    edges: IntArray,
) -> Amounts:
    """Return counts that everyone in a unit shares, and means with their spread."""
    first = np.empty(len(people.size), dtype=np.int64)
    first[people.unit] = order
    counts = rows.counts(first)
    values = list(measured.values())
    means = np.stack([np.bincount(people.unit, weights=each) for each in values]) / people.size
    names = (*counts, *measured)
    columns = np.arange(len(counts), len(names))
    by_outcome = [names.index(outcome) for outcome in OUTCOMES]
    spread = Spread.of(values, means, people.unit, edges, columns, by_outcome)
    by_group = np.argsort(code[first], kind="stable")
    each = np.column_stack([*counts.values(), *means])[by_group]
    return Amounts(names, code[first][by_group], by_group, people.size[by_group], each, spread)
