"""What each incident does, held against leaving it out by hand."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import NotScorableError, RiskModelWarning, SchemaError
from riskmodel.histories.selection import without_records
from riskmodel.scoring.ranking import rank
from riskmodel.scoring.scores import score
from riskmodel.scoring.what_if.evidence import EVIDENCE_COLUMNS, evidence
from riskmodel.scoring.what_if.what_if import what_if

AS_OF = "2022-07-01"
MOMENT = pd.Timestamp(AS_OF)
ASKED = {"as_of": AS_OF, "use": "prioritise"}


@pytest.fixture(scope="module")
def top(scores):
    return rank(scores, 6)


@pytest.fixture(scope="module")
def effects(trained, top):
    return evidence(trained.histories, trained.model, top, **ASKED)


def known_then(histories):
    return histories.events.query("recorded_time < @MOMENT and event_time < @MOMENT")


def test_one_row_for_each_incident_that_was_known(trained, top, effects):
    assert list(effects.columns) == EVIDENCE_COLUMNS
    assert effects["event_time"].dtype == "datetime64[us]"
    assert effects["person_id"].drop_duplicates().tolist() == top["person_id"].tolist()
    known = known_then(trained.histories)
    known = known[known["person_id"].isin(top["person_id"])]
    counts = known.groupby("person_id")["incident_id"].nunique()
    assert effects["person_id"].value_counts().to_dict() == counts.to_dict()
    cited = set("; ".join(effects["source_ids"]).split("; "))
    assert cited == set(known["source_id"])


def test_the_effect_is_what_what_if_says_to_the_last_bit(trained, top, effects):
    for person in top["person_id"].head(2):
        for row in effects[effects["person_id"] == person].itertuples():
            without = [row.source_ids.split("; ")[0]]
            reply = what_if(trained.histories, trained.model, person, without=without, **ASKED)
            assert row.margin_effect == -reply.known_then.margin_change
            assert row.probability_effect == -reply.known_then.probability_change
            assert row.status_without == reply.known_then.after.status


def test_the_effect_is_the_score_with_less_the_score_without(trained, top, effects):
    row = effects.iloc[0]
    people = [row["person_id"]]
    events = trained.histories.events
    gone = events.loc[events["incident_id"] == row["incident_id"], "source_id"]
    whole, fewer = (
        score(histories, trained.model, people=people, **ASKED)["margin"].iloc[0]
        for histories in (trained.histories, without_records(trained.histories, gone))
    )
    assert row["margin_effect"] == whole - fewer


def test_largest_effects_come_first_and_no_estimate_before_them(effects):
    for _, rows in effects.groupby("person_id"):
        size = rows["margin_effect"].abs().fillna(np.inf)
        assert (size.diff().dropna() <= 0).all()


def test_harm_and_evidence_are_those_of_the_records(trained, effects):
    events = known_then(trained.histories).set_index("source_id")
    for row in effects.head(30).itertuples():
        mine = events.loc[row.source_ids.split("; ")]
        harm = trained.task.offences.lookup(mine["offence"].tolist())[0]
        assert row.harm == harm.sum()
        assert row.event_time == mine["event_time"].min()
        updates = trained.histories.updates.query("recorded_time < @MOMENT")
        last = updates.drop_duplicates("source_id", keep="last").set_index("source_id")["evidence"]
        stood = last.reindex(mine.index).fillna(mine["evidence"])
        assert row.evidence.split("; ") == stood.tolist()


def test_a_cancelled_record_is_shown_and_moves_nothing(trained, scores):
    ranked = rank(scores)["person_id"].head(60)
    table = evidence(trained.histories, trained.model, ranked, **ASKED)
    cancelled = table[table["evidence"] == "cancelled"]
    assert len(cancelled)
    assert (cancelled[["margin_effect", "probability_effect"]] == 0).all(axis=None)


def test_someone_with_one_incident_has_no_estimate_without_it(trained, scores):
    known = known_then(trained.histories)
    scored = scores.loc[scores["margin"].notna(), "person_id"]
    one = known[known["person_id"].isin(scored)].groupby("person_id")["incident_id"].nunique()
    table = evidence(trained.histories, trained.model, one.index[one == 1][0], **ASKED)
    assert table["status_without"].tolist() == ["no record before as_of"]
    assert table[["margin_effect", "probability_effect"]].isna().all(axis=None)


def test_people_may_be_given_in_several_ways(trained, top, effects):
    ids = top["person_id"].tolist()
    listed = evidence(trained.histories, trained.model, [*ids, ids[0]], **ASKED)
    pd.testing.assert_frame_equal(listed, effects)
    one = evidence(trained.histories, trained.model, ids[0], **ASKED)
    first = effects[effects["person_id"] == ids[0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, first)
    nobody = evidence(trained.histories, trained.model, [], **ASKED)
    assert list(nobody.columns) == EVIDENCE_COLUMNS and nobody.empty


def test_mistakes(trained):
    with pytest.raises(NotScorableError, match="1 of 1 people"):
        evidence(trained.histories, trained.model, "no-such-person", **ASKED)
    with pytest.raises(SchemaError, match="no columns margin"):
        evidence(trained.histories, trained.model, pd.DataFrame({"person_id": ["a"]}), **ASKED)
    with pytest.warns(RiskModelWarning, match="has learnt outcomes"):
        evidence(trained.histories, trained.model, [], as_of="2021-07-01", use="prioritise")
