"""The reasons why people moved: steps of the margin beside each, and one sentence for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import ModelMismatchError
from riskmodel.histories.moments import to_microseconds
from riskmodel.scoring.lists.list_changes import ENTERED, LEFT
from riskmodel.scoring.lists.steps import STEPS, Ends, Path, has_estimate
from riskmodel.scoring.person.asked import PlainRow
from riskmodel.scoring.what_if.person_case import PersonCase
from riskmodel.snapshots.cohort import STATUSES
from riskmodel.snapshots.windows import window_us

SMALLEST = 5e-4
"""A change of the margin under this shows as 0.000 and is no reason."""

_TOLERANCE = 1e-9
_COUNTED = {
    "time": ("n_aged_out", "record that aged out of a window", "records that aged out of windows"),
    "new_records": ("n_new_records", "new record", "new records"),
    "evidence": ("n_evidence_updates", "evidence update", "evidence updates"),
}
"""Steps that the person's own records take: the column of their number, one of them, several."""

_BY_RECORDS = STATUSES[1:4]
"""Why there is no estimate, where records or spells make the difference: not death or leaving."""

_NONE_OWN = {
    "time": "time passing",
    "new_records": "new records around the person (of other people, or of custody)",
    "evidence": "evidence updates on records of other people",
}


def with_steps(
    changes: pd.DataFrame, path: Path, cases: Sequence[PersonCase], ends: Ends
) -> pd.DataFrame:
    """Return the table of changes with the steps, counts of records, and why.

    Raises
    ------
    ModelMismatchError
        The second list has other margins than the path leads to.
    """
    table = _with_margins(changes, path)
    whole = table["margin_change"].notna().to_numpy() & ~np.isnan(path.margin).any(axis=1)
    taken = dict(zip(path.steps, np.diff(path.margin, axis=1).T, strict=True))
    nothing = np.zeros(len(table))
    told = changes["margin_before"].to_numpy(dtype=np.float64)
    taken["rewritten"] = np.where(np.isnan(told), 0.0, path.margin[:, 0] - told)
    steps = {name: np.where(whole, taken.get(name, nothing), np.nan) for name in STEPS}
    counts = [_counts(case, ends) for case in cases]
    names = [name for name, *_ in _COUNTED.values()]
    table = table.assign(**steps, **pd.DataFrame(counts, columns=names, index=table.index))
    why = [
        _why(row, path.steps, status)
        for row, status in zip(table.to_dict("records"), path.status, strict=True)
    ]
    return table.assign(why=why)


def _with_margins(changes: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Fill in the margins of people whom one of the tables, cut at its length, does not have."""
    told = {end: changes[f"margin_{end}"].to_numpy(dtype=np.float64) for end in ("before", "after")}
    last = path.margin[:, -1]
    wrong = ~np.isnan(told["after"]) & ~(np.abs(last - told["after"]) <= _TOLERANCE)
    if wrong.any():
        raise ModelMismatchError(
            f"these histories give {int(wrong.sum())} of {len(wrong)} people another margin than "
            "the second list has: the tables are not those that it was made from"
        )
    scored = has_estimate(path.status)
    first = np.where(scored[:, 0], path.margin[:, 0], np.nan)
    before = np.where(np.isnan(told["before"]), first, told["before"])
    after = np.where(scored[:, -1], last, np.nan)
    return changes.assign(
        margin_before=before,
        margin_after=after,
        margin_change=after - before,
        status_after=changes["status_after"].fillna(pd.Series(path.status[:, -1], dtype="str")),
    )


def _counts(case: PersonCase, ends: Ends) -> tuple[int, int, int]:
    """Return how many of the person's records aged out, came in, were updated in between."""
    then, later = (case.recorded_before(moment) for moment in (ends.before, ends.after))
    own = {record["source_id"] for record in later.own}
    updates = [sum(step["source_id"] in own for step in one.updates) for one in (then, later)]
    aged = [_ages_out(record, ends) for record in case.known(ends.before)]
    return sum(aged), len(later.own) - len(then.own), updates[1] - updates[0]


def _ages_out(record: PlainRow, ends: Ends) -> bool:
    """Say whether a record was in a window of a feature at the first date and not at the second."""
    happened = to_microseconds(record["event_time"])
    return any(
        ends.before - happened <= window_us(days) < ends.after - happened for days in ends.windows
    )


def _why(row: Mapping[Any, Any], taken: Sequence[str], status: NDArray[np.object_]) -> str:
    """Return one person's reasons, the largest step first."""
    if np.isnan(row["margin_change"]):
        return _why_no_estimate(row, taken, status)
    if np.isnan(row["rewritten"]):
        return "the records that the first list rested on are in these histories no more"
    moved = sorted(
        (name for name in STEPS if abs(row[name]) >= SMALLEST), key=lambda n: -abs(row[n])
    )
    reasons = [f"{_named(name, row)} {row[name]:+.3f}" for name in moved]
    if row["change"] == ENTERED and row["margin_change"] < SMALLEST:
        reasons.append("no rise: others fell, or the list is longer")
    if row["change"] == LEFT and row["margin_change"] > -SMALLEST:
        reasons.append("no fall: others rose, or the list is shorter")
    return "; ".join(reasons) or "nothing of note"


def _why_no_estimate(
    row: Mapping[Any, Any], taken: Sequence[str], status: NDArray[np.object_]
) -> str:
    """Return why there is an estimate at one end only, and the step that made the difference."""
    scored = has_estimate(status)
    turned = np.flatnonzero(scored[1:] != scored[:-1])
    why = status[0] if scored[-1] else status[-1]
    text = f"no estimate {'before' if scored[-1] else 'any more'}: {why}"
    if turned.size and why in _BY_RECORDS:
        return f"{text}; {_named(taken[turned[-1]], row)}"
    return text


def _named(step: str, row: Mapping[Any, Any]) -> str:
    """Return what a step is, with the number of the person's own records."""
    if step not in _COUNTED:
        return STEPS[step]
    column, one, several = _COUNTED[step]
    count = row[column]
    return f"{count} {one if count == 1 else several}" if count else _NONE_OWN[step]
