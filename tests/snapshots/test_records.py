import pandas as pd
import pytest

from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.records import behind, known_records
from riskmodel.snapshots.task import Task

AS_OF = "2021-01-01"


@pytest.fixture(scope="module")
def world():
    return make_histories(400, seed=8)


@pytest.fixture(scope="module")
def task(world):
    return Task(offences=world.offences, cohort=Cohort(lookback_days=None))


MEASURES = {
    "count": lambda part: part.size,
    "incidents": lambda part: part["incident_id"].nunique(),
    "harm_sum": lambda part: part["harm"].sum(),
    "harm_max": lambda part: part["harm"].max() if len(part) else 0.0,
    "victims": lambda part: part["victim_id"].nunique(),
    "serious": lambda part: part["incident_id"].nunique(),
}


def test_the_records_behind_a_number_give_the_number_back(world, task):
    table = features_at(world.histories, task, AS_OF)
    people = table.person_id[table.scored]
    records = known_records(world.histories, task, AS_OF, people)
    for column, feature in enumerate(task.columns):
        found = behind(feature, records, AS_OF)
        values = table.X.iloc[:, column].set_axis(people)
        if feature.measure == "count":
            expected = found.groupby("person_id").size()
        elif feature.measure in MEASURES:
            expected = found.groupby("person_id").apply(MEASURES[feature.measure])
        else:
            continue
        expected = expected.reindex(people).fillna(0.0).astype("float32")
        pd.testing.assert_series_equal(values, expected, check_names=False, rtol=1e-6)


def test_dates_since_rest_on_one_record_each(world, task):
    table = features_at(world.histories, task, AS_OF)
    people = table.person_id[table.scored]
    records = known_records(world.histories, task, AS_OF, people)
    for name in ("days_since_first", "days_since_last"):
        found = behind(task.feature(name), records, AS_OF).set_index("person_id")
        days = (pd.Timestamp(AS_OF) - found["event_time"]) / pd.Timedelta(days=1)
        pd.testing.assert_series_equal(
            days.reindex(people).astype("float32"),
            table.X[name].set_axis(people),
            check_names=False,
            rtol=1e-6,
        )


def test_nothing_recorded_later_stands_behind_a_number(world, task):
    records = known_records(world.histories, task, AS_OF)
    assert (records["recorded_time"] < AS_OF).all()
    assert (records["evidence"] != "cancelled").all()
