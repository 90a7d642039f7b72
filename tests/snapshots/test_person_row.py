"""One person's row against the same row made from tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from riskmodel.errors import NotScorableError, SchemaError
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.person_row import PersonRows
from riskmodel.snapshots.task import Task
from tests.snapshots.drawn import NAMES, OFFENCES, ORIGIN, drawn, make_dates, make_tables
from tests.snapshots.drawn_features import make_features

REPORT = {
    "source_id": "r1",
    "event_time": "2011-03-01T10:00",
    "recorded_time": "2011-03-05T09:00",
    "offence": "wound",
}
TASK = Task(offences=OFFENCES, features=(Feature("count"), Feature("harm_sum", 365)))


def world(choose):
    tables = make_tables(choose)
    return tables, make_dates(choose, tables), make_features(choose)


def plain(rows):
    """Return a table as the dicts that another system would send."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


@settings(max_examples=40)
@given(drawn(world))
def test_a_row_from_plain_records_is_bit_equal_to_the_one_from_tables(made):
    tables, dates, declared = made
    tables = type(tables)(tables.events, tables.updates, tables.people, data_start=ORIGIN)
    histories = tables.histories()
    features = (*default_features(age=False, windows=(90, 365)), *declared)
    task = Task(
        offences=OFFENCES,
        cohort=Cohort(lookback_days=None),
        features=tuple({feature.name: feature for feature in features}.values()),
    )
    rows = PersonRows(task, data_start=ORIGIN)
    people = {row["person_id"]: row for row in plain(histories.people.reset_index())}
    records, updates = plain(tables.events), plain(tables.updates)
    for date in dates[:4]:
        expected = features_at(histories, task, date, require_people=False)
        known = list(expected.person_id[expected.scored])
        for name in NAMES:
            asked = {"as_of": date, "person_id": name, "updates": updates}
            if name not in known:
                continue
            row = rows.row(records, person=people.get(name), **asked)
            at = known.index(name)
            assert row.features.tobytes() == expected.X.iloc[at].to_numpy().tobytes()
            assert row.rules.tobytes() == expected.rules.iloc[at].to_numpy().tobytes()


def test_a_person_with_more_records_than_there_was_room_for():
    rows = PersonRows(TASK, data_start=ORIGIN)
    many = [{**REPORT, "source_id": f"r{n}"} for n in range(5_000)]
    assert rows.row(many, as_of="2012-01-01").features.tolist() == [5_000.0, 7_300_000.0]
    assert rows.row([REPORT], as_of="2012-01-01").features.tolist() == [1.0, 1460.0]


@pytest.mark.parametrize(
    "records",
    [[], [{**REPORT, "recorded_time": "2012-01-01"}], [{**REPORT, "evidence": "cancelled"}]],
)
def test_where_nothing_was_known_there_is_no_row(records):
    with pytest.raises(NotScorableError, match="before as_of"):
        PersonRows(TASK, data_start=ORIGIN).row(records, as_of="2012-01-01")


def test_an_offence_that_is_not_in_the_edition_is_refused():
    with pytest.raises(SchemaError, match="piracy"):
        PersonRows(TASK, data_start=ORIGIN).row([{**REPORT, "offence": "piracy"}], as_of="2012")


def test_rates_per_year_at_risk_with_custody_ask_for_tables():
    task = Task(offences=OFFENCES, features=(Feature("count", 365, per_year_at_risk=True),))
    rows = PersonRows(task, data_start=ORIGIN)
    spell = {"start": "2011-05-01", "end": None, "recorded_time": "2011-05-01"}
    with pytest.raises(SchemaError, match="tables"):
        rows.row([REPORT], as_of="2012-01-01", spells=[spell])
    assert np.isclose(rows.row([REPORT], as_of="2012-01-01").features[0], 1.0)
