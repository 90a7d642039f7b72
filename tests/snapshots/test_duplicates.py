import numpy as np
import pandas as pd
import pytest

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.duplicates import (
    EVENT_COLUMNS,
    KINDS,
    RULES,
    birth_dates,
    duplicate_events,
    known_rows,
    likely_pairs,
)
from riskmodel.snapshots.task import Task

OFFENCES = pd.DataFrame(
    {"offence": ["A", "B"], "harm": [10.0, 400.0], "group": "g", "serious": [False, True]}
)
TASK = Task(offences=OffenceTable.from_frame(OFFENCES, edition="test", source="test"))
COLUMNS = ["person_id", "event_time", "recorded_time", "offence", "victim_id", "place"]
AS_OF = "2011-01-01"


def made(rows, *, people=None, **more):
    """Histories from rows of COLUMNS; source ids e0, e1, ... in the order given."""
    events = pd.DataFrame(rows, columns=COLUMNS)
    events["source_id"] = [f"e{number}" for number in range(len(events))]
    born = None if people is None else pd.DataFrame(people, columns=["person_id", "birth_date"])
    return EventHistories(events, born, data_start="2009-01-01", data_end="2012-01-01", **more)


def row(person, time, offence="A", victim="v1", place="north", recorded="2010-06-01T08:00"):
    return (person, f"2010-03-{time}", recorded, offence, victim, place)


def alike(histories, task=TASK, as_of=AS_OF):
    return duplicate_events(histories, known_rows(histories, task, as_of))


def pairs_of(histories, as_of=AS_OF):
    rows = known_rows(histories, TASK, as_of)
    apart, _ = birth_dates(histories, rows)
    return likely_pairs(histories, rows, apart)


def test_records_of_one_person_day_offence_and_victim_are_alike():
    found = alike(
        made(
            [
                row("p1", "01T10:00", recorded="2010-03-05T08:00"),
                row("p1", "01T23:59", recorded="2010-03-04T08:00"),
                row("p1", "02T00:00"),  # the day after
                row("p1", "01T10:00", offence="B"),
                row("p1", "01T10:00", victim="v2"),
                row("p2", "01T10:00"),
            ]
        )
    )
    assert list(found.columns) == EVENT_COLUMNS
    assert found["source_id"].tolist() == ["e1", "e0"]
    assert found["surplus"].tolist() == [False, True]  # what was recorded first is kept
    assert found["kind"].tolist() == [KINDS[0]] * 2
    assert found["harm"].tolist() == [10.0, 10.0]
    assert found["incident_id"].isna().all()


def test_records_without_a_victim_are_the_weaker_kind_and_match_no_victim():
    times = ["01T10:00", "01T11:00", "01T12:00"]
    rows = [row("p1", times[0], victim=None), row("p1", times[1], victim=None), row("p1", times[2])]
    found = alike(made(rows))
    assert found["source_id"].tolist() == ["e0", "e1"]
    assert set(found["kind"]) == {KINDS[1]}


@pytest.mark.parametrize("evidence", ["cancelled", "no_action"])
def test_a_cancelled_record_is_no_duplicate_from_then_on(evidence):
    update = {"source_id": "e1", "recorded_time": "2010-09-01T10:00", "evidence": evidence}
    histories = made([row("p1", "01T10:00"), row("p1", "01T11:00")], updates=pd.DataFrame([update]))
    assert len(alike(histories, as_of="2010-09-01")) == 2
    assert len(alike(histories)) == (0 if evidence == "cancelled" else 2)


def test_only_what_was_recorded_before_the_date_is_read():
    rows = [row("p1", "01T10:00"), row("p1", "01T11:00", recorded="2011-01-01T00:00")]
    assert alike(made(rows)).empty
    assert len(alike(made(rows), as_of="2011-01-01T00:01")) == 2


BORN = [("p1", "1980-02-03"), ("p2", "1980-02-03"), ("p3", "1971-05-05"), ("p4", None)]


@pytest.mark.parametrize(
    ("other", "fired"),
    [
        (row("p2", "01T10:00", place=None), ["same moment", "same day"]),
        (row("p2", "01T18:00", place=None), ["same day"]),
        (row("p2", "20T18:00", offence="B"), ["same place"]),
        (row("p2", "01T10:00"), ["same moment", "same day", "same place"]),
        (row("p2", "20T18:00", place="south"), []),
        (row("p2", "20T18:00", place=None), []),
        (row("p2", "01T10:00", victim="v2"), []),
        (row("p2", "01T10:00", victim=None), []),
        (row("p2", "01T10:00", offence="B", place=None), []),
        (row("p3", "01T10:00"), []),  # born on another day
        (row("p4", "01T10:00"), []),  # birth date not known
    ],
)
def test_the_rules_that_fire_are_named(other, fired):
    found = pairs_of(made([row("p1", "01T10:00"), other], people=BORN))
    named = [rule for rule in RULES if len(found) and found[rule].item()]
    assert named == fired
    assert found[["person_id_l", "person_id_r"]].to_numpy().tolist() == [["p1", "p2"]] * bool(fired)


def test_two_records_without_a_place_are_not_at_the_same_place():
    rows = [row("p1", "01T10:00", place=None), row("p2", "20T10:00", place=None)]
    assert pairs_of(made(rows, people=BORN)).empty


def test_without_any_birth_date_there_are_no_pairs():
    rows = [row("p1", "01T10:00"), row("p2", "01T10:00")]
    assert pairs_of(made(rows)).empty


def test_three_ids_of_one_person_are_three_pairs():
    rows = [row(person, "01T10:00") for person in ("c", "a", "b")]
    found = pairs_of(made(rows, people=[(person, "1966-06-06") for person in "abc"]))
    assert found["person_id_l"].tolist() == ["a", "a", "b"]
    assert found["person_id_r"].tolist() == ["b", "c", "c"]


def test_birth_dates_that_stand_in_for_a_year_are_not_read():
    ids = [f"p{number:03}" for number in range(300)]
    rng = np.random.default_rng(0)
    exact = pd.Timestamp("1960-01-01") + pd.to_timedelta(rng.integers(0, 14_000, 300), unit="D")
    years = pd.to_datetime(exact.year.astype(str) + "-07-01")
    rows = [row(person, "01T10:00") for person in ids]
    by_day = made(rows, people=list(zip(ids, exact, strict=True)))
    by_year = made(rows, people=list(zip(ids, years, strict=True)))
    apart, shared = birth_dates(by_day, known_rows(by_day, TASK, AS_OF))
    assert (len(apart), len(shared)) == (300, 0)
    apart, shared = birth_dates(by_year, known_rows(by_year, TASK, AS_OF))
    assert (len(apart), len(shared)) == (0, 300)
    assert pairs_of(by_year).empty
    unknown = exact.where(np.arange(300) % 10 > 0, pd.Timestamp("1970-01-01"))
    placeholder = made(rows, people=list(zip(ids, unknown, strict=True)))
    apart, shared = birth_dates(placeholder, known_rows(placeholder, TASK, AS_OF))
    assert (len(apart), len(shared)) == (270, 30)


def test_a_world_without_planted_pairs_has_none(small_world):
    task = Task(offences=small_world.offences)
    rows = known_rows(small_world.histories, task, "2024-01-01")
    apart, shared = birth_dates(small_world.histories, rows)
    assert len(apart) > 1_500
    assert shared.empty
    assert likely_pairs(small_world.histories, rows, apart).empty
