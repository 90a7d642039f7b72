"""What the compiled pass reads besides data: made once a task."""

import gc

from riskmodel.histories.offences import OffenceTable
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots import passes
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.passes import Pass, counted
from riskmodel.snapshots.task import Task


def test_the_pass_of_a_task_is_made_once_and_forgotten_with_it():
    task = Task(offences=OffenceTable.cambridge(), features=(Feature("count"),))
    assert Pass.of(task) is Pass.of(task)
    known = id(task)
    assert known in passes._PASSES
    del task
    gc.collect()
    assert known not in passes._PASSES


def test_every_level_of_evidence_counts_or_does_not():
    assert counted(("allegation", "charge")).nonzero()[0].tolist() == [0, 2]
    assert counted(EVIDENCE).all()
