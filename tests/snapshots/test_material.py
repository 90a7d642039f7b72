import numpy as np
import pandas as pd

from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.material import Material, custody_times, reach_of
from riskmodel.snapshots.plan import make_plan
from riskmodel.snapshots.windows import DAY_US, instant_us

START, DATE = "2010-01-01", "2012-01-01"


def histories(people, spells=None):
    events = pd.DataFrame(
        {
            "source_id": ["e1", "e2"],
            "person_id": ["p1", "p2"],
            "event_time": ["2011-06-01T12:00", "2011-06-02T12:00"],
            "recorded_time": ["2011-06-01T12:00", "2011-06-02T12:00"],
            "offence": ["A", "A"],
            "incident_id": ["i", "i"],
            "place": ["x", "x"],
        }
    )
    return EventHistories(events, people, spells=spells, data_start=START, data_end="2020-01-01")


def test_records_of_a_person_reach_back_to_the_data_or_to_when_there_could_be_any():
    people = pd.DataFrame(
        {
            "person_id": ["p1", "p2", "p3", "p4"],
            "birth_date": ["2011-01-01", "1980-01-01", "1980-01-01", None],
            "recordable_from": [None, "2011-03-01", None, None],
        }
    )
    table = histories(people).people
    since = pd.to_datetime(pd.Series(reach_of(table, pd.Timestamp(START)), dtype="datetime64[us]"))
    assert since.dt.strftime("%Y-%m-%d").tolist() == [
        "2011-01-01", "2011-03-01", START, START,
    ]  # fmt: skip


def test_days_in_custody_are_those_inside_the_span_that_were_known():
    spells = pd.DataFrame(
        {
            "person_id": ["p1", "p1", "p2", "p2"],
            "start": ["2011-01-11", "2011-12-22", "2011-05-01", "2011-07-01"],
            "end": ["2011-01-21", None, "2011-05-11", "2011-08-01"],
            "recorded_time": ["2011-01-11", "2011-12-22", "2011-05-01", "2012-05-01"],
        }
    )
    people = pd.DataFrame({"person_id": ["p1", "p2"]})
    plan = make_plan([Feature("count", days, per_year_at_risk=True) for days in (365, 30)])
    tables = histories(people, spells)
    dates = np.array([instant_us(DATE)])
    found = custody_times(tables, plan, dates, np.full(2, instant_us(START)))
    assert (found[:, 0] / DAY_US).tolist() == [[20.0, 10.0], [10.0, 0.0]]


def test_nothing_is_gathered_that_no_column_reads():
    tables = histories(pd.DataFrame({"person_id": ["p1", "p2"]}))
    plain = make_plan([Feature("count")])
    material = Material.of(tables, plain, np.array([instant_us(DATE)]))
    assert material.custody.size == material.dates.size == material.numbers.size == 0
    assert [links.event.size for links in material.links(plain)] == [0, 0]
    social = make_plan([Feature("co_accused"), Feature("neighbours")])
    assert [links.event.size for links in material.links(social)] == [2, 2]


def test_columns_of_people_come_as_microseconds_and_numbers():
    people = pd.DataFrame(
        {"person_id": ["p1", "p2"], "joined": ["1970-01-02", None], "visits": [3, None]}
    )
    features = [Feature("days_since_date", column="joined"), Feature("covariate", column="visits")]
    material = Material.of(histories(people), make_plan(features), np.array([instant_us(DATE)]))
    assert material.dates.tolist() == [[DAY_US, np.iinfo(np.int64).min]]
    np.testing.assert_array_equal(material.numbers, [[3.0, np.nan]])
