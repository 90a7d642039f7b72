"""Whose harm is covered: counted by hand in a world of six serious records, for several lists."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.audit.by_group.gaps import by_length
from riskmodel.audit.by_group.rates import RATE_COLUMNS, Settings
from riskmodel.audit.victims.coverage import COVERAGE, victim_groups, victim_tables
from riskmodel.audit.victims.offences import (
    OUTSIDE,
    SCORED,
    UNNAMED,
    LaterOffences,
    later_offences,
)

PARTS = ["coverage", "scored_not_listed", "outside_cohort", "no_suspect_named"]
QUICK = Settings(n_replicates=20)


def test_without_a_list_the_offences_are_still_there(tiny, tiny_rows, task):
    offences = later_offences(tiny_rows, tiny, task, {})
    assert len(offences) == 5
    assert victim_tables(offences, victim_groups(offences.rows, tiny.victims)[0]) == {}


def test_no_later_offence_gives_empty_tables(tiny, task, tiny_rows):
    quiet = later_offences(tiny_rows, tiny.before("2015-01-01"), task, {"a": tiny_rows.y == 1})
    assert len(quiet) == 0
    groups, _ = victim_groups(quiet.rows, tiny.victims)
    assert victim_tables(quiet, groups)["a"].rates.empty


def test_victims_characteristics_are_aligned_and_never_guessed(found, tiny):
    groups, notes = victim_groups(found.rows, tiny.victims, intersections=[("sex", "faith")])
    by_incident = dict(zip(found.rows["incident_id"], groups["sex"], strict=True))
    assert by_incident == {
        "i1": "female", "i2": "male", "i3": "female", "i4": "Not recorded", "i5": "female",
    }  # fmt: skip
    assert "person_id" not in groups
    assert "sex x faith" in notes[0]


def test_a_column_of_identifiers_is_left_out_with_a_note():
    victims = pd.DataFrame({"victim_id": [str(i) for i in range(150)]})
    victims["home"] = "h" + victims["victim_id"]
    groups, notes = victim_groups(victims[["victim_id"]], victims)
    assert list(groups) == []
    assert "victims.home" in notes[0]


def many(found, times):
    """The hand-made offences again and again, with people of their own each time."""
    keys = ["incident_id", "victim_id", "cluster"]
    copies = [
        found.rows.assign(**{key: found.rows[key] + f"-{i}" for key in keys}) for i in range(times)
    ]
    covered = pd.concat([found.covered] * times, ignore_index=True)
    return LaterOffences(pd.concat(copies, ignore_index=True), covered)


def test_the_four_parts_add_up_to_all_and_equal_the_hand_count(found, tiny):
    offences = many(found, 20)
    sex = pd.concat([victim_groups(found.rows, tiny.victims)[0]] * 20, ignore_index=True)
    tables = victim_tables(offences, sex, Settings(n_replicates=50))
    for of_list in tables.values():
        value = of_list.rates.set_index(["metric", "group"])["value"]
        for group in ("female", "male", "Not recorded"):
            assert sum(value[part, group] for part in PARTS) == pytest.approx(1)
    value = tables["p2"].rates.set_index(["metric", "group"])["value"]
    assert value["coverage", "female"] == pytest.approx(1 / 3)
    assert value["no_suspect_named", "Not recorded"] == 1
    assert value["scored_not_listed", "male"] == 1
    assert value["harm_coverage", "female"] == pytest.approx(1 / 3)
    # v1 was hurt twice and is covered once: one victim of two is covered
    assert value["victim_coverage", "female"] == pytest.approx(1 / 2)
    other = tables["p2 p3"].rates.set_index(["metric", "group"])["value"]
    assert other["coverage", "male"] == 1
    assert tables["nobody"].rates.query("metric == 'coverage'")["value"].eq(0).all()


@st.composite
def offences_of_nested_lists(draw):
    """Offences, and how deep in a ranking their best suspect stood, if any was scored."""
    n = draw(st.integers(1, 40))
    ints = st.lists(st.integers(0, 6), min_size=n, max_size=n)
    depth, victim = np.array(draw(ints)), np.array(draw(ints))
    rows = pd.DataFrame(
        {
            "as_of": pd.to_datetime("2015-01-01"),
            "incident_id": [f"i{i}" for i in range(n)],
            "victim_id": [None if v == 0 else f"v{v}" for v in victim],
            "cluster": [f"person {d} {i % 5}" for i, d in enumerate(depth)],
            "standing": np.select([depth < 4, depth == 5], [SCORED, OUTSIDE], UNNAMED),
            "harm": np.array(draw(ints)) + 1.0,
        }
    ).astype({"victim_id": "str"})
    covered = pd.DataFrame({str(k): depth < k for k in (1, 2, 3)})
    groups = pd.DataFrame({"sex": np.array(["female", "male", "Not recorded"])[victim % 3]})
    return LaterOffences(rows, covered), groups


@settings(max_examples=25)
@given(offences_of_nested_lists())
def test_a_longer_list_never_covers_less_and_parts_add_up(world):
    offences, groups = world
    tables = victim_tables(offences, groups, QUICK)
    lengths = by_length({int(k): tables[k].rates for k in "123"}, RATE_COLUMNS).set_index("metric")
    for metric in COVERAGE:
        of_metric = lengths.loc[[metric]]
        top = of_metric.pivot(columns="k", index="group", values="numerator").to_numpy()
        assert (np.diff(top, axis=1) >= 0).all()
        bottom = of_metric.pivot(columns="k", index="group", values="denominator").to_numpy()
        assert (bottom == bottom[:, :1]).all()
        assert (top <= bottom).all()
    for of_list in tables.values():
        rates = of_list.rates[of_list.rates["metric"].isin(PARTS)]
        by_group = rates.groupby("group")["numerator"].sum()
        sizes = groups["sex"].value_counts()
        assert by_group.to_dict() == sizes.to_dict()


@settings(max_examples=25)
@given(offences_of_nested_lists())
def test_lists_at_once_equal_each_by_itself(world):
    offences, groups = world
    together = victim_tables(offences, groups, QUICK)
    for name, tables in together.items():
        alone = victim_tables(offences.only([name]), groups, QUICK)[name]
        columns = ["characteristic", "group", "metric", "value", "numerator", "denominator"]
        pd.testing.assert_frame_equal(alone.rates[columns], tables.rates[columns])


def test_victims_of_one_suspect_are_not_independent_facts():
    rng = np.random.default_rng(0)
    n = 300
    base = pd.DataFrame(
        {
            "as_of": pd.Timestamp("2015-01-01"),
            "incident_id": [f"i{i}" for i in range(n)],
            "victim_id": [f"v{i}" for i in range(n)],
            "standing": SCORED,
            "harm": 1000.0,
        }
    )
    covered = pd.DataFrame({"list": rng.random(n) < 0.5})
    groups = pd.DataFrame({"sex": ["female"] * n})
    apart = base.assign(cluster=base["victim_id"])
    # the same offences, ten to a suspect
    order = covered.sort_values("list", kind="stable").index
    crowd = base.assign(cluster=pd.Series(np.arange(n) // 10, index=order).astype("str"))

    def width(rows):
        tables = victim_tables(LaterOffences(rows, covered), groups, Settings(n_replicates=300))
        row = tables["list"].rates.query("metric == 'coverage'").iloc[0]
        return row["high"] - row["low"]

    assert width(crowd) > 2 * width(apart)


def planted(rng, n=4000, coverage=(0.30, 0.18), unrecorded=0.0):
    """Offences whose coverage by the victim's group is planted, some without the group."""
    sex = np.where(rng.random(n) < 0.6, "male", "female")
    covered = rng.random(n) < np.where(sex == "male", *coverage)
    rows = pd.DataFrame(
        {
            "as_of": pd.Timestamp("2015-01-01"),
            "incident_id": [f"i{i}" for i in range(n)],
            "victim_id": [f"v{i}" for i in range(n)],
            "cluster": [f"person {i}" for i in range(n)],
            "standing": SCORED,
            "harm": rng.gamma(2, 300, n),
        }
    )
    seen = np.where(rng.random(n) < unrecorded, "Not recorded", sex)
    return LaterOffences(rows, pd.DataFrame({"list": covered})), pd.DataFrame({"sex": seen})


def test_a_planted_gap_in_coverage_comes_back():
    caught = dict.fromkeys(COVERAGE, 0)
    for seed in range(20):
        offences, groups = planted(np.random.default_rng(seed))
        gaps = victim_tables(offences, groups, Settings(n_replicates=200))["list"].gaps
        for metric in COVERAGE:
            row = gaps[gaps["metric"] == metric].iloc[0]
            assert (row["group"], row["reference"]) == ("female", "male")
            caught[metric] += row["difference_low"] <= -0.12 <= row["difference_high"]
    assert min(caught.values()) >= 16  # of 20 intervals of 95 %
