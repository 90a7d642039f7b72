"""The arrays against loops over the tables that say the same thing slowly."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories import links as links_module
from riskmodel.histories.arrays import codes_of, microseconds
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE, ORIGINS

MANY = settings(max_examples=25)


def rows_of(start, item):
    return range(start[item], start[item + 1])


@MANY
@given(data=st.data())
def test_each_event_is_found_again_in_the_arrays(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy))
    events, arrays = histories.events, histories.arrays
    for person in range(len(histories.persons)):
        rows = rows_of(arrays.person_start, person)
        assert (events["person_code"].iloc[list(rows)] == person).all()
    assert arrays.person_start[-1] == len(events)
    assert arrays.event_time.astype("datetime64[us]").tolist() == events["event_time"].tolist()
    assert (arrays.recorded_time == microseconds(events["recorded_time"])).all()
    assert [arrays.offences[code] for code in arrays.offence_code] == events["offence"].tolist()
    assert [EVIDENCE[code] for code in arrays.records.evidence0] == events["evidence"].tolist()
    assert [ORIGINS[code] for code in arrays.origin] == events["origin"].tolist()
    places = [arrays.places[code] if code >= 0 else None for code in arrays.place_code]
    assert places == [place if isinstance(place, str) else None for place in events["place"]]
    known = set(events["offence"]) | set(histories.unnamed["offence"])
    assert arrays.offences == tuple(sorted(known))


@MANY
@given(data=st.data())
def test_local_numbers_stand_for_the_persons_own_victims_and_incidents(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy))
    arrays = histories.arrays
    for local, column in [
        (arrays.victim_local, "victim_id"),
        (arrays.incident_local, "incident_id"),
        (arrays.place_local, "place"),
    ]:
        for _, rows in histories.events.groupby("person_code"):
            numbers = local[rows.index]
            ids = rows[column]
            assert (numbers[ids.isna()] == -1).all()
            pairs = set(zip(ids.dropna(), numbers[ids.notna()], strict=True))
            assert len(pairs) == ids.nunique()
            assert {number for _, number in pairs} == set(range(ids.nunique()))
    same = (
        histories.events["incident_id"].to_numpy()[:, None]
        == histories.events["incident_id"].to_numpy()
    )
    assert ((arrays.incident_code[:, None] == arrays.incident_code) == same).all()


@MANY
@given(data=st.data())
def test_updates_stand_with_their_event_in_time_order(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy))
    arrays, updates = histories.arrays, histories.updates
    for event, source_id in enumerate(histories.events["source_id"]):
        rows = list(rows_of(arrays.records.update_start, event))
        expected = updates[updates["source_id"] == source_id]
        got = [
            (
                pd.Timestamp(arrays.records.update_time[row], unit="us"),
                EVIDENCE[arrays.records.update_evidence[row]],
            )
            for row in rows
        ]
        assert got == list(zip(expected["recorded_time"], expected["evidence"], strict=True))
        assert (np.diff(arrays.records.update_time[rows]) >= 0).all()


@MANY
@given(data=st.data())
def test_links_lead_to_other_persons_in_the_same_incident_or_place(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy))
    arrays, events = histories.arrays, histories.events
    for links, column in ((arrays.partners, "incident_id"), (arrays.neighbours, "place")):
        numbers = {}
        for event in events.index:
            together = events[column] == events[column][event]
            other = events["person_code"] != events["person_code"][event]
            rows = list(rows_of(links.start, event))
            assert links.event[rows].tolist() == events.index[together & other].tolist()
            for row in rows:
                owner = events["person_code"][event]
                partner = events["person_code"][links.event[row]]
                numbers.setdefault(owner, {}).setdefault(partner, set()).add(links.person[row])
        for partners in numbers.values():
            assert all(len(number) == 1 for number in partners.values())
            assert set().union(*partners.values()) == set(range(len(partners)))


def test_types_are_those_that_the_kernels_compile_for(table):
    events = table("""
    source_id person_id event_time       recorded_time offence place
    e1        p1        2010-01-01T10:00 2010-01-02    A       x
    """)
    arrays = EventHistories(events).arrays
    found = {**vars(arrays), **arrays.records._asdict(), **arrays.neighbours._asdict()}
    types = {n: value.dtype.name for n, value in found.items() if isinstance(value, np.ndarray)}
    small = {"offence_code": "int32", "place_code": "int32", "person": "int32", "origin": "int8"}
    small |= {"victim_local": "int32", "incident_local": "int32", "place_local": "int32"}
    small |= {"evidence0": "int8", "update_evidence": "int8"}
    assert types == {name: small.get(name, "int64") for name in types}
    assert len(types) == 17


def test_an_incident_that_stands_for_not_known_is_refused(monkeypatch, table):
    monkeypatch.setattr(links_module, "LARGEST_LINK_TABLE", 3)
    events = table("""
    source_id person_id event_time       recorded_time incident_id offence
    e1        p1        2010-01-01T10:00 2010-01-02    none        A
    e2        p2        2010-01-01T10:00 2010-01-02    none        A
    """)
    with pytest.raises(SchemaError, match="one value joins 2 events"):
        _ = EventHistories(events).arrays.partners


def test_helpers():
    assert codes_of(pd.Series(["b", None, "z"], dtype="str"), ["a", "b"]).tolist() == [1, -1, -1]
    assert microseconds(pd.Series(pd.to_datetime(["1970-01-02"]))).tolist() == [86_400_000_000]
