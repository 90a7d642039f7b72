"""identity_report(): likely duplicates in a history, and what they would do to the list."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.merging import contradicted
from riskmodel.histories.person_links import (
    LINK_COLUMNS,
    THRESHOLD,
    is_any_known,
    read_links,
    representatives,
)
from riskmodel.snapshots.duplicates import (
    KINDS,
    RULES,
    birth_dates,
    duplicate_events,
    known_rows,
    likely_pairs,
)
from riskmodel.snapshots.identity_effect import (
    changes,
    counted_changes,
    ranks,
    rule_in_use,
    touched_people,
)
from riskmodel.snapshots.identity_result import IdentityReport
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant

LINKED = "linked"
LISTS = ("rule in use", "scores given")


def identity_report(
    histories: EventHistories,
    task: Task,
    *,
    as_of: Any,
    k: int = 100,
    links: Any = None,
    threshold: float = THRESHOLD,
    scores: pd.Series[Any] | pd.DataFrame | None = None,
    groups: pd.DataFrame | None = None,
    seed: int = 0,
) -> IdentityReport:
    """Report likely duplicate events and persons, and what they would do to the first `k`.

    Duplicate events are records of one person, day, offence and victim; where neither names a
    victim they are the weaker kind, counted apart. Of each group the record recorded first is kept,
    the others are surplus. Two incidents of a day can be real: this says likely, no more.

    Likely duplicate persons are two ids with one date of birth and a record each against one
    victim: of the same moment and offence, of the same day and offence, or at the same place.
    Linking by names is left to a linkage tool such as Splink; its predictions are taken as `links`.

    The list is that of the rule in use: last year's summed harm. It is ranked anew without the
    surplus records, with the persons merged, and both (what was entered under both ids is surplus
    then too). Nothing is changed in the histories.

    Parameters
    ----------
    histories : EventHistories
    task : Task
        Its cohort and edition make the list.
    as_of : date-like
        Only what was recorded before it and counts then is read: no cancelled record.
    k : int
        Length of the list.
    links : DataFrame or pyarrow.Table, optional
        Pairs of ids with a match_probability, as Splink predicts them: see `merge_persons`.
    threshold : float
        Links of at least this match probability count.
    scores : Series by person_id, or DataFrame from `score`, optional
        Another list to look at as it is: new scores need the model, see `IdentityReport.merged`.
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic.
    seed : int
        Of the order among equals.

    Returns
    -------
    IdentityReport

    Raises
    ------
    SchemaError
        `k` under 1, `as_of` before the data begin, scores without ids, links that are none.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(300, seed=1)
    >>> report = identity_report(
    ...     world.histories, Task(offences=world.offences), as_of="2024-01-01", k=10
    ... )
    >>> report.pair_counts.loc["any of them", "pairs"].item()
    0
    """
    moment = _checked(histories, as_of, k)
    rows = known_rows(histories, task, moment)
    events = duplicate_events(histories, rows)
    apart, shared = birth_dates(histories, rows)
    pairs = _with_given(likely_pairs(histories, rows, apart), histories, links, threshold)
    touched = touched_people(histories, task, moment, events, pairs)
    wrong = contradicted(touched, pairs).tolist()
    pairs = pairs.assign(contradicted=pairs[LINK_COLUMNS[:2]].isin(wrong).any(axis=1))
    kept = pairs.loc[~pairs["contradicted"], LINK_COLUMNS[:2]]
    before = rule_in_use(histories, task, moment, groups)
    options: dict[str, Any] = {"k": k, "seed": seed, "groups": groups}
    changed = changes(touched, task, moment, before=before, events=events, pairs=kept, **options)
    lists = {LISTS[0]: before} | ({} if scores is None else {LISTS[1]: _by_person(scores)})
    return IdentityReport(
        as_of=moment,
        k=k,
        seed=seed,
        threshold=threshold,
        event_counts=_event_counts(events),
        pair_counts=_pair_counts(pairs),
        birth_dates=_date_counts(apart, shared),
        listed=_listed(histories, lists, events, kept, k, seed),
        effects=counted_changes(changed),
        events=events,
        pairs=pairs,
        changes=changed,
    )


def _checked(histories: EventHistories, as_of: Any, k: int) -> pd.Timestamp:
    moment = instant(as_of)
    problems = []
    if isinstance(k, bool) or int(k) != k or k < 1:
        problems.append(f"k: {k} given, a whole number from 1 is allowed")
    if moment <= histories.data_start:
        problems.append(
            f"as_of: {moment:%Y-%m-%d} given, before there are data; they begin "
            f"{histories.data_start:%Y-%m-%d}"
        )
    if problems:
        raise SchemaError(problems)
    return moment


def _with_given(
    found: pd.DataFrame, histories: EventHistories, links: Any, threshold: float
) -> pd.DataFrame:
    """Add the links given, each with its first id in order on the left, to the pairs found."""
    both = LINK_COLUMNS[:2]
    given = pd.DataFrame(columns=LINK_COLUMNS) if links is None else read_links(links, threshold)
    if len(given) and not is_any_known(histories.persons, given):
        raise SchemaError(
            "links: no id of a linked pair is in these histories; give the ids of events.person_id"
        )
    swapped = given["person_id_l"] > given["person_id_r"]
    ordered = given[both].mask(swapped, given[both[::-1]].set_axis(both, axis=1))
    given = ordered.assign(match_probability=given["match_probability"].astype("float64"))
    best: Any = given.groupby(both, as_index=False)["match_probability"].max()
    pairs = found.merge(best, "outer", on=both).sort_values(both, ignore_index=True)
    pairs = pairs.assign(**{name: pairs[name].eq(True) for name in RULES})
    return pairs.assign(**{LINKED: pairs["match_probability"].notna()})


def _event_counts(events: pd.DataFrame) -> pd.DataFrame:
    surplus = events[events["surplus"]]
    recent = surplus[surplus["in_last_year"]]
    counts = {
        "groups": events.groupby("kind")["group"].nunique(),
        "surplus_records": surplus.groupby("kind").size(),
        "people": events.groupby("kind")["person_id"].nunique(),
        "surplus_harm": surplus.groupby("kind")["harm"].sum(),
        "surplus_harm_1y": recent.groupby("kind")["harm"].sum(),
    }
    return pd.DataFrame(counts).reindex(list(KINDS)).fillna(0).convert_dtypes()


def _pair_counts(pairs: pd.DataFrame) -> pd.DataFrame:
    fired = {name: pairs[pairs[name]] for name in (*RULES, LINKED)} | {"any of them": pairs}
    rows = {
        name: {
            "pairs": len(part),
            "persons": pd.concat([part["person_id_l"], part["person_id_r"]]).nunique(),
            "contradicted": int(part["contradicted"].sum()),
        }
        for name, part in fired.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _date_counts(apart: pd.Series[Any], shared: pd.Series[Any]) -> pd.DataFrame:
    rows = {"tells people apart": apart, "shared by too many": shared}
    counts = {name: {"dates": d.nunique(), "persons": len(d)} for name, d in rows.items()}
    return pd.DataFrame.from_dict(counts, orient="index")


def _by_person(scores: Any) -> pd.Series[Any]:
    """Return the scores given as a series by person_id."""
    values: pd.Series[Any] = scores
    if isinstance(scores, pd.DataFrame):
        if missing := [name for name in ("person_id", "margin") if name not in scores.columns]:
            raise SchemaError(f"scores: no columns {', '.join(missing)}; give a table from score()")
        values = scores.set_index("person_id")["margin"]
    if values.index.has_duplicates:
        raise SchemaError("scores: persons occur more than once; give one score each")
    return values.set_axis(values.index.astype("str"))


def _listed(
    histories: EventHistories,
    lists: dict[str, pd.Series[Any]],
    events: pd.DataFrame,
    pairs: pd.DataFrame,
    k: int,
    seed: int,
) -> pd.DataFrame:
    sure = events["surplus"] & (events["kind"] == KINDS[0])
    repeated, paired = set(events.loc[sure, "person_id"]), set(pairs.stack())
    one = pd.Series(representatives(histories.persons, pairs), index=histories.persons)
    rows = {}
    for name, values in lists.items():
        rank = ranks(values, seed)
        ids = rank.index[rank <= k]
        rows[name] = {
            "listed": len(ids),
            "with_surplus": len(repeated & set(ids)),
            "in_pairs": len(paired & set(ids)),
            "shared_places": int(one.reindex(ids).dropna().duplicated().sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")
