"""How much of a list stays: under other seeds, a month later, under another harm edition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.json_tables import DATE, from_records, to_records
from riskmodel.model.learning import default_estimator
from riskmodel.model.lists.near_cut import interval_ranks
from riskmodel.model.training import fit_calibrated
from riskmodel.snapshots.build import build_snapshots, features_at
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant, instants
from riskmodel.statistics.arrays import divide
from riskmodel.statistics.ranking import top_k

STABILITY_KINDS = {
    "variant": "str",
    "as_of": DATE,
    "k": "int64",
    "listed": "int64",
    "kept": "int64",
    "share_kept": "float64",
    "jaccard": "float64",
    "kept_near_cut": "int64",
    "lost": "int64",
    "lost_near_cut": "int64",
    "lost_unranked": "int64",
    "note": "str",
}


class Ranker(Protocol):
    """What a list is made with: a `RiskModel`, or whatever answers as it does."""

    @property
    def feature_names(self) -> list[str]:
        """Columns of X."""

    def estimates(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return margin, low and high for each row of X."""


@dataclass(frozen=True, eq=False)
class ListStability:
    """Counts of people on a list and on its variants; nobody is named.

    Attributes
    ----------
    table : DataFrame
        One row for each variant and date: variant, as_of, k, listed (people on the list), kept
        (of them on the variant's list too), share_kept, jaccard (kept, of those on either list),
        kept_near_cut (those kept whose rank spans k, by the intervals of the first list's
        estimates), lost, lost_near_cut, lost_unranked (no longer in the cohort), note (why a
        variant has no list; its counts are then 0 and its shares missing).
    seed : int
        Of the order among equals.
    """

    table: pd.DataFrame
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able content."""
        return {"seed": self.seed, "table": to_records(self.table)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ListStability:
        """Read what `to_dict` wrote."""
        return cls(from_records(content["table"], STABILITY_KINDS), content["seed"])

    def __str__(self) -> str:
        """Return one line for each variant and date."""
        return "\n".join(_line(row) for row in self.table.itertuples())


@dataclass(frozen=True, eq=False)
class RankedList:
    """One date's people, which of them are listed, and for whom the intervals leave it open.

    Attributes
    ----------
    person_id : array of str (n,)
        Everyone ranked.
    listed, near_cut : bool arrays (n,)
    """

    as_of: pd.Timestamp
    k: int
    person_id: npt.NDArray[Any]
    listed: npt.NDArray[np.bool_]
    near_cut: npt.NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(
        cls, person_id: npt.ArrayLike, estimates: pd.DataFrame, as_of: Any, *, k: int, seed: int
    ) -> RankedList:
        """List the `k` highest by margin of one date's people, ties by the seeded order."""
        ids = np.asarray(person_id, dtype=object)
        low, high = (estimates[name].to_numpy(dtype=np.float64) for name in ("low", "high"))
        best, worst = interval_ranks(low, high)
        listed = top_k(estimates["margin"].to_numpy(), ids, k, seed)
        return cls(instant(as_of), int(k), ids, listed, (best <= k) & (worst > k))

    @property
    def people(self) -> npt.NDArray[Any]:
        """Who is listed."""
        return self.person_id[self.listed]

    def compared_with(self, other: RankedList, variant: str) -> dict[str, Any]:
        """Count who of this list is on the other one too, and who is near the cut."""
        kept = self.listed & np.isin(self.person_id, other.people)
        lost = self.listed & ~kept
        listed, shared = int(self.listed.sum()), int(kept.sum())
        return {
            "variant": variant,
            "as_of": self.as_of,
            "k": self.k,
            "listed": listed,
            "kept": shared,
            "share_kept": float(divide(shared, listed)),
            "jaccard": float(divide(shared, listed + int(other.listed.sum()) - shared)),
            "kept_near_cut": int((kept & self.near_cut).sum()),
            "lost": int(lost.sum()),
            "lost_near_cut": int((lost & self.near_cut).sum()),
            "lost_unranked": int((lost & ~np.isin(self.person_id, other.person_id)).sum()),
            "note": "",
        }


def list_at(
    model: Ranker, histories: EventHistories, task: Task, as_of: Any, *, k: int, seed: int = 0
) -> RankedList:
    """Rank the cohort as of a date, by what was recorded before it, and list the `k` highest."""
    table = features_at(histories, task, as_of)
    estimates = model.estimates(table.X[model.feature_names])
    return RankedList.of(table.person_id[table.scored], estimates, as_of, k=k, seed=seed)


def stability_later(
    model: Ranker,
    histories: EventHistories,
    task: Task,
    as_of: Any,
    *,
    k: int = 100,
    months: Sequence[int] = (1,),
    seed: int = 0,
) -> ListStability:
    """Compare the list as of a date with the same model's lists some months later.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(80, seed=1)
    >>> task = Task(offences=world.offences)
    >>> class ByCount:
    ...     feature_names = ["count_1y"]
    ...     def estimates(self, X):
    ...         return pd.DataFrame(dict.fromkeys(("margin", "low", "high"), X["count_1y"]))
    >>> found = stability_later(ByCount(), world.histories, task, "2022-01-01", k=10, months=(0,))
    >>> int(found.table["kept"].iloc[0])
    10
    """
    first = list_at(model, histories, task, as_of, k=k, seed=seed)
    rows = [
        first.compared_with(
            list_at(model, histories, task, _later(as_of, ahead), k=k, seed=seed),
            f"{ahead} month{'' if ahead == 1 else 's'} later",
        )
        for ahead in months
    ]
    return _result(rows, seed)


def stability_under_seeds(
    snapshots: Snapshots,
    as_of: Any,
    *,
    k: int = 100,
    estimator: RepeatHarmEstimator | None = None,
    seeds: Iterable[int] = (1, 2, 3),
    seed: int = 0,
) -> ListStability:
    """Compare the list as of a date with those of models that only differ by their seed.

    Parameters
    ----------
    snapshots : Snapshots
        With dates before `as_of` whose windows had closed by then, and `as_of` itself.
    as_of : date-like
    k : int
    estimator : RepeatHarmEstimator, optional
        Settings; its own `random_state` makes the first list.
    seeds : iterable of int
        Of the other models.
    seed : int
        Of the folds and of the order among equals, the same for all.
    """
    train, later = split_at(snapshots, as_of)
    settings = default_estimator(train, seed) if estimator is None else estimator
    rows = later.subset(later.as_of == instant(as_of))
    if not len(rows):
        raise SchemaError(f"as_of: {instant(as_of):%Y-%m-%d} given, no rows of that date are there")

    def listed(chosen: RepeatHarmEstimator) -> RankedList:
        fitted, _ = fit_calibrated(train, chosen, seed=seed)
        return RankedList.of(rows.person_id, fitted.estimates(rows.X), as_of, k=k, seed=seed)

    first = listed(settings)
    found = [
        first.compared_with(listed(clone(settings).set_params(random_state=other)), f"seed {other}")
        for other in seeds
    ]
    return _result(found, seed)


def stability_under_tasks(
    histories: EventHistories,
    task: Task,
    changes: Mapping[str, Task | str],
    as_of: Any,
    *,
    dates: Any,
    k: int = 100,
    estimator: RepeatHarmEstimator | None = None,
    late_allowance_days: int = 0,
    seed: int = 0,
) -> ListStability:
    """Compare the list as of a date with those of models learnt anew under changed tasks.

    Features and labels are both made anew, with what was recorded before `as_of`.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    changes : mapping of str to Task, or str
        As `riskmodel.model.lists.task_variants.variants` returns them: a text in place of a task is
        the reason why there is none, and becomes the note of its row.
    as_of : date-like
    dates : date-like or several
        Dates to learn from.
    k, estimator, late_allowance_days, seed
        As elsewhere.
    """

    def listed(asked: Task) -> RankedList:
        rows = build_snapshots(
            histories,
            asked,
            as_of=instants(dates),
            known_at=as_of,
            late_allowance_days=late_allowance_days,
        )
        settings = default_estimator(rows, seed) if estimator is None else estimator
        fitted, _ = fit_calibrated(rows, settings, seed=seed)
        table = features_at(histories, asked, as_of)
        ids = table.person_id[table.scored]
        return RankedList.of(ids, fitted.estimates(table.X), as_of, k=k, seed=seed)

    first = listed(task)
    found = [
        _unknown(variant, change)
        if isinstance(change, str)
        else first.compared_with(listed(change), variant)
        for variant, change in changes.items()
    ]
    return _result(found, seed)


def _later(as_of: Any, months: int) -> pd.Timestamp:
    moment: pd.Timestamp = instant(as_of) + pd.DateOffset(months=months)
    return moment


def _unknown(variant: str, why: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        name: {"int64": 0, "float64": float("nan"), DATE: pd.NaT, "str": ""}[kind]
        for name, kind in STABILITY_KINDS.items()
    }
    return {**nothing, "variant": variant, "note": why}


def _result(rows: list[dict[str, Any]], seed: int) -> ListStability:
    return ListStability(from_records(rows, STABILITY_KINDS), int(seed))


def _line(row: Any) -> str:
    if row.note:
        return f"{row.variant}: {row.note}"
    return (
        f"{row.variant}: {row.kept} of {row.listed} stay ({row.share_kept:.0%}; Jaccard "
        f"{row.jaccard:.2f}); of {row.lost} lost, {row.lost_near_cut} were near the cut and "
        f"{row.lost_unranked} are no longer ranked"
    )
