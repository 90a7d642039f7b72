"""The same task under other choices: without withdrawn support, under another harm edition."""

from __future__ import annotations

from dataclasses import replace

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.task import Task

WITHOUT_WITHDRAWN = "without records where support was withdrawn"


def variants(task: Task, histories: EventHistories) -> dict[str, Task | str]:
    """Return the changed tasks by name, or in place of a task the reason why there is none.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(60, seed=1)
    >>> found = variants(Task(offences=world.offences), world.histories)
    >>> [name for name, change in found.items() if isinstance(change, Task)][:1]
    ['without records where support was withdrawn']
    """
    found: dict[str, Task | str] = {}
    fewer = tuple(level for level in task.feature_evidence if level != "support_withdrawn")
    if fewer == task.feature_evidence:
        found[WITHOUT_WITHDRAWN] = "the model reads no such records"
    else:
        found[WITHOUT_WITHDRAWN] = replace(task, feature_evidence=fewer)
    for edition in OffenceTable.editions().index:
        if edition != task.offences.edition:
            table = OffenceTable.cambridge(edition)
            found[f"under the harm edition {edition}"] = under_edition(task, table, histories)
    return found


def under_edition(task: Task, table: OffenceTable, histories: EventHistories) -> Task | str:
    """Return the task under another offence table, or why that table cannot serve it."""
    recorded = set(histories.arrays.offences)
    valued = set(table.frame.loc[table.frame["harm"].notna(), "offence"])
    if task.unmapped is None and (lacking := recorded - valued):
        return f"it has no value for {len(lacking)} of the {len(recorded)} offences recorded"
    groups = {leaf.group for column in task.columns for leaf in column.leaves if leaf.group}
    if lacking_groups := groups - set(table.groups):
        return f"it lacks the offence groups {', '.join(sorted(lacking_groups))}"
    return replace(task, offences=table)
