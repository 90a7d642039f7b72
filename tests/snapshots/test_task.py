import json

import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.offences import OffenceTable, Unmapped
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Outcome, Task


def test_a_task_survives_json_with_its_offences():
    task = Task(
        offences=OffenceTable.cambridge(),
        outcome=Outcome(min_harm=100.0, evidence=("charge", "conviction")),
        unmapped=Unmapped(harm=1.0, group="other", serious=False),
    )
    again = Task.from_dict(json.loads(json.dumps(task.to_dict())))
    assert again.digest() == task.digest()
    assert again.feature_names == task.feature_names
    pd.testing.assert_frame_equal(again.offences.frame, task.offences.frame)


def test_each_group_gets_its_own_column():
    task = Task(offences=OffenceTable.cambridge(), features=default_features())
    counted = [name for name in task.feature_names if name.endswith("_1y")]
    assert {f"count_{group}_1y" for group in task.groups} <= set(counted)


def test_unknown_groups_and_repeated_columns_are_told_at_once():
    wrong = (Feature("count", 365, group="piracy"), Feature("victims"), Feature("victims"))
    with pytest.raises(SchemaError, match="2 problems"):
        Task(offences=OffenceTable.cambridge(), features=wrong)


def test_cancelled_records_can_never_be_declared_to_count():
    with pytest.raises(SchemaError, match="cancelled"):
        Outcome(evidence=("allegation", "cancelled"))
    with pytest.raises(SchemaError, match="cancelled"):
        Task(offences=OffenceTable.cambridge(), feature_evidence=("cancelled",))


def test_a_different_edition_is_a_different_digest():
    one, two = (
        Task(offences=OffenceTable.cambridge(edition))
        for edition in ("ashby-2017", "ons-css-ashby-2017")
    )
    assert one.digest() != two.digest()
