"""Whose harm is covered: counted by hand in a world of six serious records."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.rates import Settings
from riskmodel.audit.victims import (
    LISTED,
    OUTSIDE,
    SCORED,
    STANDINGS,
    UNNAMED,
    coverage_by_date,
    later_offences,
    victim_groups,
    victim_table,
)


def listed_people(rows, *people):
    return rows.person_id.isin(people).to_numpy()


@pytest.fixture(scope="module")
def found(tiny, tiny_rows, task):
    return later_offences(tiny_rows, tiny, task, listed_people(tiny_rows, "p2"))


def test_each_offence_counts_once_where_its_best_placed_suspect_stood(found):
    standing = found.set_index("incident_id")["standing"]
    # p1 was not listed and p2 was: one listed suspect covers the offence
    assert standing["i1"] == LISTED
    assert standing["i2"] == SCORED
    assert standing["i3"] == OUTSIDE
    assert standing["i4"] == standing["i5"] == UNNAMED
    assert "i6" not in standing.index  # not serious
    assert len(found) == 5


def test_co_accused_do_not_double_the_harm(found):
    assert found.set_index("incident_id")["harm"]["i1"] == 1000
    assert found["harm"].sum() == 5000


def test_nobody_listed_covers_nothing(tiny, tiny_rows, task):
    offences = later_offences(tiny_rows, tiny, task, np.zeros(len(tiny_rows), dtype=bool))
    assert not (offences["standing"] == LISTED).any()
    assert len(offences) == 5


def test_victims_characteristics_are_aligned_and_never_guessed(found, tiny):
    groups, notes = victim_groups(found, tiny.victims, intersections=[("sex", "faith")])
    by_incident = dict(zip(found["incident_id"], groups["sex"], strict=True))
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


def many(tiny_found, times):
    """The hand-made offences again and again, with people of their own each time."""
    copies = [
        tiny_found.assign(
            incident_id=tiny_found["incident_id"] + f"-{i}",
            victim_id=tiny_found["victim_id"] + f"-{i}",
            cluster=tiny_found["cluster"] + f"-{i}",
        )
        for i in range(times)
    ]
    return pd.concat(copies, ignore_index=True)


def test_the_four_parts_add_up_to_all_and_equal_the_hand_count(found, tiny):
    offences = many(found, 20)
    sex = pd.concat([victim_groups(found, tiny.victims)[0]] * 20, ignore_index=True)
    tables = victim_table(offences, sex, Settings(n_replicates=50))
    value = tables.rates.set_index(["metric", "group"])["value"]
    parts = ["coverage", "scored_not_listed", "outside_cohort", "no_suspect_named"]
    for group in ("female", "male", "Not recorded"):
        assert sum(value[part, group] for part in parts) == pytest.approx(1)
    assert value["coverage", "female"] == pytest.approx(1 / 3)
    assert value["no_suspect_named", "Not recorded"] == 1
    assert value["scored_not_listed", "male"] == 1
    assert value["harm_coverage", "female"] == pytest.approx(1 / 3)
    # v1 was hurt twice and is covered once: one victim of two is covered
    assert value["victim_coverage", "female"] == pytest.approx(1 / 2)


def test_victims_of_one_suspect_are_not_independent_facts():
    rng = np.random.default_rng(0)
    n = 300
    base = pd.DataFrame(
        {
            "as_of": pd.Timestamp("2015-01-01"),
            "incident_id": [f"i{i}" for i in range(n)],
            "victim_id": [f"v{i}" for i in range(n)],
            "standing": rng.choice([LISTED, SCORED], n),
            "harm": 1000.0,
        }
    )
    groups = pd.DataFrame({"sex": ["female"] * n})
    apart = base.assign(cluster=base["victim_id"])
    # the same offences, ten to a suspect
    order = base.sort_values("standing", kind="stable").index
    crowd = base.assign(cluster=pd.Series(np.arange(n) // 10, index=order).astype("str"))

    def width(offences):
        rates = victim_table(offences, groups, Settings(n_replicates=300)).rates
        row = rates[rates["metric"] == "coverage"].iloc[0]
        return row["high"] - row["low"]

    assert width(crowd) > 2 * width(apart)


def test_every_date_shows_every_standing(found):
    table = coverage_by_date(found)
    assert table["standing"].tolist() == list(STANDINGS)
    assert table["offences"].tolist() == [1, 1, 1, 2]
    assert table["harm"].sum() == 5000
