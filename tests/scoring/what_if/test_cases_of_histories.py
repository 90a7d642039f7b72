"""Only what bears on a person is taken from the histories, and no bit of the row changes."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskmodel.errors import NotScorableError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.moments import to_microseconds
from riskmodel.histories.offences import OffenceTable
from riskmodel.histories.selection import without_records
from riskmodel.scoring.what_if.cases_of_histories import cases_of
from riskmodel.scoring.what_if.person_case import incidents_named
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.person_row import PersonRows
from riskmodel.snapshots.task import Task

AS_OF = pd.Timestamp("2012-01-01")
TASK = Task(
    offences=OffenceTable.cambridge(),
    cohort=Cohort(lookback_days=None, exclude_in_custody=True),
    features=(
        Feature("count", 365),
        Feature("harm_sum"),
        Feature("co_accused"),
        Feature("co_accused", 365),
        Feature("neighbours"),
        Feature("incidents", 365, per_year_at_risk=True),
        Feature("age", justification="a test"),
    ),
)
DAYS = st.dates(datetime.date(2010, 1, 1), datetime.date(2012, 12, 31))
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "person_id": st.sampled_from(["a", "b", "c", None]),
            "days": st.tuples(DAYS, DAYS),
            "offence": st.sampled_from(["105A", "8Q", "5D"]),
            "incident_id": st.sampled_from(["i1", "i2", "i3", None]),
            "place": st.sampled_from(["x", "y", None]),
            "evidence": st.sampled_from(["allegation", "charge", "cancelled"]),
        }
    ),
    min_size=1,
    max_size=14,
)
UPDATES = st.lists(st.tuples(st.integers(0, 13), DAYS, st.sampled_from(["cancelled", "charge"])))
SPELLS = st.lists(
    st.fixed_dictionaries({"person_id": st.sampled_from("ab"), "days": st.tuples(DAYS, DAYS)}),
    max_size=2,
)


def histories_of(events, updates, spells):
    rows = pd.DataFrame(events).assign(source_id=[f"r{n}" for n in range(len(events))])
    days = rows.pop("days")
    rows = rows.assign(
        event_time=pd.to_datetime([min(pair) for pair in days]),
        recorded_time=pd.to_datetime([max(pair) for pair in days]),
    )
    happened = rows["event_time"].to_dict()
    steps = [
        {"source_id": f"r{n}", "recorded_time": max(pd.Timestamp(day), happened[n]), "evidence": to}
        for n, day, to in updates
        if n in happened
    ]
    held = [
        {"person_id": spell["person_id"], "start": min(spell["days"]), "end": max(spell["days"]),
         "recorded_time": min(spell["days"])}
        for spell in spells
    ]  # fmt: skip
    people = pd.DataFrame({"person_id": ["a", "b", "c"], "birth_year": [1980, 1990, None]})
    return EventHistories(
        rows,
        people,
        updates=pd.DataFrame(steps) if steps else None,
        spells=pd.DataFrame(held) if held else None,
        data_start="2009-01-01",
        data_end="2101-01-01",
        dates_only=True,
    )


def rows_of(histories, ids, gone=()):
    making = PersonRows(TASK, data_start=histories.data_start)
    found = {}
    for whole in cases_of(histories, ids):
        case = whole.without(incidents_named(whole.records, [n for n in gone if n in known(whole)]))
        if case.own:
            found[case.person_id] = making.row(
                case.records, as_of=AS_OF, person_id=case.person_id, person=case.person,
                updates=case.updates, spells=case.spells,
            )  # fmt: skip
    return found


def known(case):
    return {row["source_id"] for row in case.records}


def assert_like_the_tables(rows, histories):
    table = features_at(histories, TASK, AS_OF, require_people=False)
    status = dict(zip(table.person_id.tolist(), table.status.tolist(), strict=True))
    values = dict(zip(table.person_id[table.scored].tolist(), table.X.to_numpy(), strict=True))
    for person, row in rows.items():
        assert row.status == status[person]
        if person in values:
            np.testing.assert_array_equal(row.features, values[person])


@settings(max_examples=60)
@given(EVENTS, UPDATES, SPELLS)
def test_a_case_gives_the_row_of_the_whole_tables(events, updates, spells):
    histories = histories_of(events, updates, spells)
    assert_like_the_tables(rows_of(histories, ["a", "b", "c"]), histories)


@settings(max_examples=60)
@given(EVENTS, UPDATES, SPELLS, st.integers(0, 13))
def test_an_incident_left_out_is_left_out_of_the_whole_tables(events, updates, spells, which):
    histories = histories_of(events, updates, spells)
    assume(len(histories.events))  # someone is named in one
    source = histories.events["source_id"].iloc[which % len(histories.events)]
    everything = pd.concat([histories.events, histories.unnamed])
    incident = everything.set_index("source_id")["incident_id"]
    gone = incident.index[incident == incident[source]]
    fewer = without_records(histories, gone)
    # where a record names nobody, a person's case holds only the others of its incident
    assert_like_the_tables(rows_of(histories, ["a", "b", "c"], gone=list(gone)), fewer)


def test_people_come_in_the_order_asked_for_and_unknown_ones_are_counted(small_world):
    histories = small_world.histories
    ids = [str(histories.persons[n]) for n in (7, 3)]
    assert [case.person_id for case in cases_of(histories, ids)] == ids
    with pytest.raises(NotScorableError, match="1 of 3 people") as caught:
        cases_of(histories, [*ids, "no-such-person"])
    assert "no-such-person" not in str(caught.value)


def test_records_come_back_as_they_went_in(small_world):
    histories = small_world.histories
    case = cases_of(histories, [str(histories.persons[7])])[0]
    events = histories.events[histories.events["person_id"] == case.person_id]
    assert [row["source_id"] for row in case.own] == events["source_id"].tolist()
    assert [to_microseconds(row["event_time"]) for row in case.own] == (
        events["event_time"].astype("int64").tolist()
    )
    assert all(value is None or value == value for row in case.records for value in row.values())


def test_a_year_of_birth_leaves_room_for_records_before_its_middle():
    events = pd.DataFrame(
        {"source_id": ["r"], "person_id": ["a"], "event_time": ["2000-02-01"],
         "recorded_time": ["2000-02-02"], "offence": ["105A"]}
    )  # fmt: skip
    people = pd.DataFrame({"person_id": ["a"], "birth_year": [2000]})
    histories = EventHistories(events, people, dates_only=True, data_start="1999-01-01")
    assert rows_of(histories, ["a"])["a"].status == "scored"


def test_unnamed_records_and_other_peoples_other_records_stay_away(small_world):
    histories = small_world.histories
    for case in cases_of(histories, [str(person) for person in histories.persons[:40]]):
        incidents = {row["incident_id"] for row in case.own}
        places = {row["place"] for row in case.own}
        for row in case.records:
            assert row["person_id"] is not None
            assert row["incident_id"] in incidents or row["place"] in places
