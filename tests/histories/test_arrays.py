"""The arrays against loops over the tables that say the same thing slowly."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories import arrays as module
from riskmodel.histories.arrays import codes_of, microseconds, starts_of
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
    assert [EVIDENCE[code] for code in arrays.evidence0] == events["evidence"].tolist()
    assert [ORIGINS[code] for code in arrays.origin] == events["origin"].tolist()
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
        rows = list(rows_of(arrays.update_start, event))
        expected = updates[updates["source_id"] == source_id]
        got = [
            (
                pd.Timestamp(arrays.update_time[row], unit="us"),
                EVIDENCE[arrays.update_evidence[row]],
            )
            for row in rows
        ]
        assert got == list(zip(expected["recorded_time"], expected["evidence"], strict=True))
        assert (np.diff(arrays.update_time[rows]) >= 0).all()


@MANY
@given(data=st.data())
def test_partners_are_other_persons_in_the_same_incident(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy))
    arrays, events = histories.arrays, histories.events
    numbers = {}
    for event in events.index:
        together = events["incident_id"] == events["incident_id"][event]
        other = events["person_code"] != events["person_code"][event]
        rows = list(rows_of(arrays.partner_start, event))
        assert arrays.partner_event[rows].tolist() == events.index[together & other].tolist()
        for row in rows:
            owner = events["person_code"][event]
            partner = events["person_code"][arrays.partner_event[row]]
            numbers.setdefault(owner, {}).setdefault(partner, set()).add(arrays.partner_local[row])
    for partners in numbers.values():
        assert all(len(number) == 1 for number in partners.values())
        assert set().union(*partners.values()) == set(range(len(partners)))


def test_types_are_those_that_the_kernels_compile_for(table):
    events = table("""
    source_id person_id event_time       recorded_time offence
    e1        p1        2010-01-01T10:00 2010-01-02    A
    """)
    arrays = EventHistories(events).arrays
    types = {name: value.dtype.name for name, value in vars(arrays).items() if name != "offences"}
    small = {"offence_code": "int32", "victim_local": "int32", "incident_local": "int32"}
    small |= {"evidence0": "int8", "origin": "int8", "update_evidence": "int8"}
    small |= {"partner_local": "int32"}
    assert types == {name: small.get(name, "int64") for name in types}


def test_an_incident_that_stands_for_not_known_is_refused(monkeypatch, table):
    monkeypatch.setattr(module, "LARGEST_PARTNER_TABLE", 3)
    events = table("""
    source_id person_id event_time       recorded_time incident_id offence
    e1        p1        2010-01-01T10:00 2010-01-02    none        A
    e2        p2        2010-01-01T10:00 2010-01-02    none        A
    """)
    with pytest.raises(SchemaError, match="an incident joins 2 events; leave the column empty"):
        _ = EventHistories(events).arrays


def test_helpers():
    assert codes_of(pd.Series(["b", None, "z"], dtype="str"), ["a", "b"]).tolist() == [1, -1, -1]
    assert starts_of(np.array([], dtype=np.int64), 2).tolist() == [0, 0, 0]
    assert microseconds(pd.Series(pd.to_datetime(["1970-01-02"]))).tolist() == [86_400_000_000]
