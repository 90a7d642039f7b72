"""The declared tables as pandas and pandera know them."""

import numpy as np
import pandas as pd
import pandera.errors
import pytest

from riskmodel.histories.frames import dtype_of, empty_table, pandera_schema
from riskmodel.schema import TABLES


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_the_declared_columns_and_passes_its_own_schema(name):
    frame = empty_table(name)
    assert list(frame.columns) == TABLES[name].columns
    assert all(frame[field.name].dtype == dtype_of(field.kind) for field in TABLES[name].fields)
    pandera_schema(name).validate(frame)


def test_an_empty_table_is_its_own():
    changed = empty_table("spells")
    changed["more"] = 1
    assert "more" not in empty_table("spells")


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("evidence", "hearsay", "not one of allegation, arrest"),
        ("origin", "rumour", "not one of reported, police_generated"),
        ("event_time", pd.Timestamp("1899-12-31"), "not in the years 1900 to 2100"),
        ("event_time", pd.Timestamp("2101-01-01"), "not in the years 1900 to 2100"),
        ("offence", np.nan, "not_nullable"),
    ],
)
def test_each_rule_of_events_is_checked(column, value, rule):
    row = {
        "source_id": "e1",
        "person_id": "p1",
        "event_time": pd.Timestamp("2010-01-01 10:00"),
        "recorded_time": pd.Timestamp("2010-01-02"),
        "offence": "8N",
        "evidence": "charge",
        "origin": "reported",
    }
    frame = pd.DataFrame([row]).reindex(columns=TABLES["events"].columns)
    frame = frame.astype(empty_table("events").dtypes.to_dict())
    pandera_schema("events").validate(frame)
    wrong = frame.assign(**{column: pd.Series([value], dtype=frame[column].dtype)})
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        pandera_schema("events").validate(wrong, lazy=True)
    checks = caught.value.failure_cases
    assert checks["column"].tolist() == [column]
    assert checks["check"].str.startswith(rule).all()
