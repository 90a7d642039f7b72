import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories

FEW = settings(max_examples=25)  # each example makes whole histories

EVENTS = """
source_id person_id event_time       recorded_time    offence victim_id incident_id
e3        p2        2010-03-01T10:00 2010-03-02T00:00 A       v1        .
e1        p1        2010-02-01T10:00 2010-02-02T00:00 B       .         i1
e2        .         2010-01-05T10:00 2010-01-05T10:00 B       v1        i1
e4        p1        2010-01-01T10:00 2010-04-02T00:00 A       v2        .
"""


def shuffled(tables, seed):
    return {name: frame.sample(frac=1, random_state=seed) for name, frame in tables.items()}


def frames_of(histories):
    names = ["events", "unnamed", "people", "updates", "spells", "victims", "actions"]
    return {name: getattr(histories, name) for name in names}


def assert_same(one, other):
    for name, frame in frames_of(one).items():
        pd.testing.assert_frame_equal(frame, frames_of(other)[name])
    assert one.persons.tolist() == other.persons.tolist()
    assert one.digest() == other.digest()


def test_events_are_by_person_and_time_with_unnamed_ones_apart(table):
    histories = EventHistories(table(EVENTS))
    assert histories.events["source_id"].tolist() == ["e4", "e1", "e3"]
    assert histories.events["person_code"].tolist() == [0, 0, 1]
    assert histories.events["person_code"].dtype == np.int32
    assert histories.unnamed["source_id"].tolist() == ["e2"]
    assert histories.unnamed["person_code"].tolist() == [-1]
    assert histories.persons.tolist() == ["p1", "p2"]
    assert len(histories) == 4
    assert "4 events, 2 persons" in repr(histories)


def test_a_missing_incident_is_one_of_its_own(table):
    events = EventHistories(table(EVENTS)).events
    assert events["incident_id"].tolist() == ["\x00e4", "i1", "\x00e3"]


def test_the_span_of_the_data_comes_from_what_was_recorded(table):
    histories = EventHistories(table(EVENTS))
    assert histories.data_start == pd.Timestamp("2010-01-05 10:00")
    assert histories.data_end == pd.Timestamp("2010-04-03")
    updates = table("source_id recorded_time evidence\ne1 2010-06-01T05:00 charge")
    later = EventHistories(table(EVENTS), updates=updates)
    assert later.data_start == histories.data_start
    assert later.data_end == pd.Timestamp("2010-06-02")
    given = EventHistories(
        table(EVENTS), data_start="2009-01-01", data_end="2010-04-02T00:01+00:00"
    )
    assert given.data_start == pd.Timestamp("2009-01-01")
    assert given.data_end == pd.Timestamp("2010-04-02 00:01")
    with pytest.raises(SchemaError, match="not after data_start"):
        EventHistories(table(EVENTS), data_start="2011-01-01", data_end="2011-01-01")


def test_people_have_a_row_for_every_person_in_order(table):
    people = table("person_id birth_year division\np9 1980 north\np1 . south")
    histories = EventHistories(table(EVENTS), people)
    assert histories.people.index.tolist() == histories.persons.tolist() == ["p1", "p2", "p9"]
    assert histories.people["birth_date"].tolist()[2] == pd.Timestamp("1980-07-01")
    assert histories.people["birth_date"].isna().tolist() == [True, True, False]
    assert histories.people["division"].tolist()[::2] == ["south", "north"]
    assert "birth_year" not in histories.people


def test_a_date_of_birth_stands_before_a_year_of_birth(table):
    people = table("person_id birth_date birth_year\np1 1980-02-03 1980\np2 . 1981")
    births = EventHistories(table(EVENTS), people).people["birth_date"]
    assert births.tolist() == [pd.Timestamp("1980-02-03"), pd.Timestamp("1981-07-01")]


def test_updates_of_one_time_end_with_the_later_level(table):
    updates = table("""
    source_id recorded_time    evidence
    e1        2010-05-01T00:00 cancelled
    e1        2010-05-01T00:00 charge
    e1        2010-03-01T00:00 arrest
    """)
    histories = EventHistories(table(EVENTS), updates=updates)
    assert histories.updates["evidence"].tolist() == ["arrest", "charge", "cancelled"]


def test_ids_as_numbers_and_as_text_are_the_same(table):
    events = table(EVENTS).assign(person_id=[1.0, 2.0, np.nan, 2.0])
    people = pd.DataFrame({"person_id": [1, 2]})
    histories = EventHistories(events, people)
    assert histories.persons.tolist() == ["1", "2"]
    assert histories.people.index.tolist() == ["1", "2"]


def test_nothing_given_is_changed_and_nothing_shown_can_change_it(table):
    events = table(EVENTS)
    before = events.copy()
    histories = EventHistories(events)
    pd.testing.assert_frame_equal(events, before)
    shown, digest = histories.events, histories.digest()
    shown["offence"] = "Z"
    assert histories.events["offence"].tolist() == ["A", "B", "A"]
    assert histories.digest() == digest


def test_an_empty_table_is_a_history_of_nobody(table):
    histories = EventHistories(table(EVENTS).iloc[:0])
    assert len(histories.events) == len(histories.persons) == 0
    assert pd.isna(histories.data_start)
    assert histories.arrays.person_start.tolist() == [0]
    assert len(histories.before("2010-01-01")) == 0
    assert histories.reporting_lag().loc["all", "n"] == 0
    assert len(histories.digest()) == 64


def test_a_table_without_columns_is_refused():
    with pytest.raises(SchemaError, match=r"events\.source_id: the column is missing"):
        EventHistories(pd.DataFrame())


def test_one_row_is_enough(table):
    histories = EventHistories(table(EVENTS).iloc[[0]])
    assert histories.arrays.person_start.tolist() == [0, 1]
    assert histories.summary().loc["events", "rows"] == 1


def test_one_unnamed_row_is_enough(table):
    histories = EventHistories(table(EVENTS).iloc[[2]])
    assert histories.persons.tolist() == []
    assert histories.arrays.offences == ("B",)


def test_an_unknown_choice_is_refused(table):
    with pytest.raises(SchemaError, match="on_invalid"):
        EventHistories(table(EVENTS), on_invalid="ignore")


def test_rows_set_aside_are_counted_beside_the_rows_kept(table):
    events = table(EVENTS)
    events.loc[0, "event_time"] = "soon"
    with pytest.raises(SchemaError, match="in 1 row"):
        EventHistories(events)
    histories = EventHistories(events, on_invalid="set_aside")
    assert histories.set_aside["events"]["source_id"].tolist() == ["e3"]
    assert histories.summary().loc["events", ["rows", "set_aside"]].tolist() == [3, 1]


@FEW
@given(data=st.data())
def test_the_order_of_rows_does_not_matter(data, tables_strategy):
    tables = data.draw(tables_strategy)
    seed = data.draw(st.integers(0, 1000))
    assert_same(EventHistories(**tables), EventHistories(**shuffled(tables, seed)))


@FEW
@given(data=st.data())
def test_the_order_of_spoilt_rows_does_not_matter(data, spoilt_strategy):
    tables = data.draw(spoilt_strategy)
    seed = data.draw(st.integers(0, 1000))
    one = EventHistories(**tables, on_invalid="set_aside")
    other = EventHistories(**shuffled(tables, seed), on_invalid="set_aside")
    assert_same(one, other)


@FEW
@given(data=st.data())
def test_rows_kept_and_rows_set_aside_are_the_rows_given(data, spoilt_strategy):
    tables = data.draw(spoilt_strategy)
    histories = EventHistories(**tables, on_invalid="set_aside")
    kept = {name: len(frame) for name, frame in frames_of(histories).items()}
    kept["events"] += kept["unnamed"]
    kept["people"] = histories.summary().loc["people", "rows"]
    for name, frame in tables.items():
        assert kept[name] + len(histories.set_aside[name]) == len(frame)
        assert (histories.set_aside[name]["problem"] != "").all()


@FEW
@given(data=st.data())
def test_rows_kept_are_good_rows(data, spoilt_strategy):
    """Given again, what was kept breaks no rule, and makes the same history."""
    histories = EventHistories(**data.draw(spoilt_strategy), on_invalid="set_aside")
    assert_same(histories, rebuilt(histories))


def rebuilt(histories):
    """Make a history again from the tables that one shows."""
    events = pd.concat([histories.events, histories.unnamed]).drop(columns="person_code")
    own = events["incident_id"].str.startswith("\x00")
    return EventHistories(
        events.assign(incident_id=events["incident_id"].mask(own)),
        histories.people[histories._parts.listed].reset_index(),
        updates=histories.updates,
        spells=histories.spells,
        victims=histories.victims,
        actions=histories.actions,
        data_start=histories.data_start if len(events) else None,
        data_end=histories.data_end if len(events) else None,
        dates_only=True,
    )


@FEW
@given(data=st.data())
def test_what_was_known_before_holds_nothing_recorded_later(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy))
    moment = pd.Timestamp("2010-01-01 06:30") + pd.Timedelta(hours=data.draw(st.integers(0, 1500)))
    known = histories.before(moment)
    for name in ("events", "unnamed", "updates", "spells", "actions"):
        assert (getattr(known, name)["recorded_time"] < moment).all()
    assert not (known.people["left_date"] >= moment).any()
    assert not (known.spells["end"] >= moment).any()
    assert (
        len(known)
        == (histories.events["recorded_time"] < moment).sum()
        + (histories.unnamed["recorded_time"] < moment).sum()
    )
    assert known.updates["source_id"].isin(
        pd.concat([known.events["source_id"], known.unnamed["source_id"]])
    ).all()  # fmt: skip
    assert known.persons[known.events["person_code"]].tolist() == known.events["person_id"].tolist()
    assert_same(known, known.before(moment))
    if len(histories):
        assert known.data_end == min(histories.data_end, moment)


@FEW
@given(data=st.data())
def test_what_was_known_before_is_the_history_of_the_rows_then(data, tables_strategy):
    """Truncating the tables oneself gives the same history."""
    tables = data.draw(tables_strategy)
    whole = EventHistories(**tables)
    moment = pd.Timestamp("2010-01-01 06:30") + pd.Timedelta(hours=data.draw(st.integers(1, 1500)))
    known = whole.before(moment)
    if len(known):
        assert_same(known, rebuilt(known))


def test_later_records_leave_no_trace(table):
    events = table(EVENTS)
    people = table("person_id left_date\np1 2010-03-15")
    early = events[events["recorded_time"] < "2010-03-01"]
    moment = "2010-03-01"
    one = EventHistories(events, people).before(moment)
    gone_later = table("person_id left_date\np1 2012-01-01")
    other = EventHistories(early, gone_later, data_end="2013-01-01").before(moment)
    assert one.persons.tolist() == ["p1"]
    assert_same(one, other)


def test_the_digest_reads_every_table(table):
    plain = {"events": table(EVENTS), "data_end": "2012-01-01"}
    more = {
        "people": table("person_id division\np1 north"),
        "updates": table("source_id recorded_time evidence\ne1 2010-06-01 charge"),
        "spells": table("person_id start recorded_time\np1 2010-06-01 2010-06-01"),
        "victims": table("victim_id sex\nv1 F"),
        "actions": table("person_id start recorded_time\np1 2010-06-01 2010-06-01"),
        "data_start": "2009-01-01",
    }
    digests = {EventHistories(**plain, **{name: more[name]}).digest() for name in more}
    digests.add(EventHistories(**plain).digest())
    changed = plain["events"].assign(place=["x", None, None, None])
    digests.add(EventHistories(changed, data_end="2012-01-01").digest())
    assert len(digests) == len(more) + 2


def test_a_history_of_nothing_can_be_shown():
    columns = ["source_id", "person_id", "event_time", "recorded_time", "offence"]
    assert repr(EventHistories(pd.DataFrame(columns=columns))) == (
        "EventHistories(0 events, 0 persons)"
    )
