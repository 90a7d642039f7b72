"""One person's row against the same row made from tables."""

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from riskmodel.errors import NotScorableError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable, Unmapped
from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.person_row import PersonRows
from riskmodel.snapshots.records import known_records
from riskmodel.snapshots.task import Task
from tests.snapshots.agreement import SCALE
from tests.snapshots.drawn import NAMES, OFFENCES, ORIGIN, drawn, make_dates, make_tables
from tests.snapshots.drawn_features import STANDINGS, make_features

REPORT = {
    "source_id": "secret-1",
    "person_id": "secret-2",
    "event_time": "2011-03-01T10:00",
    "recorded_time": "2011-03-05T09:00",
    "offence": "wound",
}
SPELL = {"person_id": "secret-2", "start": "2011-05-01", "recorded_time": "2011-05-02"}
UPDATE = {"source_id": "secret-1", "recorded_time": "2011-04-01", "evidence": "charge"}
TASK = Task(offences=OFFENCES, features=(Feature("count"), Feature("harm_sum", 365)))
RATE = replace(TASK, features=(Feature("count", 365, per_year_at_risk=True),))
WITHOUT_THEFT = OffenceTable.from_frame(
    OFFENCES.frame.replace({"offence": {"theft": "burglary"}}),
    edition="without theft",
    source="made for the test",
)
COHORTS = (
    Cohort(lookback_days=None),
    Cohort(lookback_days=365, exclude_in_custody=True),
    Cohort(lookback_days=None, exclude_in_custody=True),
    Cohort(lookback_days=730, min_incidents=2),
    Cohort(lookback_days=None, only=("sex", "Male")),
)


def world(choose):
    """Return tables, dates, and a task that asks for much."""
    tables = make_tables(choose)
    tables = replace(tables, data_start=ORIGIN)
    features = (*default_features(age=False, windows=(90, 365)), *make_features(choose))
    columns = [part for feature in features for part in feature.expand(OFFENCES.groups)]
    lacks_theft = choose((False, True))
    task = Task(
        offences=WITHOUT_THEFT if lacks_theft else OFFENCES,
        cohort=choose(COHORTS),
        features=tuple({column.name: column for column in columns}.values()),
        feature_evidence=choose(STANDINGS),
        unmapped=Unmapped(harm=2.5, group="other", serious=True) if lacks_theft else None,
    )
    return tables, make_dates(choose, tables), task


def plain(rows):
    """Return a table as the dicts that another system would send."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


def expected_of(tables, task, date):
    """Return what the tables say: features of everyone in the cohort, everyone's status."""
    histories = tables.histories()
    groups = pd.DataFrame({"person_id": NAMES, "sex": ["male", "female", "Male"]})
    return histories, features_at(histories, task, date, groups=groups, require_people=False)


def assert_same_records(row, histories, task, date, name):
    """Hold the records of a row against those that the tables have."""
    expected = known_records(histories, task, date, people=[name])
    got = row.records
    assert list(got.source_id) == expected["source_id"].tolist()
    for column in ("event_time", "recorded_time", "reach"):
        times = expected[column].to_numpy(dtype="datetime64[us]").astype(np.int64)
        assert got._asdict()[column].tolist() == times.tolist()
    assert got.harm.tolist() == expected["harm"].tolist()
    assert got.serious.tolist() == expected["serious"].tolist()
    assert [EVIDENCE[code] for code in got.evidence] == expected["evidence"].tolist()
    assert [ORIGINS[code] for code in got.origin] == expected["origin"].tolist()
    assert [task.groups[code] for code in got.group] == expected["group"].tolist()
    for column, ids in (("victim", "victim_id"), ("incident", "incident_id"), ("place", "place")):
        code = pd.factorize(expected[ids])[0]
        assert got._asdict()[column].tolist() == code.tolist()
    place = [got.place_codes[name] for name in expected["place"].dropna()]
    assert place == [code for code in got.place.tolist() if code >= 0]
    measures = {leaf.measure for column in task.columns for leaf in column.leaves}
    for column, measure in (("with_others", "co_accused"), ("with_neighbours", "neighbours")):
        wanted = expected[column].tolist() if measure in measures else [False] * len(expected)
        assert got._asdict()[column].tolist() == wanted


@settings(max_examples=int(40 * SCALE))
@given(drawn(world))
def test_a_row_from_plain_records_is_bit_equal_to_the_one_from_tables(made):
    tables, dates, task = made
    rows = PersonRows(task, data_start=ORIGIN)
    people = {row["person_id"]: row for row in plain(tables.people)}
    records, updates, spells = (plain(t) for t in (tables.events, tables.updates, tables.spells))
    for date in dates[:4]:
        histories, expected = expected_of(tables, task, date)
        status = dict(zip(expected.person_id, expected.status, strict=True))
        scored = list(expected.person_id[expected.scored])
        for name in NAMES:
            asked = {
                "as_of": date,
                "person_id": name,
                "updates": updates,
                "person": people.get(name),
                "spells": [spell for spell in spells if spell["person_id"] == name],
                "having": name != "p2",
            }
            if name not in set(tables.events["person_id"]):
                with pytest.raises(NotScorableError, match="none of the records names"):
                    rows.row(records, **asked)
                continue
            row = rows.row(records, **asked)
            assert row.status == status[name]
            assert_same_records(row, histories, task, date, name)
            offences = known_records(histories, task, date, people=[name])["offence"]
            unpriced = (~offences.isin(task.offences.frame["offence"])).sum()
            assert len(row.warnings) == (unpriced > 0)
            assert all(text.startswith(f"{unpriced} record") for text in row.warnings)
            if name in scored:
                at = scored.index(name)
                assert row.features.tobytes() == expected.X.iloc[at].to_numpy().tobytes()
                assert row.rules.tobytes() == expected.rules.iloc[at].to_numpy().tobytes()


def test_a_person_with_more_records_than_there_was_room_for():
    rows = PersonRows(TASK, data_start=ORIGIN)
    many = [{**REPORT, "source_id": f"r{n}"} for n in range(5_000)]
    assert rows.row(many, as_of="2012-01-01").features.tolist() == [5_000.0, 7_300_000.0]
    assert rows.row([REPORT], as_of="2012-01-01").features.tolist() == [1.0, 1460.0]


def test_a_person_beside_more_people_than_there_was_room_for():
    task = replace(TASK, features=(Feature("co_accused"), Feature("neighbours")))
    mine = [{**REPORT, "source_id": f"r{n}", "incident_id": "i", "place": "bar"} for n in range(60)]
    others = [{**mine[0], "source_id": f"o{n}", "person_id": f"p{n}"} for n in range(500)]
    row = PersonRows(task, data_start=ORIGIN).row(
        mine + others, as_of="2012-01-01", person_id="secret-2"
    )
    assert row.features.tolist() == [500.0, 500.0]
    assert row.records.with_others.all()


def test_what_one_row_says_is_not_overwritten_by_the_next():
    rows = PersonRows(TASK, data_start=ORIGIN)
    first = rows.row([REPORT], as_of="2012-01-01")
    kept = first.features.copy(), first.records.event_time.copy()
    rows.row([{**REPORT, "event_time": "2010-05-01"}], as_of="2015-01-01")
    assert first.features.tolist() == kept[0].tolist()
    assert first.records.event_time.tolist() == kept[1].tolist()


def test_threads_with_rows_of_their_own_do_not_meet():
    many = [{**REPORT, "source_id": f"r{n}"} for n in range(40)]
    wrong = []

    def ask(n):
        rows = PersonRows(TASK, data_start=ORIGIN)
        for _ in range(200):
            if rows.row(many[:n], as_of="2012-01-01").features[0] != n:
                wrong.append(n)

    threads = [threading.Thread(target=ask, args=(n,)) for n in (1, 7, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    "record",
    [
        {**REPORT, "recorded_time": "2012-01-01"},
        {**REPORT, "event_time": "2012-01-01", "recorded_time": "2012-01-01"},
        {**REPORT, "evidence": "cancelled"},
    ],
)
def test_where_nothing_was_known_the_status_says_so(record):
    row = PersonRows(TASK, data_start=ORIGIN).row([record], as_of="2012-01-01")
    assert row.status == "no record before as_of"
    assert row.features.tolist() == [0.0, 0.0]
    assert row.records.person.size == 0


def test_a_person_of_whom_there_is_no_record_has_no_row():
    rows = PersonRows(TASK, data_start=ORIGIN)
    for given_records, asked, words in (
        ([], None, "no record was given"),
        ([REPORT], "somebody else", "none of the records names"),
        ([{**REPORT, "person_id": None}], None, "none of the records names"),
    ):
        with pytest.raises(NotScorableError, match=words):
            rows.row(given_records, person_id=asked, as_of="2012-01-01")


def test_an_offence_that_has_no_value_is_refused_or_counts_what_the_task_says():
    piracy = [REPORT, {**REPORT, "source_id": "r2", "offence": "piracy"}]
    with pytest.raises(SchemaError, match="edition test does not hold piracy"):
        PersonRows(TASK, data_start=ORIGIN).row(piracy, as_of="2012")
    later = [REPORT, {**piracy[1], "recorded_time": "2013-01-01"}]
    row = PersonRows(TASK, data_start=ORIGIN).row(later, as_of="2012")
    assert (row.status, row.warnings) == ("scored", ())  # what is not known yet changes nothing
    task = replace(TASK, unmapped=Unmapped(harm=40.0, group="other"))
    row = PersonRows(task, data_start=ORIGIN).row(piracy, as_of="2012")
    assert row.features.tolist() == [2.0, 1500.0]
    assert row.warnings == (
        "1 record has an offence code that edition test has no value for: counted as the task "
        "states",
    )


def test_custody_is_taken_off_the_time_at_risk():
    rows = PersonRows(RATE, data_start=ORIGIN)
    told = {**SPELL, "end": None}
    ended = {**SPELL, "recorded_time": "2011-05-12", "end": "2011-05-11"}
    count = [
        rows.row([REPORT], as_of="2012-01-01", spells=spells).features[0]
        for spells in ([], [told], [told, ended], [ended, told], [{**told, "kind": "abroad"}])
    ]
    in_prison = pd.Timestamp("2012-01-01") - pd.Timestamp("2011-05-01")
    expected = [1.0, 365 / (365 - in_prison.days), 365 / 355, 365 / 355, 1.0]
    assert np.allclose(count, expected, rtol=1e-6)


def test_a_restricted_cohort_has_to_be_told():
    rows = PersonRows(replace(TASK, cohort=Cohort(only=("sex", "male"))), data_start=ORIGIN)
    with pytest.raises(SchemaError, match="having="):
        rows.row([REPORT], as_of="2011-06-01")
    found = [rows.row([REPORT], as_of="2011-06-01", having=yes).status for yes in (True, False)]
    assert found == ["scored", "not in the cohort"]


def test_what_the_task_reads_and_nobody_said_is_named():
    features = (
        Feature("age", justification="for the test"),
        Feature("covariate", column="points"),
        Feature("days_since_date", column="joined"),
    )
    rows = PersonRows(replace(TASK, features=features), data_start=ORIGIN)
    row = rows.row([REPORT], as_of="2012-01-01")
    assert row.lacking == ("birth_date or birth_year", "points", "joined")
    assert np.isnan(row.features).all()
    said = {"birth_year": None, "points": None, "joined": None}
    row = rows.row([REPORT], as_of="2012-01-01", person=said)
    assert row.lacking == ()
    assert np.isnan(row.features).all()
    person = {"birth_year": 1980, "points": 3, "joined": "2011-12-31T23:00+01:00"}
    row = rows.row([REPORT], as_of="2012-01-01", person=person)
    days = (pd.Timestamp("2012-01-01") - pd.Timestamp("1980-07-01")).days
    assert np.allclose(row.features, [days / 365.25, 3.0, 1 / 12])


def test_before_the_data_begin_there_is_no_row():
    with pytest.raises(SchemaError, match="2009-12-31 given, before the data begin on 2010-01-01"):
        PersonRows(TASK, data_start=ORIGIN).row([REPORT], as_of="2009-12-31")


MISTAKES = {
    "unreadable": {"records": [{**REPORT, "event_time": "secret-3"}]},
    "no word": {"records": [{**REPORT, "evidence": "secret-3", "origin": "secret-4"}]},
    "early": {"records": [{**REPORT, "recorded_time": "2011-02-01"}]},
    "again": {"records": [REPORT, REPORT, {**REPORT, "offence": "shove"}]},
    "missing": {"records": [REPORT, {**REPORT, "source_id": "secret-3", "recorded_time": None}]},
    "update of nothing": {"updates": [{**UPDATE, "source_id": "secret-3"}]},
    "update too soon": {"updates": [{**UPDATE, "recorded_time": "2011-02-01"}]},
    "update of no word": {"updates": [{**UPDATE, "evidence": "secret-3"}, UPDATE]},
    "update of missing": {"updates": [{**UPDATE, "evidence": None}, UPDATE]},
    "spell of nobody": {"spells": [{**SPELL, "person_id": "secret-3"}]},
    "spell backwards": {"spells": [{**SPELL, "end": "2011-04-30"}]},
    "spell of no word": {"spells": [{**SPELL, "kind": "secret-3"}]},
    "spell of no start": {"spells": [{**SPELL, "start": None}, SPELL]},
    "unborn": {"person": {"birth_date": "2011-03-02"}},
    "unborn by year": {"person": {"birth_year": 2012}},
    "dead": {"person": {"death_date": "2011-02-27"}},
    "dead before birth": {"person": {"birth_date": "1960-01-01", "left_date": "1959-01-01"}},
    "another year": {"person": {"birth_date": "1960-01-01", "birth_year": 1961}},
    "no year": {"person": {"birth_year": 1961.5}},
    "no such year": {"person": {"birth_year": 1700}},
    "no number": {"person": {"birth_year": "secret-3"}},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_the_words_of_tables_and_without_a_value(mistake):
    given_rows = {"records": [REPORT], **MISTAKES[mistake]}
    with pytest.raises(SchemaError) as caught:
        PersonRows(TASK, data_start=ORIGIN).row(as_of="2012-01-01", **given_rows)
    person = {"person_id": "secret-2", **given_rows.pop("person", {})}
    events, *others = (pd.DataFrame(rows) for rows in given_rows.values())
    others = dict(zip(list(given_rows)[1:], others, strict=True))
    with pytest.raises(SchemaError) as expected:
        EventHistories(events, pd.DataFrame([person]), **others, dates_only=True)
    assert sorted(caught.value.problems) == sorted(expected.value.problems)
    assert "secret" not in str(caught.value)


def test_all_mistakes_are_told_at_once():
    kinds = ("no word", "update of nothing", "spell backwards", "no year")
    given_rows = {name: rows for kind in kinds for name, rows in MISTAKES[kind].items()}
    with pytest.raises(SchemaError) as caught:
        PersonRows(TASK, data_start=ORIGIN).row(as_of="2012-01-01", **given_rows)
    assert len(caught.value.problems) == len(kinds) + 1


@pytest.mark.parametrize("name", ["source_id", "event_time", "recorded_time", "offence"])
def test_a_field_that_is_missing_is_named(name):
    bare = {key: value for key, value in REPORT.items() if key != name}
    with pytest.raises(SchemaError, match=f"events.{name}: missing, in 1 row"):
        PersonRows(TASK, data_start=ORIGIN).row([bare], as_of="2012-01-01")


def test_records_that_say_nothing_of_persons_are_refused():
    nobody = {key: value for key, value in REPORT.items() if key != "person_id"}
    with pytest.raises(SchemaError, match=r"events\.person_id: the column is missing"):
        PersonRows(TASK, data_start=ORIGIN).row([nobody], as_of="2012-01-01")


def test_of_whom_the_row_is_must_be_clear():
    rows = PersonRows(TASK, data_start=ORIGIN)
    two = [REPORT, {**REPORT, "source_id": "secret-3", "person_id": 7}]
    with pytest.raises(SchemaError, match="they name 2 people"):
        rows.row(two, as_of="2012-01-01")
    assert rows.row(two, as_of="2012-01-01", person_id=7).features[0] == 1.0
    with pytest.raises(SchemaError, match=r"people\.person_id: not the person asked for"):
        rows.row([REPORT], as_of="2012-01-01", person={"person_id": "secret-9"})
