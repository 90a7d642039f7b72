from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.fallback import FALLBACK_FEATURES
from riskmodel.scoring.contributions import contributions
from riskmodel.scoring.reasons import REASON_COLUMNS, reasons
from riskmodel.scoring.scores import rank, score
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.default_features import RULES
from riskmodel.snapshots.records import behind, known_records
from riskmodel.snapshots.wording import tell

AS_OF = "2022-07-01"


@pytest.fixture(scope="module")
def top(scores):
    return rank(scores, 100)


@pytest.fixture(scope="module")
def why(trained, top):
    return reasons(trained.histories, trained.model, top, top=len(trained.task.feature_names))


def test_columns_and_order(trained, top):
    table = reasons(trained.histories, trained.model, top, top=3)
    assert list(table.columns) == REASON_COLUMNS
    assert list(dict.fromkeys(table["person_id"])) == top["person_id"].tolist()
    for _, part in table.groupby("person_id"):
        assert part["order"].tolist() == list(range(1, len(part) + 1))
        assert len(part) <= 3
        assert part["contribution"].abs().is_monotonic_decreasing


def test_all_of_them_are_the_contributions(trained, top, why):
    table = features_at(trained.histories, trained.task, AS_OF)
    X = table.X.set_axis(table.person_id[table.scored]).loc[top["person_id"]]
    values, base = contributions(trained.model.scorer, X)
    found = why.pivot(index="person_id", columns="feature", values="contribution")
    found = found.reindex(index=X.index, columns=X.columns).fillna(0.0)
    np.testing.assert_array_equal(found, values)
    total = base + why.groupby("person_id")["contribution"].sum()
    np.testing.assert_allclose(total[top["person_id"]], top["margin"], atol=1e-9)


def test_the_sentence_tells_the_value(trained, why):
    for row in why.sample(200, random_state=0).itertuples():
        assert row.sentence == tell(trained.task.feature(row.feature), row.value)


def test_the_records_behind_counts_give_the_count_back(trained, why):
    records = known_records(trained.histories, trained.task, AS_OF)
    records = records.set_index("source_id")
    measure = {name: trained.task.feature(name).measure for name in why["feature"].unique()}
    checked = 0
    for row in why.sample(1_000, random_state=2).itertuples():
        ids = row.source_ids.split("; ") if row.source_ids else []
        behind = records.loc[ids]
        assert (behind["person_id"] == row.person_id).all()
        count = {
            "count": len(ids),
            "incidents": behind["incident_id"].nunique(),
            "victims": behind["victim_id"].nunique(),
            "harm_sum": behind["harm"].sum(),
            "repeat_victims": behind["victim_id"].nunique(),
        }.get(measure[row.feature])
        if count is not None and not np.isnan(row.value):
            assert row.value == pytest.approx(count, rel=1e-6)
            checked += 1
    assert checked > 300


def test_co_accused_rest_on_records_that_others_share(trained, scores):
    table = reasons(trained.histories, trained.model, scores, top=200)
    shared = table[table["feature"].str.startswith("co_accused") & table["value"].notna()]
    assert len(shared)
    assert ((shared["value"] > 0) == (shared["source_ids"] != "")).all()


def test_evidence_says_record_by_record_what_each_was(trained, why):
    records = known_records(trained.histories, trained.task, AS_OF)
    level = records.set_index("source_id")["evidence"]
    several = why[why["evidence"].str.contains("; ")]
    assert several["evidence"].str.split("; ").map(set).map(len).max() > 2
    for row in several.sample(100, random_state=1).itertuples():
        assert row.evidence.split("; ") == level[row.source_ids.split("; ")].tolist()
    assert (why["evidence"] == "").equals(why["source_ids"] == "")


def test_the_oldest_record_is_named_first(trained, why):
    records = known_records(trained.histories, trained.task, AS_OF)
    happened = records.set_index("source_id")["event_time"]
    for row in why[why["source_ids"].str.contains("; ")].sample(50, random_state=3).itertuples():
        assert happened[row.source_ids.split("; ")].is_monotonic_increasing


def test_the_records_are_those_behind_the_feature(trained, why):
    records = known_records(trained.histories, trained.task, AS_OF)
    for row in why[why["value"].notna()].sample(100, random_state=4).itertuples():
        mine = records[records["person_id"] == row.person_id]
        found = behind(trained.task.feature(row.feature), mine, AS_OF)
        assert row.source_ids == "; ".join(found["source_id"])


def test_who_stands_twice_in_the_scores_is_told_twice(trained, top):
    first = top.head(1)
    once = reasons(trained.histories, trained.model, first)
    twice = reasons(trained.histories, trained.model, pd.concat([first, first]))
    pd.testing.assert_frame_equal(twice, pd.concat([once, once], ignore_index=True))


def test_what_is_read_from_the_people_table_rests_on_no_record(why):
    age = why[why["feature"] == "age"]
    assert len(age)
    assert (age["source_ids"] == "").all()


def test_no_reason_adds_nothing(why):
    assert (why["contribution"] != 0).all()


def test_one_person_alone_has_the_same_reasons(trained, top):
    together = reasons(trained.histories, trained.model, top)
    alone = reasons(trained.histories, trained.model, top.tail(1))
    last = together[together["person_id"] == top["person_id"].iloc[-1]].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, last)


def test_rows_without_an_estimate_have_no_reasons(trained, scores):
    table = reasons(trained.histories, trained.model, scores, top=1)
    assert set(table["person_id"]) <= set(scores.loc[scores["margin"].notna(), "person_id"])


def test_mistakes_are_refused(trained, top):
    for bad in (0, 1.5, True):
        with pytest.raises(SchemaError, match="top"):
            reasons(trained.histories, trained.model, top, top=bad)
    with pytest.raises(ModelMismatchError, match="another margin"):
        reasons(trained.histories, trained.model, top.assign(margin=0.0))


def test_the_fallback_has_reasons_of_its_own_in_the_order_of_the_scores(trained, scores):
    bare = trained.world.tables["events"]
    alone = EventHistories(
        bare, updates=trained.world.tables["updates"], data_start=trained.world.start
    )
    told = score(alone, trained.model, as_of=AS_OF, use="prioritise")
    why = reasons(alone, trained.model, told)
    assert set(why["feature"]) <= set(RULES)
    answered = told.loc[told["status"] == "fallback", "person_id"]
    assert why["person_id"].drop_duplicates().tolist() == answered.tolist()
    assert why["source_ids"].ne("").any()


def test_a_value_that_is_not_known_rests_on_no_record(why):
    missing = why[why["value"].isna()]
    assert len(missing)
    assert (missing["source_ids"] == "").all()


def test_who_the_fallback_answered_for_is_told_what_that_read(trained):
    """People without a serious record lack what a model needs that never met one of them."""
    missing = trained.model.reference["missing"].copy()
    missing[trained.task.feature_names.index("days_since_last_serious")] = 0.0
    model = replace(trained.model, reference=trained.model.reference | {"missing": missing})
    scores = rank(score(trained.histories, model, as_of=AS_OF, use="prioritise"))
    why = reasons(trained.histories, model, scores, top=200)
    assert (
        list(dict.fromkeys(why["person_id"]))
        == scores.loc[scores["margin"].notna(), "person_id"].tolist()
    )
    status = scores.set_index("person_id")["status"]
    by_fallback = (why["person_id"].map(status) == "fallback").to_numpy()
    assert 0 < by_fallback.sum() < len(why)
    assert set(why.loc[by_fallback, "feature"]) <= set(FALLBACK_FEATURES)
    assert set(why.loc[~by_fallback, "feature"]) <= set(trained.task.feature_names)
    for row in why[by_fallback].sample(100, random_state=5).itertuples():
        assert row.sentence == tell(RULES[row.feature], row.value)
    margins = scores.set_index("person_id")["margin"]
    of_fallback = why[by_fallback].groupby("person_id")["contribution"].sum()
    base = margins[of_fallback.index] - of_fallback
    np.testing.assert_allclose(base, base.iloc[0], atol=1e-9)
