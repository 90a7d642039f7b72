"""Each group under each reading of the evidence: counted by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.why.label_evidence import READINGS
from riskmodel.audit.why.label_groups import (
    LABEL_GROUP_COLUMNS,
    label_group_table,
    rates_by_reading,
)
from riskmodel.snapshots.table import Snapshots

QUICK = Settings(n_replicates=40)


def test_allegation_and_conviction_tell_the_groups_apart():
    """Alleged alike, convicted half as often: the gap is in the label."""
    sex = pd.DataFrame({"sex": ["f"] * 40 + ["m"] * 40})
    alleged = np.tile([True, True, True, False], 20)
    convicted = alleged & np.r_[np.ones(40, bool), np.tile([True, False], 20)]
    listed = np.tile([True, False], 40)
    table = rates_by_reading(
        {"alleged": alleged, "convicted": convicted}, np.ones(80, dtype=bool), listed, sex,
        person=range(80), settings=QUICK,
    )  # fmt: skip
    values = table.set_index(["reading", "metric", "group"])["value"]
    for reading, later in {"alleged": alleged, "convicted": convicted}.items():
        for group, rows in {"f": slice(0, 40), "m": slice(40, 80)}.items():
            hits, on_list = later[rows], listed[rows]
            both = (hits & on_list).sum()
            assert values[reading, "outcome_rate", group] == pytest.approx(hits.mean())
            assert values[reading, "precision", group] == pytest.approx(both / on_list.sum())
            assert values[reading, "recall", group] == pytest.approx(both / hits.sum())


def test_rows_without_a_known_outcome_count_nowhere():
    sex = pd.DataFrame({"sex": ["f"] * 20})
    observed = np.arange(20) < 10
    table = rates_by_reading(
        {"alleged": np.ones(20, dtype=bool)}, observed, observed, sex, person=range(20),
        settings=QUICK,
    )  # fmt: skip
    assert table["denominator"].tolist() == [10.0] * 3


def test_readings_of_real_records(tiny, tiny_rows):
    groups = pd.DataFrame({"sex": ["m"] * len(tiny_rows)})
    listed = tiny_rows.rules["incidents_1y"] > 0
    table = label_group_table(tiny_rows, tiny, listed, groups, QUICK)
    assert tuple(table.columns) == LABEL_GROUP_COLUMNS
    counts = table[table["metric"] == "outcome_rate"].set_index("reading")["numerator"]
    assert list(counts.index) == list(READINGS)
    assert counts.to_list() == [3.0, 1.0, 1.0]  # p1, p2, p3; p3 alone was convicted


def test_a_reading_that_the_histories_cannot_make_has_no_numbers(small_world, task):
    from dataclasses import replace

    from riskmodel.histories.events import EventHistories
    from riskmodel.snapshots.build import build_snapshots

    tables = small_world.tables
    alleged = EventHistories(tables["events"].assign(evidence="allegation"), tables["people"])
    rows = build_snapshots(
        alleged, replace(task, offences=small_world.offences), as_of="2019-01-01",
        late_allowance_days=0,
    )  # fmt: skip
    groups = pd.DataFrame({"sex": ["m"] * len(rows)})
    table = label_group_table(rows, alleged, np.arange(len(rows)) < 50, groups, QUICK)
    known = table.groupby("reading", sort=False)["value"].count()
    assert known.to_list() == [3, 0, 0]


def test_a_ready_made_table_has_no_readings(tiny):
    rows = Snapshots.from_table(pd.DataFrame({"x": [0.0, 1.0]}), [0, 1])
    table = label_group_table(rows, tiny, [True, False], pd.DataFrame({"sex": ["f", "m"]}))
    assert table.empty and tuple(table.columns) == LABEL_GROUP_COLUMNS


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.booleans(), st.booleans(), st.booleans()),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_a_stricter_reading_never_counts_more(rows):
    group, seen, listed, alleged = (np.array(part) for part in zip(*rows, strict=True))
    later = {"alleged": alleged, "convicted": alleged & (np.arange(len(rows)) % 2 == 0)}
    table = rates_by_reading(
        later, seen, listed, pd.DataFrame({"g": group}), person=range(len(rows)),
        settings=Settings(n_replicates=3),
    )  # fmt: skip
    counts = table[table["metric"] != "recall"].pivot(
        index=["metric", "group"], columns="reading", values="numerator"
    )
    assert (counts["convicted"] <= counts["alleged"]).all()
