"""What one person's row needs: nothing that takes long to import."""

import json
import subprocess
import sys
from itertools import product

from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

HEAVY = {
    "pandas",
    "pyarrow",
    "pandera",
    "scipy",
    "sklearn",
    "polars",
    "lightgbm",
    "mlflow",
    "numba",
}
USE = """
import json, sys
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.person_row import PersonRows
task = Task.from_dict(json.load(sys.stdin))
record = {"source_id": "r1", "person_id": "p1", "event_time": "2011-03-01T10:00+01:00",
          "recorded_time": "2011-03-05T09:00+01:00", "offence": "105A", "evidence": "arrest"}
update = {"source_id": "r1", "recorded_time": "2011-06-01", "evidence": "charge"}
spell = {"person_id": "p1", "start": "2011-05-01", "recorded_time": "2011-05-01", "end": None}
row = PersonRows(task, data_start="2008-01-01").row(
    [record], as_of="2012-01-01", person={"birth_year": 1980}, updates=[update], spells=[spell])
assert row.status == "scored"
assert task.digest() and task.offences.digest()
print(row.features.size, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def task_of_many():
    """Return a task with about 150 features and 300 offences."""
    table = OffenceTable.cambridge().to_dict()
    more = [
        {**row, "offence": f"{row['offence']}-{n}"} for row in table["offences"] for n in (1, 2)
    ]
    table["offences"] += more[: 300 - len(table["offences"])]
    filters = ({"serious": True}, {"victim": True}, {"origin": "reported"})
    features = [
        Feature(measure, days, per_year_at_risk=True, **filtered)
        for measure, days, filtered in product(("count", "harm_sum"), (90, 365, 730, None), filters)
    ]
    offences = OffenceTable.from_dict(table)
    return Task(offences=offences, features=(*default_features(), *features, *more_of(150)))


def more_of(n):
    return tuple(Feature("count", 30 + days) for days in range(1, n - 110))


def test_a_task_and_a_row_need_no_table_library_and_no_compiler():
    task = task_of_many()
    assert len(task.offences) == 300
    ask = [sys.executable, "-c", USE]
    given = json.dumps(task.to_dict())
    for _ in range(2):  # the first may have to compile
        done = subprocess.run(ask, input=given, capture_output=True, text=True, check=True)
    size, *modules = done.stdout.split()
    assert int(size) == len(task.columns)
    assert not HEAVY & set(modules)
