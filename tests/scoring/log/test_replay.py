"""A replay gives the very bits again, and finds what was changed since; nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.histories.events import EventHistories
from riskmodel.model import risk_model
from riskmodel.scoring.log.replay import (
    DIFFERS,
    NO_MODEL,
    NOBODY,
    OTHER_KEY,
    REFUSED,
    SAME,
    replay,
)
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.scoring.person.score_person import score_person
from riskmodel.scoring.scores import rank, score
from riskmodel.scoring.who_answers import FALLBACK, LACKING

KEY = b"a key of this test alone"
SAID = {"use": "prioritise", "who": "analyst 7"}
AS_OF = "2022-07-01"
LATER = "2022-12-01 10:30:15.000001"


@pytest.fixture
def log(tmp_path):
    return ScoreLog(tmp_path / "scores.jsonl", key=KEY)


def changed(trained, **tables):
    """The world's histories with some tables replaced."""
    world = trained.world
    given = {name: world.tables[name] for name in ("events", "people", "updates", "spells")}
    given |= tables
    span = {"data_start": world.start, "data_end": world.end}
    return EventHistories(given.pop("events"), given.pop("people"), **given, **span)


def replayed(log, trained, histories=None, **more):
    models = {"models": {trained.model.digest: trained.model}} | more
    return replay(log, histories or trained.histories, **models)


def test_every_score_comes_back_bit_for_bit(log, trained, scores):
    later = score(trained.histories, trained.model, as_of=LATER, use="prioritise")
    for table in (scores, rank(scores, k=50), scores.iloc[[3]], later.head(0), later):
        log.append(table, **SAID)
    found = replayed(log, trained, tolerance=0.0)
    assert found.entries["result"].tolist() == [SAME] * 5
    assert found.entries["people"].tolist() == [len(scores), 50, 1, 0, len(later)]
    assert found.entries["same"].tolist() == found.entries["people"].tolist()
    assert (found.entries["largest_difference"] == 0).all()
    assert (found.entries["not_in_tables"] == 0).all()
    assert found.entries["entry"].tolist() == [1, 2, 3, 4, 5]
    assert found.differences.empty
    assert found.reproduced


def test_what_is_recorded_since_changes_nothing(log, trained, scores):
    log.append(scores, **SAID)
    events = trained.world.tables["events"]
    known = events[events["recorded_time"] < AS_OF].dropna(subset="person_id").tail(300)
    late = known.assign(source_id="late-" + known["source_id"], recorded_time=pd.Timestamp(AS_OF))
    withdrawn = pd.DataFrame(
        {
            "source_id": known["source_id"],
            "recorded_time": pd.Timestamp(AS_OF),
            "evidence": "cancelled",
        }
    )
    histories = changed(
        trained,
        events=pd.concat([events, late]),
        updates=pd.concat([trained.world.tables["updates"], withdrawn]),
    )
    assert replayed(log, trained, histories, tolerance=0.0).reproduced


def someone(scores):
    return scores.loc[scores["status"] == "scored", "person_id"].iloc[0]


def test_a_record_that_is_gone_shows_by_entry_and_person(log, trained, scores):
    later = score(trained.histories, trained.model, as_of=LATER, use="prioritise")
    for table in (scores, later):
        log.append(table, **SAID)
    events, updates = trained.world.tables["events"], trained.world.tables["updates"]
    alone = ~events["incident_id"].duplicated(keep=False)
    between = events["recorded_time"].between(AS_OF, "2022-11-30") & (events["event_time"] > AS_OF)
    scored = events["person_id"].isin(later.loc[later["status"] == "scored", "person_id"])
    gone = events[alone & between & scored].head(1)
    histories = changed(
        trained,
        events=events.drop(index=gone.index),
        updates=updates[~updates["source_id"].isin(gone["source_id"])],
    )
    found = replayed(log, trained, histories)
    assert found.entries["result"].tolist() == [SAME, DIFFERS]
    assert found.entries["differ"].tolist() == [0, len(found.differences)]
    assert not found.reproduced
    (person,) = gone["person_id"]
    row = found.differences.set_index("person_id").loc[person]
    now = score(histories, trained.model, as_of=LATER, use="prioritise", people=[person])
    assert row["entry"] == 2
    np.testing.assert_equal(row["margin_then"], later.set_index("person_id")["margin"][person])
    np.testing.assert_equal(row["margin_now"], now["margin"].iloc[0])
    assert found.entries["largest_difference"].iloc[1] > 1e-6


def test_an_answer_that_was_forged_before_it_was_logged_shows(log, trained, scores):
    forged = scores.copy()
    place = forged.index[forged["status"] == "scored"][:3]
    forged.loc[place[0], "margin"] += 1e-9
    forged.loc[place[1], ["margin", "probability"]] = np.nan
    forged.loc[place[2], "status"] = "custody"
    log.append(forged, **SAID)
    found = replayed(log, trained)
    assert found.entries["differ"].tolist() == [3]
    assert np.isinf(found.entries["largest_difference"].iloc[0])
    assert set(found.differences["person_id"]) == set(forged.loc[place, "person_id"])
    within = replayed(log, trained, tolerance=1e-6)
    assert within.entries["differ"].tolist() == [2]


def test_people_who_are_no_longer_there_are_counted(log, trained, scores):
    person = someone(scores)
    log.append(scores.head(40), **SAID)
    log.append(scores[scores["person_id"] == person], **SAID)
    tables = {
        name: frame[frame["person_id"] != person]
        for name, frame in trained.world.tables.items()
        if name in ("events", "people", "spells")
    }
    updates = trained.world.tables["updates"]
    tables["updates"] = updates[updates["source_id"].isin(tables["events"]["source_id"])]
    found = replayed(log, trained, changed(trained, **tables))
    in_list = person in scores["person_id"].head(40).tolist()
    assert found.entries["not_in_tables"].tolist() == [int(in_list), 1]
    assert found.entries["result"].iloc[1] == NOBODY


def test_a_person_scored_from_records_that_were_sent_along(log, trained, scores):
    known, events = someone(scores), trained.world.tables["events"]
    row = events[(events["person_id"] == known) & (events["recorded_time"] < AS_OF)].tail(1)
    record = row.to_dict("records")[0] | {"person_id": "somebody else", "incident_id": None}
    reply = score_person(
        [record], trained.model, as_of=AS_OF, use="prioritise", person={"birth_year": 1980}
    )
    log.append(reply, **SAID)
    found = replayed(log, trained)
    assert found.entries[["result", "not_in_tables"]].values.tolist() == [[NOBODY, 1]]
    assert found.reproduced


def test_an_unknown_person_is_as_unknown_as_then(log, trained):
    asked = ["nobody ever", trained.histories.persons[0]]
    log.append(
        score(trained.histories, trained.model, as_of=AS_OF, use="prioritise", people=asked),
        **SAID,
    )
    found = replayed(log, trained)
    assert found.entries[["same", "not_in_tables"]].values.tolist() == [[2, 0]]


def test_without_the_very_model_nothing_is_said_of_its_scores(log, trained, scores, tmp_path):
    log.append(scores, **SAID)
    other = replace(trained.model, name="another")
    for models in ({}, {trained.model.digest: other}, lambda digest: None, tmp_path):
        found = replayed(log, trained, models=models)
        assert found.entries["result"].tolist() == [NO_MODEL]
        assert found.entries["same"].isna().all()
        assert not found.reproduced
    bundle = tmp_path / "bundles" / "one"
    trained.model.save(bundle)
    assert replayed(log, trained, models=tmp_path / "bundles").reproduced
    (bundle / "manifest.json").chmod(0o600)
    tampered = next(bundle.glob("*.txt"))
    tampered.write_bytes(tampered.read_bytes() + b" ")
    found = replayed(log, trained, models=tmp_path / "bundles")
    assert found.entries["result"].tolist() == [NO_MODEL]
    assert tampered.name in found.entries["reason"].iloc[0]


def test_a_use_that_was_never_permitted_is_a_finding(log, trained, scores):
    log.append(scores, use="sentencing", who="analyst 7")
    found = replayed(log, trained)
    assert found.entries["result"].tolist() == [REFUSED]
    assert "does not permit the use 'sentencing'" in found.entries["reason"].iloc[0]


def test_a_model_that_has_expired_since_still_answers_for_its_day(log, trained, monkeypatch):
    today = datetime.now(UTC).date()
    model = replace(trained.model, expires=today)
    log.append(score(trained.histories, model, as_of=AS_OF, use="prioritise", today=today), **SAID)

    class Afterwards(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2099, 1, 1, tzinfo=tz)

    monkeypatch.setattr(risk_model, "datetime", Afterwards)
    with pytest.raises(RiskModelError, match="expired"):
        score(trained.histories, model, as_of=AS_OF, use="prioritise")
    found = replayed(log, trained, models={model.digest: model})
    assert found.entries["result"].tolist() in ([SAME], [REFUSED])  # refused if midnight passed
    assert found.entries["result"].tolist() == [SAME] or datetime.now(UTC).date() > today


def test_a_cohort_restricted_by_a_published_rule_needs_the_groups_table(log, trained):
    groups = trained.world.groups
    value = groups["sex"].dropna().iloc[0]
    cohort = replace(trained.task.cohort, only=("sex", value))
    model = replace(trained.model, task=replace(trained.task, cohort=cohort))
    asked = {"as_of": AS_OF, "use": "prioritise", "groups": groups}
    log.append(score(trained.histories, model, **asked), **SAID)
    models = {model.digest: model}
    assert replayed(log, trained, models=models, groups=groups).reproduced
    found = replayed(log, trained, models=models)
    assert found.entries["result"].tolist() == [REFUSED]
    assert "groups=" in found.entries["reason"].iloc[0]


@pytest.mark.parametrize("said", ["refuse", None])
def test_who_was_refused_for_what_they_lack_is_refused_again(said, log, trained):
    model, histories = trained.model, trained.histories
    reference = dict(model.reference)
    read_age = np.array(model.feature_names) == "age"
    reference["missing"] = np.where(read_age, 0.0, reference["missing"])
    model = replace(model, reference=reference)  # learnt where every date of birth was known
    asked = {"as_of": AS_OF, "use": "prioritise"}
    refused = score(histories, model, **asked, missing="refuse")
    answered = score(histories, model, **asked, missing="fallback")
    assert (answered["status"] == FALLBACK).sum() == (refused["status"] == LACKING).sum() > 0
    log.append(refused, **SAID, missing=said)
    log.append(answered, **SAID)
    models = {model.digest: model}
    assert replayed(log, trained, models=models, tolerance=0.0).reproduced


def test_another_key_and_a_broken_log(log, trained, scores, tmp_path):
    head = log.append(scores.head(3), **SAID)
    other = ScoreLog(tmp_path / "scores.jsonl", key=b"another key of this test")
    with pytest.raises(RiskModelError, match="no entry was written with this key"):
        replayed(other, trained)
    other.append(scores.head(2), **SAID)
    found = replayed(log, trained, head=head)
    assert found.entries["result"].tolist() == [SAME, OTHER_KEY]
    assert not found.reproduced
    with pytest.raises(RiskModelError, match="give key="):
        replayed(ScoreLog(tmp_path / "scores.jsonl"), trained)
    path = tmp_path / "scores.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0])
    with pytest.raises(ModelIntegrityError, match="cut off"):
        replayed(log, trained, head=head._replace(entries=2))
    entry = json.loads(lines[0])
    path.write_bytes(lines[0].replace(entry["rows"][0]["person"].encode(), b"0" * 64))
    with pytest.raises(ModelIntegrityError, match="entry 1 was changed"):
        replayed(log, trained)


def test_a_log_of_nothing_is_reproduced(log, trained, tmp_path):
    (tmp_path / "scores.jsonl").touch()
    found = replayed(log, trained)
    assert found.entries.empty
    assert found.reproduced
