"""compare(): who entered the list and who left it, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.lists.comparison import Comparison
from riskmodel.scoring.lists.list_changes import LEFT, list_changes
from riskmodel.scoring.lists.reasons import with_steps
from riskmodel.scoring.lists.steps import Ends, Path, walk
from riskmodel.scoring.what_if.cases_of_histories import cases_of
from riskmodel.scoring.what_if.what_if import answering_for, having
from riskmodel.scoring.who_answers import Missing
from riskmodel.snapshots.windows import instant_us

_ENDS = ("before", "after")
_SAID = ("as_of", "model", "version", "digest", "edition", "thresholds_version")
_ORDER = (
    "Steps are taken in one order: time passes, records come in, evidence is updated, the model "
    "changes, the harm edition changes. Another order would share the same change out otherwise."
)
_AS_IF = (
    "Between the two dates a margin is given to people out of the cohort too, so that the steps "
    "add up to the whole change."
)
_TWO_SCALES = (
    "Two models made the lists: margins are the log-odds of each, before its calibration, and "
    "the step of the model holds whatever it learnt otherwise."
)
_TOGETHER = (
    "The harm edition changed with the model and cannot be told apart from it: the step of the "
    "model holds both."
)
_NO_HISTORIES = (
    "Without histories the reasons cannot be told apart: new records, records that aged out of "
    "windows, evidence updates. Give histories= and models= for that."
)
_BY_HARM = "The lists are in order of expected harm; the steps are of the margin."


def compare(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    k: int | None = None,
    histories: EventHistories | None = None,
    models: RiskModel | tuple[RiskModel, RiskModel] | None = None,
    groups: pd.DataFrame | None = None,
    missing: Missing = "fallback",
) -> Comparison:
    """Say who entered the list, who left it, who stayed, and why.

    With histories and the models, each person's margin is taken from the first list to the second
    step by step, everything before a step staying as it is:

    * ``rewritten``: what the histories say of the first date now, less what the first list says:
      0 unless records were changed or removed without a date;
    * ``time``: the first list's records read at the second date, so that they age out of windows;
    * ``new_records``: those recorded between the dates are added, as first recorded, and spells;
    * ``evidence``: the updates recorded between the dates;
    * ``model``: the second list's model, still under the first's harm edition;
    * ``edition``: the second's harm edition.

    They add up to the change of the margin. A margin can stay and a rank still move: others' do.

    Parameters
    ----------
    before, after : DataFrame
        From `rank`, the earlier first: the lists (``rank(scores, k)``), or with `k` whole rankings.
    k : int, optional
        Length of both lists; without it, everyone ranked in a table is on its list.
    histories : EventHistories, optional
        Today's: what was known at each date is told by when it was recorded.
    models : RiskModel or two, optional
        That made the lists.
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic.
    missing : {"fallback", "refuse"}
        As the lists were scored.

    Returns
    -------
    Comparison
        ``table``, ``entered``, ``left``, ``stayed``, ``steps``; ``print`` shows a page.

    Raises
    ------
    SchemaError
        Tables that are no rankings, or of falling dates.
    ModelMismatchError
        Models that did not make the lists, or histories that give the second list's people other
        margins than it has.
    NotScorableError
        People listed whom the histories don't know.

    Examples
    --------
    >>> ranked = pd.DataFrame({"person_id": ["a", "b"], "rank": [1, 2], "margin": [0.5, 0.1],
    ...     "status": "scored", "as_of": pd.Timestamp("2012-01-01"), "model": "m", "version": "1",
    ...     "digest": "0" * 64, "edition": "e", "thresholds_version": "t"})
    >>> later = ranked.assign(person_id=["b", "a"], as_of=pd.Timestamp("2012-02-01"))
    >>> print(compare(ranked, later, k=1).table["change"].tolist())
    ['entered', 'left']
    """
    changes = list_changes(before, after, k)
    differs = _what_differs(before, after, k)
    notes = [_BY_HARM] if "expected_harm" in _orders(before, after) else []
    if histories is None or models is None:
        if histories is not None or models is not None:
            raise SchemaError("compare: give both histories= and models=, or neither")
        table = changes.assign(why=[_why_of_table(row) for row in changes.to_dict("records")])
        return Comparison(table, differs, (_NO_HISTORIES, *notes))
    first, last = (
        answering_for(histories, model, missing) for model in _made_by(models, before, after)
    )
    ends = Ends(_date_of(before), _date_of(after), first, last)
    people = changes["person_id"].tolist()
    cases = cases_of(histories, people, shared=ends.shared)
    has = [having(one.model.required_task, people, groups) for one in (first, last)]
    path = walk(cases, ends, (has[0], has[1]))
    table = with_steps(changes, path, cases, ends)
    return Comparison(table, differs, (_ORDER, _AS_IF, *_about(ends, path), *notes))


def _orders(*tables: pd.DataFrame) -> set[Any]:
    return {table.attrs.get("ranked_by") for table in tables}


def _about(ends: Ends, path: Path) -> Iterator[str]:
    if not ends.same_model:
        yield _TWO_SCALES
    if ends.editions_differ and "edition" not in path.steps:
        yield _TOGETHER


def _what_differs(before: pd.DataFrame, after: pd.DataFrame, k: int | None) -> pd.DataFrame:
    """Return what the tables say of themselves, side by side."""
    columns = {}
    for name, table in zip(_ENDS, (before, after), strict=True):
        if missing := [column for column in _SAID if column not in table.columns]:
            raise SchemaError(f"{name}: no columns {', '.join(missing)}; give a table from rank()")
        said = {column: _said(table, column) for column in _SAID}
        listed = table["rank"].notna() if k is None else (table["rank"] <= k).fillna(False)
        columns[name] = {**said, "people listed": str(int(listed.sum()))}
    if len(before) and len(after) and _date_of(after) < _date_of(before):
        raise SchemaError("compare: the first list is of a later date; give the earlier one first")
    return pd.DataFrame(columns).rename_axis("what")


def _said(table: pd.DataFrame, column: str) -> str:
    if table.empty:
        return "-"
    value = table[column].iloc[0]
    return f"{pd.Timestamp(value):%Y-%m-%d}" if column == "as_of" else str(value)


def _date_of(table: pd.DataFrame) -> int:
    if table.empty:
        raise SchemaError("compare: a list is empty, so it has no date to take steps from")
    return instant_us(table["as_of"].iloc[0])


def _made_by(
    models: RiskModel | tuple[RiskModel, RiskModel], before: pd.DataFrame, after: pd.DataFrame
) -> tuple[RiskModel, RiskModel]:
    both = models if isinstance(models, tuple) else (models, models)
    for name, model, table in zip(_ENDS, both, (before, after), strict=True):
        if (table["digest"] != model.digest).any():
            raise ModelMismatchError(
                f"{name}: the list was made by another model than the one given (digests differ); "
                "give models=(before, after)"
            )
    return both


def _why_of_table(row: Mapping[Any, Any]) -> str:
    """Return what the tables alone say of one person."""
    status, change = row["status_after"], row["margin_change"]
    if row["change"] == LEFT and pd.isna(row["margin_after"]) and not pd.isna(status):
        return f"no estimate any more: {status}"
    if not pd.isna(change):
        return f"the margin went by {change:+.3f}"
    return "-"
