"""score_person() against score(): the same numbers from one person's records alone."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import (
    ModelExpiredError,
    ModelMismatchError,
    NotScorableError,
    SchemaError,
)
from riskmodel.scoring.person.score_person import score_person
from riskmodel.scoring.reasons import reasons
from riskmodel.scoring.reply import ScoreReply
from riskmodel.snapshots.default_features import RULES

AS_OF = "2022-07-01"
NUMBERS = ["probability", "low", "high", "margin", "expected_harm", "evidence_share"]


def records_of(trained, person_id):
    """One person's records as a list of dicts, with those of others in the same incidents."""
    events = trained.world.tables["events"]
    mine = events[events["person_id"] == person_id]
    shared = events["incident_id"].isin(mine["incident_id"].dropna())
    rows = events[shared | (events["person_id"] == person_id)]
    updates = trained.world.tables["updates"]
    updates = updates[updates["source_id"].isin(rows["source_id"])]
    people = trained.world.tables["people"].set_index("person_id")
    return {
        "records": rows.sample(frac=1, random_state=0).to_dict("records"),
        "updates": updates.to_dict("records"),
        "person": people.loc[person_id].to_dict(),
        "person_id": person_id,
    }


def ask(trained, asked, **options):
    given = records_of(trained, asked) | {"as_of": AS_OF, "use": "prioritise"} | options
    return score_person(given.pop("records"), trained.model, **given)


@pytest.fixture(scope="module")
def someone(scores):
    return scores.loc[scores["status"] == "scored", "person_id"].iloc[0]


@settings(max_examples=25)
@given(data=st.data())
def test_the_same_bits_as_score_gives(trained, scores, data):
    row = scores.iloc[data.draw(st.integers(0, len(scores) - 1))]
    if row["status"] != "scored":
        with pytest.raises(NotScorableError):
            ask(trained, row["person_id"])
        return
    found = ask(trained, row["person_id"])
    assert [*ScoreReply.model_fields][:-1] == list(scores.columns)
    for name, value in row.items():
        if name == "warnings":
            assert "; ".join(found.warnings) == value
        else:
            missing = isinstance(value, float) and math.isnan(value)
            assert found[name] == (None if missing else value), name


def test_the_reasons_are_those_of_the_table(trained, scores):
    asked = scores[scores["status"] == "scored"].head(25)
    table = reasons(trained.histories, trained.model, asked)
    for person_id in asked["person_id"]:
        rows = table[table["person_id"] == person_id]
        found = ask(trained, person_id).reasons
        assert [reason.feature for reason in found] == rows["feature"].tolist()
        assert [reason.sentence for reason in found] == rows["sentence"].tolist()
        assert [reason.contribution for reason in found] == rows["contribution"].tolist()
        assert ["; ".join(reason.source_ids) for reason in found] == rows["source_ids"].tolist()
        assert ["; ".join(reason.evidence) for reason in found] == rows["evidence"].tolist()
    assert ask(trained, person_id, reasons=0).reasons == ()
    assert len(ask(trained, person_id, reasons=2).reasons) == 2


def test_without_the_records_of_others_nobody_is_co_accused(trained, scores):
    """The caller who leaves them out gets the score of someone who was always alone."""
    events = trained.world.tables["events"]
    shared = events.dropna(subset=["incident_id", "person_id"])
    several = shared.groupby("incident_id")["person_id"].nunique()
    people = shared[shared["incident_id"].isin(several[several > 1].index)]["person_id"]
    scored = scores[scores["status"] == "scored"].set_index("person_id")
    moved = 0
    for person_id in list(dict.fromkeys(people[people.isin(scored.index)]))[:15]:
        given = records_of(trained, person_id)
        alone = [row for row in given["records"] if row["person_id"] == person_id]
        ids = {row["source_id"] for row in alone}
        updates = [row for row in given["updates"] if row["source_id"] in ids]
        found = ask(trained, person_id, records=alone, updates=updates, person_id=None)
        moved += found["margin"] != scored.loc[person_id, "margin"]
        for row in alone:
            row["incident_id"] = f"{row['incident_id']}-alone"
        apart = ask(trained, person_id, records=alone, updates=updates, person_id=None)
        assert apart["margin"] == found["margin"]
    assert moved


def test_records_of_several_people_need_a_name(trained, someone):
    given = records_of(trained, someone)
    other = {**given["records"][0], "source_id": "extra", "person_id": "somebody-else"}
    with pytest.raises(SchemaError, match="2 people") as caught:
        ask(trained, someone, records=[*given["records"][:1], other], updates=[], person_id=None)
    assert someone not in str(caught.value)


def test_no_usable_history_says_why(trained, scores, someone):
    with pytest.raises(NotScorableError, match="no record was given"):
        ask(trained, someone, records=[], updates=[])
    with pytest.raises(NotScorableError, match="none of the records names"):
        ask(trained, someone, person_id="somebody-else")
    outside = scores.loc[scores["status"] == "not in the cohort", "person_id"].iloc[0]
    with pytest.raises(NotScorableError, match=r"not in the cohort .*365 days"):
        ask(trained, outside)
    with pytest.raises(NotScorableError, match="no record before as_of"):
        ask(trained, someone, as_of=trained.histories.data_start)


def test_what_was_not_said_of_a_person_is_answered_by_the_fallback(trained, scores, someone):
    known = ask(trained, someone)
    silent = ask(trained, someone, person=None)
    assert (known.status, silent.status) == ("scored", "fallback")
    assert "birth_date or birth_year not given" in silent.warnings[-1]
    assert silent.margin != known.margin
    assert silent.expected_harm is None
    assert {reason.feature for reason in silent.reasons} <= set(RULES)
    unknown = ask(trained, someone, person={"birth_date": None})
    assert unknown.status == "scored"


def test_the_fallback_is_refused_by_choice_and_where_there_is_none(trained, someone):
    with pytest.raises(NotScorableError, match="birth_date or birth_year not given"):
        ask(trained, someone, person=None, missing="refuse")
    given = records_of(trained, someone) | {"as_of": AS_OF, "use": "prioritise", "person": None}
    without = replace(trained.model, fallback=None)
    with pytest.raises(NotScorableError, match="not given"):
        score_person(given.pop("records"), without, **given)
    with pytest.raises(SchemaError, match="fallback, refuse"):
        ask(trained, someone, missing="guess")


def test_a_window_that_was_always_known_and_is_not_here_is_answered_by_the_fallback(
    trained, someone
):
    short = ask(trained, someone, data_start="2022-01-01")
    assert short.status == "fallback"
    assert "was always known where the model learnt" in short.warnings[-1].replace("were", "was")


def test_an_unknown_date_of_birth_scores_as_it_does_among_others(trained, scores):
    people = trained.world.tables["people"].set_index("person_id")
    unknown = people.index[people[["birth_date"]].isna().all(axis=1)]
    asked = scores[scores["person_id"].isin(unknown) & (scores["status"] == "scored")]
    for row in asked.head(5).itertuples():
        assert ask(trained, row.person_id)["margin"] == row.margin


def test_dates_without_times_are_taken_as_they_are(trained):
    report = {
        "source_id": 1,
        "person_id": 7,
        "event_time": "2022-08-01",
        "recorded_time": "2022-08-01",
        "offence": trained.histories.arrays.offences[0],
    }
    options = {"use": "prioritise", "person": {"birth_year": 1990}}
    on_the_day, day_after = "2022-08-01", "2022-08-02"
    with pytest.raises(NotScorableError, match="no record before"):
        score_person([report], trained.model, as_of=on_the_day, **options)
    found = score_person([report], trained.model, as_of=day_after, **options)
    assert found["person_id"] == "7"
    assert found.as_of == datetime(2022, 8, 2)


def test_a_mistake_in_a_record_is_named_without_its_value(trained, someone):
    given = records_of(trained, someone)
    given["records"][0]["event_time"] = "first of never"
    with pytest.raises(SchemaError, match="event_time") as caught:
        ask(trained, someone, records=given["records"])
    assert "never" not in str(caught.value)
    bare = [
        {key: value for key, value in row.items() if key != "recorded_time"}
        for row in records_of(trained, someone)["records"]
    ]
    with pytest.raises(SchemaError, match="recorded_time"):
        ask(trained, someone, records=bare)
    nobody = [{"source_id": "a"}]
    with pytest.raises(SchemaError, match=r"events.event_time: missing, in 1 row"):
        ask(trained, someone, records=nobody, updates=[])


def test_the_start_of_the_data_must_be_known_and_lie_before_the_date(trained, someone):
    unsaid = replace(trained.model, provenance=trained.model.provenance | {"data_start": None})
    given = records_of(trained, someone)
    with pytest.raises(ModelMismatchError, match="data_start"):
        score_person(given.pop("records"), unsaid, as_of=AS_OF, use="prioritise", **given)
    with pytest.raises(SchemaError, match="before the data begin"):
        ask(trained, someone, as_of="2001-01-01")


def test_use_is_checked_before_the_records(trained):
    with pytest.raises(ModelExpiredError):
        score_person([], trained.model, as_of=AS_OF, use="sentence")


def test_a_cohort_that_leaves_out_people_in_custody_reads_spells(trained, someone):
    cohort = replace(trained.task.cohort, exclude_in_custody=True)
    model = replace(trained.model, task=replace(trained.task, cohort=cohort))
    given = records_of(trained, someone)
    records = given.pop("records")
    spell = {"person_id": someone, "start": "2022-06-01", "recorded_time": "2022-06-01"}
    options = {"as_of": AS_OF, "use": "prioritise", **given}
    assert score_person(records, model, **options)["status"] == "scored"
    with pytest.raises(NotScorableError, match="in custody"):
        score_person(records, model, spells=[spell], **options)


TABLES = {"pandas", "pyarrow", "pandera", "sklearn", "lightgbm", "mlflow", "shap"}
COMPILER = {"numba", "scipy"}  # the first explanation of a process needs it
LIGHT = """
import json, sys
import riskmodel as rm
model = rm.load(sys.argv[1])
given = json.loads(sys.argv[2])
given |= {"model": model, "as_of": "2022-07-01", "use": "prioritise"}
reply, early = rm.score_person(**given, reasons=0), set(sys.modules)
again = rm.score_person(**given)
print(json.dumps([reply.margin, again.margin, sorted(early), sorted(sys.modules)]))
"""


def test_a_new_process_answers_without_a_table_library(trained, someone, scores, tmp_path):
    trained.model.save(tmp_path / "bundle")
    given = json.dumps(records_of(trained, someone), default=str)
    given = given.replace("NaN", "null").replace('"NaT"', "null")
    command = [sys.executable, "-c", LIGHT, str(tmp_path / "bundle"), given]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    margin, again, early, later = json.loads(done.stdout)
    assert margin == again == scores.set_index("person_id").loc[someone, "margin"]
    assert not (TABLES | COMPILER) & set(early)
    assert not TABLES & set(later)
