"""What a sceptic asks: the same rows, the same lists, counts that add up, nobody named."""

import json

import numpy as np
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.lists.label_variants import label_variants
from riskmodel.model.rolling.checks import IN_A_YEAR, check_rolling, judged_rows
from riskmodel.model.rolling.rolling_backtest import rolling_backtest
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.task import Task

WORLD = make_histories(250, seed=2)
TASK = Task(offences=WORLD.offences, cohort=Cohort(lookback_days=None))
ROWS = build_snapshots(
    WORLD.histories, TASK, as_of=["2017", "2018", "2020", "2021"], late_allowance_days=0
)
FEW = RepeatHarmEstimator(n_estimators=8, n_bags=2, n_jobs=1)
DRAWS = {"n_replicates": 10, "seed": 0}


@pytest.fixture(scope="module")
def found():
    return rolling_backtest(ROWS, estimator=FEW, baselines=(), **DRAWS)


@pytest.fixture(scope="module")
def checks(found):
    tasks = {"as it is": TASK, "another": "no such edition"}
    return check_rolling(found, ROWS, k=20, estimator=FEW, tasks=tasks, **DRAWS)


def test_every_reading_is_judged_and_the_first_is_the_back_tests_own(found, checks):
    readings = [*label_variants(TASK.outcome), IN_A_YEAR]
    assert list(dict.fromkeys(checks.labels["variant"])) == readings
    any_record = checks.labels.query("variant == 'any allegation' and model == 'model'")
    assert any_record["value"].item() == pytest.approx(
        found.evaluation.value("mean_captured", "model")
    )


def test_people_who_enter_replace_those_who_leave(found, checks):
    totals = checks.gain.totals["people"]
    assert totals["enters"] == totals["leaves"]
    assert totals["enters"] + totals["stays"] == 20 * len(found.dates)


def test_the_same_task_keeps_its_list_and_a_reason_is_told(checks):
    rows = checks.stability.set_index("variant")
    assert rows.loc["as it is", "share_kept"] == 1.0
    assert rows.loc["another", "note"] == "no such edition"
    assert {"seed 1", "seed 2", "seed 3", "1 month later"} <= set(rows.index)


def test_what_is_stored_and_printed_names_nobody(checks):
    text = json.dumps(checks.to_dict(), allow_nan=False) + str(checks)
    assert not any(person in text for person in ROWS.person_id.unique())
    assert "20 as of 2021-01-01 stay" in str(checks)
    assert all(len(line) <= 100 for line in str(checks).splitlines())


def test_other_snapshots_are_refused(found):
    with pytest.raises(SchemaError, match="that the back-test was made from"):
        judged_rows(found, ROWS.subset(np.arange(len(ROWS)) % 2 == 0))
