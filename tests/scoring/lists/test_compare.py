"""Why people moved, held against changes whose cause is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.histories.selection import without_records
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.scoring.lists.compare import compare
from riskmodel.scoring.lists.list_changes import list_changes
from riskmodel.scoring.lists.steps import STEPS
from riskmodel.scoring.ranking import rank
from riskmodel.scoring.scores import score
from riskmodel.snapshots.build import build_snapshots

FIRST, SECOND = pd.Timestamp("2022-07-01"), pd.Timestamp("2023-01-01")
K = 30


def list_of(histories, model, as_of, k=K):
    return rank(score(histories, model, as_of=as_of, use="prioritise"), k)


def another_edition(offences):
    frame = offences.frame.assign(harm=np.sqrt(offences.frame["harm"]) * 7)
    return OffenceTable.from_frame(frame, edition="roots", source="a test")


def under(model, offences):
    return replace(model, task=replace(model.task, offences=offences))


@pytest.fixture(scope="module")
def another(trained):
    """A model of the same task that learnt otherwise."""
    rows = build_snapshots(
        trained.histories, trained.task, as_of=["2018-07-01", "2020-07-01"], known_at=FIRST,
        late_allowance_days=0,
    )  # fmt: skip
    estimator = RepeatHarmEstimator(n_estimators=6, n_bags=2, n_jobs=1)
    return train(rows, estimator=estimator, n_replicates=5, seed=3)


@pytest.fixture(scope="module")
def first(trained):
    return list_of(trained.histories, trained.model, FIRST)


@pytest.fixture(scope="module")
def second(trained):
    return list_of(trained.histories, trained.model, SECOND)


@pytest.fixture(scope="module")
def moved(trained, first, second):
    return compare(first, second, histories=trained.histories, models=trained.model)


def assert_adds_up(comparison):
    table = comparison.table
    whole = table["margin_change"].notna()
    assert whole.any()
    total = table.loc[whole, list(STEPS)].sum(axis=1)
    np.testing.assert_allclose(total, table.loc[whole, "margin_change"], rtol=0, atol=1e-12)
    assert table.loc[~whole, list(STEPS)].isna().all(axis=None)


def test_who_entered_and_left_is_the_difference_of_the_lists(first, second, moved):
    was, is_now = set(first["person_id"]), set(second["person_id"])
    assert set(moved.entered["person_id"]) == is_now - was
    assert set(moved.left["person_id"]) == was - is_now
    assert set(moved.stayed["person_id"]) == was & is_now
    plain = list_changes(first, second)
    kept = ["person_id", "change", "rank_before", "rank_after", "rank_change"]
    pd.testing.assert_frame_equal(moved.table[kept], plain[kept])
    assert len(moved.entered) and len(moved.left)


def test_the_steps_add_up_to_the_whole_change(moved):
    assert_adds_up(moved)
    steps = moved.table[list(STEPS)]
    assert (steps[["rewritten", "model", "edition"]].fillna(0) == 0).all(axis=None)
    assert (steps[["time", "new_records", "evidence"]].abs() > 1e-3).any().all()


def test_margins_beyond_a_cut_table_are_those_of_the_score(trained, moved):
    for end, as_of in (("before", FIRST), ("after", SECOND)):
        people = moved.table["person_id"].tolist()
        scores = score(
            trained.histories, trained.model, as_of=as_of, use="prioritise", people=people
        )
        np.testing.assert_array_equal(moved.table[f"margin_{end}"], scores["margin"])


def test_whole_rankings_give_the_same_with_k(trained, moved):
    whole = [list_of(trained.histories, trained.model, at, None) for at in (FIRST, SECOND)]
    found = compare(*whole, k=K, histories=trained.histories, models=trained.model)
    same = ["person_id", "change", "margin_before", "margin_after", *STEPS, "why"]
    pd.testing.assert_frame_equal(found.table[same], moved.table[same])
    assert found.table["rank_after"].notna().sum() > K


@settings(max_examples=8)
@given(days=st.integers(0, 400), k=st.integers(1, 80))
def test_the_steps_add_up_for_any_two_dates(trained, another, first, days, k):
    at = FIRST + pd.Timedelta(days=days)
    later = list_of(trained.histories, another, at, k)
    found = compare(first, later, histories=trained.histories, models=(trained.model, another))
    assert_adds_up(found)


def test_one_list_twice_is_nobody_and_nothing(trained, first):
    found = compare(first, first, histories=trained.histories, models=trained.model)
    assert found.entered.empty and found.left.empty
    assert (found.table[list(STEPS)] == 0).all(axis=None)
    assert set(found.table["why"]) == {"nothing of note"}


def planted(histories, events=(), updates=()):
    """The histories as known at the first date, and what was recorded on the next day."""
    known = histories.before(FIRST)
    rows = pd.concat([known.events, known.unnamed]).drop(columns="person_code")
    own = rows["incident_id"].str.startswith("\x00")
    rows = rows.assign(incident_id=rows["incident_id"].mask(own))
    return EventHistories(
        pd.concat([rows, *events]),
        known.people.reset_index(),
        updates=pd.concat([known.updates, *updates]),
        spells=known.spells,
        data_start=histories.data_start,
        data_end=SECOND,
        dates_only=True,
    )


def test_a_record_that_came_in_is_told_as_such(trained, first):
    someone = first["person_id"].iloc[3]
    record = pd.DataFrame(
        {"source_id": ["new"], "person_id": [someone], "offence": ["5D"],
         "event_time": [FIRST - pd.Timedelta(days=9)], "recorded_time": [FIRST]}
    )  # fmt: skip
    histories = planted(trained.histories, events=[record])
    later = list_of(histories, trained.model, FIRST + pd.Timedelta(microseconds=1))
    found = compare(first, later, histories=histories, models=trained.model).table
    row = found.set_index("person_id").loc[someone]
    assert row["n_new_records"] == 1 and row["n_evidence_updates"] == 0
    assert row["new_records"] != 0 and row["evidence"] == 0
    assert "1 new record " in row["why"]
    others = found[found["person_id"] != someone]
    assert (others[["new_records", "evidence", "rewritten"]] == 0).all(axis=None)


def test_what_became_of_records_is_told_as_evidence_updates(trained, first):
    events = trained.histories.events.query("recorded_time < @FIRST")
    someone = first["person_id"].iloc[0]
    theirs = events.loc[events["person_id"] == someone, ["source_id"]]
    update = theirs.assign(recorded_time=FIRST, evidence="conviction").iloc[-8:]
    histories = planted(trained.histories, updates=[update])
    later = list_of(histories, trained.model, FIRST + pd.Timedelta(microseconds=1))
    row = compare(first, later, histories=histories, models=trained.model).table
    row = row.set_index("person_id").loc[someone]
    assert row["n_evidence_updates"] == 8 and row["n_new_records"] == 0
    assert row["evidence"] != 0 and row["new_records"] == 0
    assert "8 evidence updates" in row["why"]


def test_time_alone_ages_records(trained, first):
    histories = planted(trained.histories)
    later = list_of(histories, trained.model, FIRST + pd.Timedelta(days=120))
    found = compare(first, later, histories=histories, models=trained.model)
    others = found.table[["new_records", "evidence", "rewritten", "model", "edition"]]
    assert (others.fillna(0) == 0).all(axis=None)
    assert found.steps.loc["time", "people"] > 0
    assert found.table["n_aged_out"].sum() > 0
    gone = found.left[found.left["margin_after"].isna()]
    for row in gone.itertuples():
        assert row.why.startswith("no estimate any more: ")


def test_records_removed_without_a_date_are_a_step_of_their_own(trained, first, second):
    someone = first["person_id"].iloc[0]
    events = trained.histories.events
    gone = events.loc[events["person_id"] == someone, "source_id"].tail(10)
    rewritten = without_records(trained.histories, gone)
    later = list_of(rewritten, trained.model, SECOND)
    found = compare(first, later, histories=rewritten, models=trained.model)
    assert_adds_up(found)
    row = found.table.set_index("person_id").loc[someone]
    assert row["rewritten"] != 0
    with pytest.raises(ModelMismatchError, match="the second list"):
        compare(first, second, histories=rewritten, models=trained.model)


def test_records_all_removed_leave_no_steps(trained, first):
    someone = first["person_id"].iloc[0]
    events = trained.histories.events
    old = events.query("person_id == @someone and recorded_time < @FIRST")["source_id"]
    rewritten = without_records(trained.histories, old)
    later = list_of(rewritten, trained.model, SECOND, None)
    found = compare(first, later, k=K, histories=rewritten, models=trained.model).table
    row = found.set_index("person_id").loc[someone]
    assert row[list(STEPS)].isna().all()
    assert "no more" in row["why"] or "no estimate any more" in row["why"]


def test_another_edition_alone_is_the_step_of_the_edition(trained, first):
    newer = under(trained.model, another_edition(trained.task.offences))
    later = list_of(trained.histories, newer, FIRST)
    found = compare(first, later, histories=trained.histories, models=(trained.model, newer))
    assert_adds_up(found)
    assert found.table["edition"].abs().max() > 0
    rest = [name for name in STEPS if name != "edition"]
    assert (found.table[rest] == 0).all(axis=None)
    assert found.what_differs.loc["edition"].tolist() == [trained.task.offences.edition, "roots"]


def test_another_model_and_another_edition_are_two_steps(trained, another, first):
    newer = under(another, another_edition(trained.task.offences))
    later = list_of(trained.histories, newer, FIRST)
    found = compare(first, later, histories=trained.histories, models=(trained.model, newer))
    assert_adds_up(found)
    under_the_first = score(
        trained.histories, another, as_of=FIRST, use="prioritise",
        people=found.table["person_id"].tolist(),
    )  # fmt: skip
    np.testing.assert_allclose(
        found.table["model"],
        under_the_first["margin"].to_numpy() - found.table["margin_before"],
        rtol=0,
        atol=1e-12,
    )
    assert any("Two models" in note for note in found.notes)


def test_an_edition_with_other_groups_cannot_be_told_from_the_model(trained, another, first):
    offences = trained.task.offences
    groups = offences.frame["group"].replace(offences.groups[0], "renamed")
    frame = offences.frame.assign(group=groups)
    table = OffenceTable.from_frame(frame, edition="renamed", source="a test")
    task = replace(trained.task, offences=table)
    rows = build_snapshots(
        trained.histories, task, as_of=["2018-07-01"], known_at=FIRST, late_allowance_days=0
    )
    newer = train(rows, estimator=RepeatHarmEstimator(n_estimators=3, n_jobs=1), n_replicates=5)
    later = list_of(trained.histories, newer, FIRST)
    found = compare(first, later, histories=trained.histories, models=(trained.model, newer))
    assert_adds_up(found)
    assert (found.table["edition"] == 0).all() and (found.table["model"] != 0).any()
    assert any("cannot be told apart" in note for note in found.notes)


def test_someone_who_moved_without_a_change_of_their_own(trained, first):
    longer = list_of(trained.histories, trained.model, FIRST, K + 5)
    options = {"histories": trained.histories, "models": trained.model}
    left, entered = (
        compare(longer, first, **options).left,
        compare(first, longer, **options).entered,
    )
    assert set(left["why"]) == {"no fall: others rose, or the list is shorter"}
    assert set(entered["why"]) == {"no rise: others fell, or the list is longer"}
    assert len(left) == len(entered) == 5


def test_the_tables_alone_say_what_differs(first, second):
    found = compare(first, second.assign(version="2", digest="b" * 64))
    differs = found.what_differs
    assert differs.loc["as_of"].tolist() == ["2022-07-01", "2023-01-01"]
    assert differs.loc["version", "after"] == "2"
    assert differs.loc["people listed"].tolist() == [str(K)] * 2
    assert any("cannot be told apart" in note for note in found.notes)
    assert found.steps.empty
    assert not set(STEPS) & set(found.table.columns)


def test_the_page_names_everyone_who_entered_or_left_and_why(moved):
    page = str(moved)
    assert page.startswith(f"People listed: {len(moved.entered)} entered, {len(moved.left)} left")
    for row in [*moved.entered.itertuples(), *moved.left.itertuples()]:
        assert row.person_id in page and row.why in page
    assert "as_of: 2022-07-01 -> 2023-01-01" in page
    assert "Steps are taken in one order" in page


def test_mistakes(trained, another, first, second):
    histories, model = trained.histories, trained.model
    with pytest.raises(SchemaError, match="later date"):
        compare(second, first)
    with pytest.raises(SchemaError, match="both histories= and models="):
        compare(first, second, histories=histories)
    with pytest.raises(ModelMismatchError, match="before: the list was made by another model"):
        compare(first, second, histories=histories, models=(another, model))
    with pytest.raises(SchemaError, match="no columns edition"):
        compare(first.drop(columns="edition"), second)
    with pytest.raises(SchemaError, match="a list is empty"):
        compare(first.head(0), second, histories=histories, models=model)
    assert len(compare(first.head(0), second).entered) == K


def test_lists_in_order_of_expected_harm_say_so(trained):
    lists = [
        rank(
            score(trained.histories, trained.model, as_of=at, use="prioritise"),
            K,
            by="expected_harm",
        )
        for at in (FIRST, SECOND)
    ]
    assert any("expected harm" in note for note in compare(*lists).notes)
