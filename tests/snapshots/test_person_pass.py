"""The memory of one person's pass: laid out as the compiler reads it."""

import numba
import numpy as np
import pytest
from numba.core.registry import cpu_target

from riskmodel.histories.offences import OffenceTable
from riskmodel.machine_code import words_of
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.passes import Pass
from riskmodel.snapshots.person_pass import PersonColumns, PersonPass
from riskmodel.snapshots.task import Task

TASK = Task(
    offences=OffenceTable.cambridge(),
    features=(Feature("count"), Feature("count", 365, per_year_at_risk=True)),
)
NOBODY = PersonColumns(0, [-(2**63)], [], [0])


@pytest.fixture
def one():
    return PersonPass(Pass.of(TASK), TASK.feature_evidence)


def test_the_words_fill_the_place_that_the_compiler_reads(one):
    context = cpu_target.target_context
    place = context.get_data_type(numba.typeof(one._kept))
    assert context.get_abi_sizeof(place) == 8 * len(words_of(one._kept))


def test_a_person_without_records_counts_nothing(one):
    table, harm = np.zeros((7, 0), dtype=np.int64), np.zeros(0)
    features, rules = one.run(10**15, table, harm, ([], []), NOBODY)
    assert features.tolist() == [0.0, 0.0]
    assert rules.size == len(Pass.of(TASK).plan.rules)


def test_a_pass_that_fails_is_no_row(one, monkeypatch):
    monkeypatch.setattr(one, "_run", lambda *_: 1)
    with pytest.raises(RuntimeError, match="status 1"):
        one.run(0, np.zeros((7, 0), dtype=np.int64), np.zeros(0), ([], []), NOBODY)
