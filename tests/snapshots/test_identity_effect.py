import numpy as np
import pandas as pd
import pytest

from riskmodel.histories.merging import merge_persons
from riskmodel.histories.person_links import read_links
from riskmodel.histories.selection import without_records
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.duplicates import KINDS, duplicate_events, known_rows
from riskmodel.snapshots.identity_effect import (
    SCENARIOS,
    changes,
    counted_changes,
    ranks,
    rule_in_use,
    touched_people,
)
from riskmodel.snapshots.task import Task
from tests.snapshots.planted import AGAIN, plant

AS_OF, K = "2024-01-01", 100


@pytest.fixture(scope="module")
def planted(small_world):
    return plant(small_world)


@pytest.fixture(scope="module", params=[365, 730, None])
def task(request, small_world):
    cohort = Cohort(lookback_days=request.param, min_incidents=2)
    return Task(offences=small_world.offences, cohort=cohort)


def found(histories, task, pairs, **more):
    events = duplicate_events(histories, known_rows(histories, task, AS_OF))
    touched = touched_people(histories, task, AS_OF, events, pairs)
    before = rule_in_use(histories, task, AS_OF, more.get("groups"))
    return changes(touched, task, AS_OF, before=before, events=events, pairs=pairs, k=K, **more)


def listed(values, seed=0):
    rank = ranks(values, seed)
    return set(rank.index[rank <= K])


def surplus(histories, task, kinds):
    events = duplicate_events(histories, known_rows(histories, task, AS_OF))
    return events.loc[events["surplus"] & events["kind"].isin(kinds), "source_id"]


def test_the_rule_in_use_is_the_sum_that_snapshots_have(small_world):
    task = Task(offences=small_world.offences)
    table = features_at(small_world.histories, task, AS_OF)
    values = rule_in_use(small_world.histories, task, AS_OF)
    assert values.to_list() == table.rules["harm_1y"].to_list()
    assert values.index.to_list() == table.person_id[table.scored].tolist()


def test_the_lists_are_those_of_histories_that_were_really_changed(planted, task):
    histories, pairs = planted.histories, read_links(planted.links)
    merged = merge_persons(histories, pairs)
    changed = [
        without_records(histories, surplus(histories, task, KINDS[:1])),
        without_records(histories, surplus(histories, task, KINDS)),
        merged,
        without_records(merged, surplus(merged, task, KINDS[:1])),
    ]
    table = found(histories, task, pairs)
    assert table["scenario"].drop_duplicates().tolist() == list(SCENARIOS)
    was = ranks(rule_in_use(histories, task, AS_OF), 0)
    best = was.groupby(lambda person: person.removesuffix(AGAIN)).min()
    for name, other in zip(SCENARIOS, changed, strict=True):
        part = table[table["scenario"] == name].set_index("person_id")
        whole = ranks(rule_in_use(other, task, AS_OF), 0)
        assert set(part.index[part["change"] != "left"]) == set(whole.index[whole <= K])
        first = best if name in SCENARIOS[2:] else was
        assert set(part.index[part["change"] != "entered"]) == set(first.index[first <= K])
        for column, ranked in (("rank_before", first), ("rank_after", whole)):
            there = part[column].dropna()
            assert there.tolist() == ranked[there.index].tolist()
    assert (table.groupby("scenario")["change"].value_counts().unstack()["entered"] > 0).any()


def test_with_nothing_to_change_everyone_stays(small_world):
    histories = small_world.histories
    task = Task(offences=small_world.offences)
    none = pd.DataFrame({"person_id_l": [], "person_id_r": []}, dtype="str")
    rows = known_rows(histories, task, AS_OF)
    events = duplicate_events(histories, rows).iloc[:0]
    touched = touched_people(histories, task, AS_OF, events, none)
    assert len(touched.persons) == 0
    before = rule_in_use(histories, task, AS_OF)
    table = changes(touched, task, AS_OF, before=before, events=events, pairs=none, k=K)
    assert (table["change"] == "stayed").all()
    assert table["rank_before"].tolist() == [*range(1, K + 1)] * len(SCENARIOS)
    assert (counted_changes(table) == 0).all(axis=None)


def test_a_cohort_of_one_group_is_read_for_either_id(planted, small_world):
    cohort = Cohort(only=("sex", "male"))
    task = Task(offences=small_world.offences, cohort=cohort)
    groups = small_world.groups  # the second ids are in no row of it
    pairs = read_links(planted.links)
    table = found(planted.histories, task, pairs, groups=groups)
    whole = merge_persons(planted.histories, pairs)
    expected = listed(rule_in_use(whole, task, AS_OF, groups))
    part = table[(table["scenario"] == SCENARIOS[2]) & (table["change"] != "left")]
    assert set(part["person_id"]) == expected
    swapped = groups.assign(
        person_id=groups["person_id"].replace({p: p + AGAIN for p in planted.links["unique_id_r"]})
    )
    again = found(planted.histories, task, pairs, groups=swapped)
    part = again[(again["scenario"] == SCENARIOS[2]) & (again["change"] != "left")]
    assert set(part["person_id"]) == expected


def test_changes_are_counted_by_scenario():
    table = pd.DataFrame(
        {
            "scenario": SCENARIOS[2],
            "change": ["entered", "left", "stayed", "stayed"],
            "rank_before": pd.array([30, 2, 3, 5], dtype="Int64"),
            "rank_after": pd.array([4, None, 13, 16], dtype="Int64"),
        }
    )
    counts = counted_changes(table)
    assert counts.loc[SCENARIOS[2]].tolist() == [1, 1, 3]
    assert counts.drop(SCENARIOS[2]).to_numpy().sum() == 0
    assert counts.to_numpy().dtype == np.int64
