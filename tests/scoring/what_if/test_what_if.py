"""What an estimate would be without a record, held against scoring whole tables anew."""

import datetime
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import (
    ModelExpiredError,
    ModelMismatchError,
    NotScorableError,
    RiskModelError,
    SchemaError,
)
from riskmodel.histories.events import EventHistories
from riskmodel.histories.selection import without_records
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.scoring.scores import score
from riskmodel.scoring.what_if.cases_of_histories import cases_of
from riskmodel.scoring.what_if.reply import WhatIfReply
from riskmodel.scoring.what_if.what_if import what_if
from riskmodel.scoring.what_if.what_if_person import what_if_person
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

AS_OF = "2022-07-01"
MOMENT = pd.Timestamp(AS_OF)
JUST_BEFORE = MOMENT - pd.Timedelta(microseconds=1)
NUMBERS = ["probability", "low", "high", "margin", "expected_harm"]


def ask(trained, person, *, histories=None, **options):
    options = {"as_of": AS_OF, "use": "prioritise"} | options
    return what_if(
        histories or trained.histories, options.pop("model", trained.model), person, **options
    )


def told(estimate):
    return [np.nan if (value := getattr(estimate, name)) is None else value for name in NUMBERS]


def assert_is_the_score(estimate, histories, person, model):
    row = score(histories, model, as_of=AS_OF, use="prioritise", people=[person]).iloc[0]
    assert estimate.status == row["status"]
    np.testing.assert_array_equal(told(estimate), row[NUMBERS].to_numpy(dtype=float))


def tables_of(histories):
    events = pd.concat([histories.events, histories.unnamed]).drop(columns="person_code")
    own = events["incident_id"].str.startswith("\x00")
    return {
        "events": events.assign(incident_id=events["incident_id"].mask(own)),
        "people": histories.people.reset_index(),
        "updates": histories.updates,
        "spells": histories.spells,
    }


def histories_of(trained, tables):
    return EventHistories(
        **tables, data_start=trained.world.start, data_end=trained.world.end, dates_only=True
    )


def known_in_time(trained):
    """All that had happened, as it stands today, as if it had been recorded before the date."""
    tables = tables_of(trained.histories)
    for name, since in (("events", "event_time"), ("spells", "start")):
        table = tables[name]
        tables[name] = table[table[since] < MOMENT]
    updates = tables["updates"]
    updates = updates[updates["source_id"].isin(tables["events"]["source_id"])]
    tables["updates"] = updates.drop_duplicates("source_id", keep="last")
    for name in ("events", "updates", "spells"):
        table = tables[name]
        tables[name] = table.assign(recorded_time=table["recorded_time"].clip(upper=JUST_BEFORE))
    return histories_of(trained, tables)


@pytest.fixture(scope="module")
def listed(scores):
    """Some people who have an estimate, and how many records each: the most, the fewest."""
    ranked = scores[scores["margin"].notna()].sort_values("margin")["person_id"].tolist()
    return [*ranked[-12:], *ranked[:6], *ranked[300:306]]


def incident_of(histories, person, place):
    own = histories.events[histories.events["person_id"] == person]
    row = own.iloc[place % len(own)]
    events = histories.events
    return row["source_id"], events.loc[events["incident_id"] == row["incident_id"], "source_id"]


def test_as_it_stands_it_is_the_score_and_changed_that_of_tables_without_it(trained, listed):
    for place, person in enumerate(listed):
        source, incident = incident_of(trained.histories, person, 3 * place)
        reply = ask(trained, person, without=[source])
        assert_is_the_score(reply.known_then.before, trained.histories, person, trained.model)
        fewer = without_records(trained.histories, incident)
        assert_is_the_score(reply.known_then.after, fewer, person, trained.model)
        assert {row.source_id for row in reply.left_out} == set(incident)


def test_as_known_now_it_is_the_score_of_tables_that_had_all_in_time(trained, listed):
    now = known_in_time(trained)
    moved = 0
    for place, person in enumerate(listed):
        source, incident = incident_of(now, person, place)
        reply = ask(trained, person, without=[source])
        assert_is_the_score(reply.known_now.before, now, person, trained.model)
        fewer = without_records(now, incident)
        assert_is_the_score(reply.known_now.after, fewer, person, trained.model)
        moved += reply.known_now.before != reply.known_then.before
    assert moved  # else the two would be one


def test_other_people_in_the_incident_are_counted_anew(trained, scores):
    events = trained.histories.events
    known = events[(events["recorded_time"] < MOMENT) & (events["event_time"] < MOMENT)]
    others = known.groupby("incident_id")["person_id"].transform("nunique")
    scored = scores.loc[scores["margin"].notna(), "person_id"]
    one = known[(others > 1) & known["person_id"].isin(scored)].iloc[-1]
    reply = ask(trained, one["person_id"], without=[one["incident_id"]])
    assert {row.of_person for row in reply.left_out} == {True, False}
    changed = {change.feature: change for change in reply.known_then.features}
    assert changed["co_accused_ever"].value_after < changed["co_accused_ever"].value_before
    assert any("of other people" in note for note in reply.notes)


@pytest.fixture(scope="module")
def by_incidents(trained):
    """A model that counts incidents, as most people would: no record is counted twice."""
    features = (Feature("incidents", 365), Feature("incidents"), Feature("victims", 365))
    task = Task(offences=trained.world.offences, features=features)
    rows = build_snapshots(
        trained.histories, task, as_of=["2019-07-01"], known_at=AS_OF, late_allowance_days=0
    )
    return train(rows, estimator=RepeatHarmEstimator(n_estimators=10, n_jobs=1), n_replicates=5)


def test_one_of_two_duplicates_shows_nothing_and_their_incident_does(trained, by_incidents):
    events = trained.histories.events
    recent = events["event_time"].between(MOMENT - pd.Timedelta(days=300), MOMENT)
    single = ~events["incident_id"].duplicated(keep=False)
    counts = events[recent].groupby("person_id").size()
    person = counts[counts > 2].index[0]
    one = events[recent & single & (events["person_id"] == person)].iloc[0]
    again = events[events["source_id"] == one["source_id"]].assign(source_id="again")
    tables = tables_of(trained.histories)
    tables["events"] = pd.concat([tables["events"], again.drop(columns="person_code")])
    twice = histories_of(trained, tables)
    options = {"as_of": AS_OF, "use": "prioritise", "people": [person]}
    whole = score(twice, by_incidents, **options)
    alone = score(without_records(twice, ["again"]), by_incidents, **options)
    pd.testing.assert_frame_equal(whole[NUMBERS], alone[NUMBERS])
    reply = ask(trained, person, histories=twice, model=by_incidents, without=["again"])
    assert {row.source_id for row in reply.left_out} == {"again", one["source_id"]}
    incidents = {change.feature: change for change in reply.known_then.features}["incidents_1y"]
    assert incidents.value_before - incidents.value_after == 1
    assert "separate incident" in incidents.before


def test_a_record_known_only_later_changes_nothing_as_known_then(trained, listed):
    later = trained.histories.events.query("recorded_time >= @MOMENT and event_time < @MOMENT")
    people = [p for p in later["person_id"].unique() if p in set(listed)] or listed[:1]
    sources = later.loc[later["person_id"] == people[0], "source_id"]
    if sources.empty:
        pytest.fail("the world has no late report of anyone listed")
    reply = ask(trained, people[0], without=sources.head(1))
    assert reply.known_then.before == reply.known_then.after
    assert reply.known_then.features == ()
    assert reply.known_now.features
    assert reply.left_out[0].evidence_then is None


def test_what_was_left_out_and_added_again_leaves_the_estimate_as_it_was(trained, listed):
    updated = set(trained.histories.updates["source_id"])
    done = 0
    for person in listed:
        _, incident = incident_of(trained.histories, person, 0)
        if updated & set(incident):
            continue  # what became of a record does not come back with it
        events = tables_of(trained.histories)["events"]
        records = events[events["source_id"].isin(incident)]
        reply = ask(trained, person, without=incident, add=records)
        for effect in (reply.known_then, reply.known_now):
            assert effect.before == effect.after and not effect.features
        assert reply.added == tuple(records["source_id"])
        done += 1
    assert done


def test_an_added_record_counts_when_it_was_recorded(trained, listed):
    person = listed[0]
    record = {"source_id": "new", "event_time": "2022-06-01T10:00", "offence": "5D"}
    early = ask(trained, person, add=[{**record, "recorded_time": "2022-06-02T10:00"}])
    assert early.known_then.features and early.known_now.features
    late = ask(trained, person, add=[{**record, "recorded_time": "2022-08-02T10:00"}])
    assert not late.known_then.features
    assert late.known_now.after == early.known_now.after
    with pytest.raises(SchemaError, match="recorded_time"):
        ask(trained, person, add=[record])
    there = str(trained.histories.events.query("person_id == @person")["source_id"].iloc[0])
    with pytest.raises(SchemaError, match="there already"):
        ask(trained, person, add=[{**record, "recorded_time": "2022-08-02", "source_id": there}])


def test_an_added_record_joins_the_people_of_its_incident(trained, listed):
    events = trained.histories.events
    known = events[(events["recorded_time"] < MOMENT) & (events["person_id"] != listed[0])]
    beside = known[known["incident_id"].notna()].iloc[-1]
    shared = ["incident_id", "offence", "event_time", "recorded_time"]
    record = {"source_id": "new", **beside[shared].to_dict()}
    reply = ask(trained, listed[0], add=[record])
    changed = {change.feature: change for change in reply.known_then.features}
    assert changed["co_accused_ever"].value_after > changed["co_accused_ever"].value_before


def test_someone_who_falls_out_of_the_cohort_has_a_status(trained, scores):
    events = trained.histories.events.query("recorded_time < @MOMENT and event_time < @MOMENT")
    scored = events[events["person_id"].isin(scores.loc[scores["margin"].notna(), "person_id"])]
    recent = scored[scored["event_time"] >= MOMENT - pd.Timedelta(days=365)]
    incidents = recent.groupby("person_id")["incident_id"].unique()
    person, only = next((who, some) for who, some in incidents.items() if len(some) == 1)
    reply = ask(trained, person, without=only)
    assert reply.known_then.after.status in ("not in the cohort", "no record before as_of")
    assert reply.known_then.margin_change is None
    everything = events.loc[events["person_id"] == person, "source_id"]
    nothing = ask(trained, person, without=everything)
    assert nothing.known_then.after.status == "no record before as_of"
    assert nothing.known_then.features == ()
    assert "-" in str(nothing)


def test_nothing_recorded_later_changes_what_was_known_then(trained, listed):
    tables = tables_of(trained.histories)
    events = tables["events"]
    known = events.query("recorded_time < @MOMENT and person_id in @listed")
    late = known.assign(
        source_id="late-" + known["source_id"], recorded_time=MOMENT + pd.Timedelta(hours=1)
    )
    gone = known[["source_id"]].assign(recorded_time=MOMENT, evidence="cancelled")
    tables["events"] = pd.concat([events, late])
    tables["updates"] = pd.concat([tables["updates"], gone])
    planted, moved = histories_of(trained, tables), 0
    for place, person in enumerate(listed):
        source, _ = incident_of(trained.histories, person, place)
        was, now = (
            ask(trained, person, histories=some, without=[source])
            for some in (trained.histories, planted)
        )
        assert was.known_then == now.known_then
        moved += was.known_now != now.known_now
    assert moved


def plain(trained, person):
    case = cases_of(trained.histories, [person], shared=["incident_id"])[0]
    return {
        "records": list(case.records), "person": case.person, "updates": list(case.updates),
        "spells": list(case.spells), "person_id": person,
        "data_start": trained.histories.data_start,
    }  # fmt: skip


def test_plain_records_give_the_same_answer(trained, listed):
    for place, person in enumerate(listed):
        source, _ = incident_of(trained.histories, person, place)
        parts = plain(trained, person)
        options = {"as_of": AS_OF, "use": "prioritise", "without": [source]}
        reply = what_if_person(parts.pop("records"), trained.model, **parts, **options)
        assert reply == ask(trained, person, without=[source])


def test_plain_records_that_cannot_be_asked(trained, listed):
    parts = plain(trained, listed[0])
    records = parts.pop("records")
    options = {"as_of": AS_OF, "use": "prioritise"}
    with pytest.raises(NotScorableError, match="none of the records names"):
        what_if_person(records, trained.model, **options, **parts | {"person_id": "nobody"})
    with pytest.raises(SchemaError, match="before the data begin"):
        what_if_person(records, trained.model, **options | {"as_of": "1999-01-01"}, **parts)
    named = {row["person_id"] for row in records}
    two = [*records, {**records[0], "source_id": "other", "person_id": "other"}]
    with pytest.raises(SchemaError, match=f"name {len(named) + 1} people"):
        what_if_person(two, trained.model, **options, **parts | {"person_id": None})
    silent = replace(
        trained.model,
        provenance={k: v for k, v in trained.model.provenance.items() if k != "data_start"},
    )
    with pytest.raises(ModelMismatchError, match="data_start="):
        what_if_person(records, silent, **options, **parts | {"data_start": None})


def test_ids_that_no_record_has_are_counted_and_not_repeated(trained, listed):
    source, _ = incident_of(trained.histories, listed[0], 0)
    with pytest.raises(SchemaError, match="1 of 2 ids") as caught:
        ask(trained, listed[0], without=[source, "secret-7"])
    assert "secret-7" not in str(caught.value)
    with pytest.raises(NotScorableError, match="1 of 1 people"):
        ask(trained, "secret-8", without=[source])


def test_one_id_may_be_given_as_it_is(trained, listed):
    source, _ = incident_of(trained.histories, listed[0], 0)
    assert ask(trained, listed[0], without=source) == ask(trained, listed[0], without=[source])


def test_use_expiry_and_dates_are_enforced_as_for_a_score(trained, listed):
    with pytest.raises(ModelExpiredError, match="does not permit"):
        ask(trained, listed[0], use="sentence")
    with pytest.raises(ModelExpiredError, match="expired on"):
        ask(trained, listed[0], today=trained.model.expires + datetime.timedelta(days=1))
    with pytest.raises(SchemaError, match="before there are data"):
        ask(trained, listed[0], as_of="1999-01-01")
    early = ask(trained, listed[0], as_of="2021-07-01")
    assert any("has learnt outcomes" in text for text in early.warnings)


def test_a_cohort_restricted_by_a_published_rule_reads_the_groups_table(trained, listed):
    groups = trained.world.groups
    sex = groups.set_index("person_id")["sex"]
    person = next(
        who for who in listed if who in sex.index and sex[who] == sex[sex.notna()].iloc[0]
    )
    source, _ = incident_of(trained.histories, person, 0)
    for wanted, status in ((sex[person], "scored"), ("of no one", "not in the cohort")):
        cohort = replace(trained.task.cohort, only=("sex", wanted))
        model = replace(trained.model, task=replace(trained.task, cohort=cohort))
        with pytest.raises(SchemaError, match="groups="):
            ask(trained, person, model=model, without=[source])
        reply = ask(trained, person, model=model, without=[source], groups=groups)
        assert reply.known_then.before.status == status


def test_the_page_says_what_has_to_stand_beside_the_numbers(trained, listed):
    source, _ = incident_of(trained.histories, listed[0], 0)
    reply = ask(trained, listed[0], without=[source])
    page = str(reply)
    for text in (
        "was not retrained",
        "whole incident",
        "As known then: only what was recorded",
        "As known now: all in these records that happened",
        "none is a cause",
        source,
    ):
        assert text in page
    table = reply.to_frame()
    assert table["known"].tolist() == ["then"] * 3 + ["now"] * 3
    assert table["which"].tolist() == ["as it stands", "changed", "difference"] * 2
    assert table.loc[2, "margin"] == reply.known_then.margin_change
    assert WhatIfReply.model_validate_json(reply.model_dump_json()) == reply


def test_one_persons_answer_loads_no_table_library():
    code = (
        "import sys; import riskmodel.scoring.what_if.what_if_person; "
        "heavy = {'pandas', 'pyarrow', 'sklearn', 'lightgbm', 'scipy', 'pandera', 'mlflow'}; "
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@settings(max_examples=25)
@given(data=st.data())
def test_any_records_may_be_left_out(trained, listed, data):
    person = data.draw(st.sampled_from(listed))
    events = trained.histories.events
    own = events[events["person_id"] == person]
    sources = data.draw(st.lists(st.sampled_from(own["source_id"].tolist()), unique=True))
    reply = ask(trained, person, without=sources)
    incidents = own.loc[own["source_id"].isin(sources), "incident_id"]
    gone = events.loc[events["incident_id"].isin(incidents), "source_id"]
    assert {row.source_id for row in reply.left_out} == set(gone)
    fewer = without_records(trained.histories, gone)
    assert_is_the_score(reply.known_then.after, fewer, person, trained.model)


def test_no_message_of_an_error_shows_what_it_was_about(trained, listed):
    record = {"source_id": "secret", "event_time": "2022-06-02T10:00", "offence": "5D",
              "recorded_time": "2022-06-01T10:00", "place": "secret"}  # fmt: skip
    with pytest.raises(RiskModelError) as caught:
        ask(trained, listed[0], add=[record])
    assert "secret" not in str(caught.value)
