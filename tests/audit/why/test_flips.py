"""A world made twice: with one characteristic another's, and with one bias taken away."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.why.flips import AGE, FLIP_COLUMNS, flip_test, flipped_tables
from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.synthetic import WorldSpec, make_histories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

DATE = "2020-01-01"
FACTOR = 1.4
RECORDING = {"recording_by_suspect_ethnicity": {"Black": FACTOR}}


def histories_of(world, tables):
    names = ("updates", "spells", "victims")
    return EventHistories(
        tables["events"], tables["people"], **{name: tables[name] for name in names},
        data_start=world.start, data_end=world.end,
    )  # fmt: skip


def built(histories, task):
    return build_snapshots(histories, task, as_of=DATE, late_allowance_days=0)


@pytest.fixture(scope="module")
def worlds():
    """The same people and offences; in the first, minor ones of one group are recorded more."""
    spec = WorldSpec().fair()
    biased = make_histories(6_000, seed=3, spec=replace(spec, **RECORDING))
    return biased, make_histories(6_000, seed=3, spec=spec)


@pytest.fixture(scope="module")
def learnt(worlds):
    biased, _ = worlds
    task = Task(
        offences=biased.offences,
        features=(
            Feature("count", 365), Feature("incidents"), Feature("harm_sum", 730),
            Feature("victims", 365), Feature("incidents", serious=True),
            Feature("days_since_last"),
        ),
    )  # fmt: skip
    rows = built(biased.histories, task)
    few = RepeatHarmEstimator(n_estimators=30, n_jobs=1)
    return train(rows, estimator=few, n_replicates=10), task, rows


@pytest.mark.parametrize("characteristic", ["ethnicity", "sex", "disability", "religion"])
def test_no_score_moves_by_a_bit_when_a_characteristic_is_another_s(worlds, learnt, characteristic):
    model, task, rows = learnt
    tables = flipped_tables(worlds[0].tables, characteristic, seed=1)
    other = tables["groups"][characteristic] != worlds[0].groups[characteristic]
    assert other.mean() > 0.1
    table = flip_test(model, rows, built(histories_of(worlds[0], tables), task), worlds[0].groups)
    assert tuple(table.columns) == FLIP_COLUMNS
    assert not table[["left", "entered", "changed", "largest", "shift"]].to_numpy().any()
    assert (table["rows"] > 0).all()


def test_an_age_that_the_model_reads_is_seen_to_move_scores(worlds, learnt):
    task = replace(
        learnt[1],
        features=(Feature("count", 365), Feature("age", justification="to see the test fail")),
    )
    rows = built(worlds[0].histories, task)
    few = RepeatHarmEstimator(n_estimators=10, n_jobs=1)
    model = train(rows, estimator=few, n_replicates=10)
    older = histories_of(worlds[0], flipped_tables(worlds[0].tables, AGE))
    table = flip_test(model, rows, built(older, task), worlds[0].groups[["person_id", "sex"]])
    assert (table["changed"] > 0).any() and (table["largest"] > 0).any()


def test_what_only_a_recording_bias_does_to_scores_is_measured(worlds, learnt):
    """Nothing but the records of one group differs: its scores rise, and no other group's."""
    model, task, rows = learnt
    biased, fair = worlds
    ethnicity = biased.truth.people[["person_id", "ethnicity"]]
    serious = biased.truth.rates_at(DATE)["serious_rate"]
    table = flip_test(model, rows, built(fair.histories, task), ethnicity, truth=serious).set_index(
        "group"
    )
    black, others = table.loc["Black"], table.drop(index="Black")
    assert black["shift_low"] > 0
    assert black["changed"] > 0.5 * black["rows"] and black["left"] > 0
    # others can be touched through offences committed together, and custody
    assert (others["shift"].abs() < black["shift"] / 5).all()
    # by the truth nothing sets the group apart: the shift is bias, not behaviour
    assert black["truth"] == pytest.approx(table.loc["White", "truth"], rel=0.15)


def test_the_planted_factor_comes_back_from_a_score_that_counts(worlds, learnt, known_model):
    task = learnt[1]
    biased, fair = worlds
    counting = replace(task, features=(Feature("count", 365, serious=False, victim=True),))
    (name,) = counting.feature_names
    model = known_model(name, task=counting)
    first, second = built(biased.histories, counting), built(fair.histories, counting)
    people = biased.truth.people
    black = set(people.loc[people["ethnicity"] == "Black", "person_id"])
    sums = [
        rows.X.loc[rows.person_id.isin(black).to_numpy(), name].sum() for rows in (first, second)
    ]
    assert sums[0] / sums[1] == pytest.approx(FACTOR, rel=0.06)
    table = flip_test(model, first, second, people[["person_id", "ethnicity"]])
    assert table.set_index("group").loc["Black", "shift_low"] > 0


def test_a_person_in_one_version_only_is_counted_and_not_compared(known_model):
    from riskmodel.snapshots.table import Snapshots

    def rows(people):
        X = pd.DataFrame({"x": np.arange(len(people), dtype=float)})
        return Snapshots.from_table(X, np.zeros(len(people)), person_id=people)

    groups = pd.DataFrame({"person_id": ["a", "b", "c"], "sex": ["f", "f", "m"]})
    table = flip_test(known_model("x"), rows(["a", "b"]), rows(["a", "c"]), groups)
    found = table.set_index("group")
    assert found.loc["f", ["people", "left", "entered", "changed"]].tolist() == [1, 1, 0, 0]
    assert found.loc["m", ["people", "left", "entered"]].tolist() == [0, 0, 1]
    assert np.isnan(found.loc["m", "shift"])


def test_what_no_table_holds_cannot_be_flipped():
    with pytest.raises(SchemaError, match="characteristic"):
        flipped_tables({"groups": pd.DataFrame({"person_id": ["a"]})}, "sex")
