"""What an entry says, of a table and of single replies."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import ModelIntegrityError, SchemaError
from riskmodel.scoring.log.entry import FORMAT, entry_content, entry_of
from riskmodel.scoring.log.key import LogKey
from riskmodel.scoring.ranking import rank
from riskmodel.scoring.reply import ScoreReply

KEY = LogKey(b"a key of this test alone")
SAID = {"use": "prioritise", "who": "analyst 7", "key": KEY}
MOMENT = datetime(2020, 1, 1, 13, 30, 15, 123456)
SCORES = pd.DataFrame(
    {
        "person_id": ["ann", "bob"],
        "margin": [-1.5, np.nan],
        "probability": [0.18, np.nan],
        "status": ["scored", "not in the cohort"],
        "model": "repeat-harm",
        "version": "3",
        "digest": "ab" * 32,
        "as_of": pd.Timestamp(MOMENT),
    }
)


def entry(scores, **more):
    return json.loads(entry_content(scores, **SAID | more))


def reply(person_id="ann", **values):
    given = dict.fromkeys(("low", "high", "expected_harm", "band", "evidence_share"))
    row = SCORES.iloc[0].to_dict() | {"person_id": person_id, "edition": "e", "warnings": ()}
    return ScoreReply(**given | row | {"thresholds_version": "1", "reasons": ()} | values)


def test_it_says_who_when_what_for_which_model_and_what_answer():
    before = datetime.now(UTC)
    found = entry(SCORES)
    assert before <= datetime.fromisoformat(found["time"]) <= datetime.now(UTC)
    assert (found["who"], found["use"]) == ("analyst 7", "prioritise")
    assert (found["model"], found["version"], found["digest"]) == ("repeat-harm", "3", "ab" * 32)
    assert found["key_id"] == KEY.id
    assert found["rows"] == [
        {"person": KEY.pseudonym("ann"), "margin": -1.5, "probability": 0.18, "status": "scored"},
        {
            "person": KEY.pseudonym("bob"),
            "margin": None,
            "probability": None,
            "status": "not in the cohort",
        },
    ]


def test_the_date_is_kept_to_the_microsecond():
    assert datetime.fromisoformat(entry(SCORES)["as_of"]) == MOMENT
    assert datetime.fromisoformat(entry(reply())["as_of"]) == MOMENT


def test_a_reply_a_list_of_them_and_a_table_say_the_same():
    table = SCORES.iloc[[0, 0]].assign(person_id=["ann", "bea"])
    of_table = entry(table)
    for said in ([reply("ann"), reply("bea")], (dict(row) for _, row in table.iterrows())):
        assert {**entry(list(said)), "time": ""} == {**of_table, "time": ""}
    assert entry(reply())["rows"] == entry([reply()])["rows"] == entry(table.head(1))["rows"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_bit_for_bit(number):
    for scores in (SCORES.head(1).assign(margin=number), reply(margin=number)):
        (row,) = entry(scores)["rows"]
        assert np.float64(row["margin"]).tobytes() == np.float64(number).tobytes()


def test_ranks_of_a_list_are_kept(scores):
    ranked = rank(scores)
    rows = pd.DataFrame(entry(ranked)["rows"])
    np.testing.assert_array_equal(rows["margin"].astype(float), ranked["margin"])
    np.testing.assert_array_equal(rows["rank"].astype("Int64"), ranked["rank"])
    assert rows["person"].is_unique


def test_no_reasons_and_no_records_are_kept():
    because = {
        "order": 1,
        "feature": "count_1y",
        "sentence": "3 reports",
        "value": 3.0,
        "contribution": 0.1,
        "source_ids": ("E1",),
        "evidence": ("charge",),
    }
    content = entry_content(reply(reasons=(because,), warnings=("a warning",)), **SAID)
    for kept_out in (b"count_1y", b"reports", b"E1", b"charge", b"warning", b"ann"):
        assert kept_out not in content


def test_what_was_done_about_missing_values_is_said_where_it_is_known():
    table = SCORES.copy()
    assert entry(table)["missing"] is None
    table.attrs["missing"] = "refuse"
    assert entry(table)["missing"] == "refuse"
    assert entry(reply(), missing="fallback")["missing"] == "fallback"


def test_a_list_of_nobody_is_an_entry_too():
    for nobody in (SCORES.head(0), []):
        found = entry(nobody)
        assert found["rows"] == []
        assert found["digest"] is None


def test_all_that_is_wrong_is_said_at_once_and_no_id_is():
    with pytest.raises(SchemaError, match="no columns digest"):
        entry(SCORES.drop(columns="digest"))
    with pytest.raises(SchemaError, match="no columns status"):
        entry([{name: value for name, value in reply() if name != "status"}])
    broken = SCORES.assign(version=["3", "4"], person_id=["ann", None], status=["scored", None])
    with pytest.raises(SchemaError) as refused:
        entry(broken, who=" ", use=None, missing="guess")
    assert refused.value.problems == [
        "scores.version: several in one table; append each on its own",
        "scores.person_id: missing in 1 rows",
        "scores.status: missing in 1 rows",
        "ScoreLog.append: use must be a text that is not empty",
        "ScoreLog.append: who must be a text that is not empty",
        "ScoreLog.append: missing must be fallback or refuse, or not said",
    ]
    with pytest.raises(ValueError, match="JSON compliant"):
        entry(reply(margin=float("inf")))


@pytest.mark.parametrize("line", [b"", b"[]", b"3", b'{"rows": []}', b'{"format": 2}'])
def test_what_no_log_writes_is_not_read(line):
    with pytest.raises(ModelIntegrityError, match=f"format {FORMAT}"):
        entry_of(line)
