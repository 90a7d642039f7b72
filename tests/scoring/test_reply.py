"""The reply as a contract: names of the table, a schema, nothing that can't be."""

import pytest
from pydantic import ValidationError

from riskmodel.schema import SCORE_COLUMNS
from riskmodel.scoring.reply import Reason, ScoreReply
from riskmodel.scoring.scores import COLUMNS

REPLY = {
    "person_id": "p1", "as_of": "2022-07-01", "status": "scored", "probability": 0.1, "low": 0.05,
    "high": 0.2, "margin": -2.2, "expected_harm": None, "band": "higher", "evidence_share": None,
    "model": "m", "version": "1", "digest": "0" * 64, "edition": "e", "thresholds_version": "t",
    "warnings": (), "reasons": (),
}  # fmt: skip


def test_it_has_the_names_of_the_table_in_its_order_and_then_the_reasons():
    assert list(ScoreReply.model_fields) == [*COLUMNS, "reasons"]
    assert SCORE_COLUMNS[:-4] == COLUMNS


def test_json_comes_back_as_it_was():
    reason = Reason(
        order=1, feature="f", sentence="s", value=None, contribution=0.1 + 0.2,
        source_ids=("a",), evidence=("charge",),
    )  # fmt: skip
    reply = ScoreReply(**REPLY | {"reasons": (reason,)})
    assert ScoreReply.model_validate_json(reply.model_dump_json()) == reply


def test_fields_are_read_by_name_as_from_a_row():
    reply = ScoreReply(**REPLY)
    assert reply["margin"] == reply.margin == -2.2
    with pytest.raises(KeyError):
        _ = reply["model_dump"]


@pytest.mark.parametrize(
    "change", [{"probability": 1.5}, {"low": -0.1}, {"unknown": 1}, {"status": None}]
)
def test_what_cannot_be_is_refused(change):
    with pytest.raises(ValidationError):
        ScoreReply(**REPLY | change)


def test_nothing_of_it_can_be_changed():
    with pytest.raises(ValidationError):
        ScoreReply(**REPLY).margin = 0.0


def test_the_schema_says_what_each_number_means():
    told = ScoreReply.model_json_schema()["properties"]
    assert all("description" in told[name] for name in ("probability", "margin", "digest"))
