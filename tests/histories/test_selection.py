import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.selection import of_people, without_records


def made(tables, **changed):
    return EventHistories(**(tables | changed), data_start="2010-01-01", data_end="2012-06-01")


def of(table, ids, column="person_id"):
    return table[table[column].isin(list(ids))]


@pytest.fixture(scope="session")
def drawn(tables_strategy):
    return tables_strategy


@settings(max_examples=25)
@given(st.data())
def test_of_people_is_what_their_rows_alone_would_make(drawn, data):
    tables = data.draw(drawn)
    histories = made(tables)
    ids = data.draw(st.lists(st.sampled_from(["p0", "p1", "p4", "stranger"]), unique=True))
    events = of(tables["events"], ids)
    alone = made(
        tables,
        events=events,
        people=of(tables["people"], ids),
        updates=of(tables["updates"], events["source_id"], "source_id"),
        spells=of(tables["spells"], ids),
    )
    part = of_people(histories, ids)
    assert part.digest() == alone.digest()
    assert part.events["person_code"].tolist() == alone.events["person_code"].tolist()
    assert histories.digest() == made(tables).digest()


@settings(max_examples=25)
@given(st.data())
def test_without_records_is_what_the_other_rows_would_make(drawn, data):
    tables = data.draw(drawn)
    everyone = pd.DataFrame({"person_id": ["p0", "p1", "p2", "p3", "p4"]})
    tables = tables | {"people": everyone}  # persons stay, also when their last event goes
    histories = made(tables)
    rows = np.array(data.draw(st.lists(st.booleans(), min_size=12, max_size=12)))
    gone = tables["events"]["source_id"][rows[: len(tables["events"])]]
    fewer = made(
        tables,
        events=tables["events"].drop(gone.index),
        updates=tables["updates"].drop(of(tables["updates"], gone, "source_id").index),
    )
    assert without_records(histories, gone).digest() == fewer.digest()
    assert without_records(histories, gone.tolist()[::-1]).digest() == fewer.digest()


def test_records_that_are_not_there_are_counted_and_not_named(small_world):
    histories = small_world.histories
    known = histories.unnamed["source_id"].tolist()[:1]
    with pytest.raises(SchemaError, match="1 of 2 are in no row of events") as told:
        without_records(histories, [*known, "E-none"])
    assert "E-none" not in str(told.value)
    assert len(without_records(histories, known)) == len(histories) - 1
    assert without_records(histories, []) is histories


@pytest.mark.parametrize("ids", [[None], [1.5], ["p0", float("nan")]])
def test_ids_that_cannot_be_are_refused(ids, small_world):
    with pytest.raises(SchemaError, match="ids are text or whole numbers"):
        of_people(small_world.histories, ids)
    with pytest.raises(SchemaError, match="ids are text or whole numbers"):
        without_records(small_world.histories, ids)
