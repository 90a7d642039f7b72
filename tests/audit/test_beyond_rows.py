"""What the histories say beside the rows, held to a plain reading of the same records."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.beyond_rows import NO_HISTORIES, NO_TRAITS, beyond_the_rows
from riskmodel.audit.question import AUDITED, GATE, LENGTHS, pose
from riskmodel.audit.result import TABLES
from riskmodel.audit.victims.coverage import COVERAGE
from riskmodel.audit.victims.offences import OUTSIDE, SCORED, UNNAMED
from riskmodel.errors import RiskModelWarning
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcomes import outcome_events
from riskmodel.snapshots.task import Task

DATES = ["2019-01-01", "2019-09-01"]
PARTS = {"coverage", "scored_not_listed", "outside_cohort", "no_suspect_named"}


@pytest.fixture(scope="module")
def question(small_world, known_model):
    task = Task(
        offences=small_world.offences,
        features=(Feature("count", 365), Feature("incidents", serious=True)),
    )

    class LearntTheFirst(known_model):
        def dates_learnt_from(self, snapshots):
            return snapshots.dates[:1]

    rows = build_snapshots(small_world.histories, task, as_of=DATES, late_allowance_days=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        return pose(
            LearntTheFirst("count_1y", task=task), rows, small_world.histories,
            small_world.groups, k=60, policy=None, characteristics=None,
            intersections=[("sex", "ethnicity")], minimum_cell=None, predictions=None,
            n_replicates=30, seed=0,
        )  # fmt: skip


@pytest.fixture(scope="module")
def beyond(question):
    return beyond_the_rows(question)


def read_plainly(question, listed, dates):
    """Every later serious offence, one date, incident and victim at a time."""
    sex = question.histories.victims.set_index("victim_id")["sex"]
    rows = []
    for date in dates:
        events = outcome_events(
            question.histories, question.snapshots.task, date, question.snapshots.known_at
        )
        events = events[events["serious"]]
        at = (question.snapshots.as_of == date).to_numpy()
        scored = set(question.snapshots.person_id[at])
        on_list = set(question.snapshots.person_id[at & listed])
        for (_, victim), records in events.groupby(["incident_id", "victim_id"], dropna=False):
            people = set(records["person_id"].dropna())
            rows.append(
                {
                    "as_of": date,
                    "victim": None if pd.isna(victim) else victim,
                    "sex": sex.get(victim),
                    "covered": bool(people & on_list),
                    "standing": SCORED if people & scored else OUTSIDE if people else UNNAMED,
                    "harm": records.groupby("offence")["harm"].max().sum(),
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(sex=table["sex"].fillna("Not recorded"))


def plain_rates(offences):
    found = {}
    for sex, mine in offences.groupby("sex"):
        covered, n = mine["covered"], len(mine)
        victims = mine[mine["victim"].notna()].groupby(["as_of", "victim"])["covered"].any()
        found |= {
            ("coverage", sex): (covered.sum(), n),
            ("scored_not_listed", sex): (((mine["standing"] == SCORED) & ~covered).sum(), n),
            ("outside_cohort", sex): ((mine["standing"] == OUTSIDE).sum(), n),
            ("no_suspect_named", sex): ((mine["standing"] == UNNAMED).sum(), n),
            ("victim_coverage", sex): (victims.sum(), len(victims)),
            ("harm_coverage", sex): (mine.loc[covered, "harm"].sum(), mine["harm"].sum()),
            ("share_of_offences", sex): (n, len(offences)),
        }
    return found


def assert_counts(table, expected):
    of_sex = table[table["characteristic"] == "sex"].set_index(["metric", "group"])
    for key, (top, bottom) in expected.items():
        if key in of_sex.index:
            row = of_sex.loc[key]
            assert row["numerator"] == pytest.approx(top), key
            assert row["denominator"] == pytest.approx(bottom), key
    assert set(of_sex.index) <= set(expected)


def test_the_victims_side_equals_a_plain_reading(question, beyond):
    offences = read_plainly(question, question.listed, question.snapshots.dates)
    assert_counts(beyond.tables["victims"], plain_rates(offences))
    assert beyond.summary["offences_later"] == len(offences)
    assert beyond.summary["offences_listed"] == offences["covered"].sum()
    assert beyond.tables["coverage"]["offences"].sum() == len(offences)


def test_the_gate_reads_only_dates_that_were_not_learnt_from(question, beyond):
    offences = read_plainly(question, question.lists[GATE], question.snapshots.dates[1:])
    gate = beyond.tables["gate_victims"]
    assert_counts(gate, plain_rates(offences))
    assert set(gate["metric"]) > set(COVERAGE)
    assert set(beyond.tables["gate_victim_gaps"]["metric"]) >= set(COVERAGE)


def test_where_every_date_was_learnt_from_the_gate_says_nothing(question):
    learnt = replace(question, out_of_time=np.zeros(len(question.snapshots), dtype=bool))
    found = beyond_the_rows(learnt).tables
    assert found["gate_victims"].empty and found["gate_victim_gaps"].empty
    assert len(found["victims"])


def test_each_length_equals_a_plain_reading_and_longer_never_covers_less(question, beyond):
    lengths = beyond.tables["victim_lengths"]
    assert next(iter(lengths)) == "k"
    assert set(lengths["metric"]) == set(COVERAGE)
    for k in LENGTHS:
        offences = read_plainly(question, question.lists[str(k)], question.snapshots.dates)
        assert_counts(lengths[lengths["k"] == k], plain_rates(offences))
    wide = lengths.pivot_table(
        columns="k", index=["characteristic", "group", "metric"], values="numerator"
    )
    assert (np.diff(wide.to_numpy(), axis=1) >= -1e-9).all()


def test_parts_add_up_and_bounds_hold_the_gap(beyond):
    victims = beyond.tables["victims"]
    parts = victims[victims["metric"].isin(PARTS)]
    by_group = parts.groupby(["characteristic", "group"])
    assert (by_group["numerator"].sum() == by_group["denominator"].first()).all()
    bounds = beyond.tables["victim_bounds"].dropna(subset="difference")
    assert len(bounds)
    assert (bounds["low_bound"] <= bounds["difference"] + 1e-12).all()
    assert (bounds["difference"] <= bounds["high_bound"] + 1e-12).all()
    assert bounds["share_not_recorded"].between(0, 1).all()


def test_every_table_has_a_place_in_the_audit(beyond):
    assert set(beyond.tables) <= set(TABLES)
    assert all(len(table) for table in beyond.tables.values())
    assert set(beyond.tables["suspects"]["characteristic"]) >= {"sex", "age band"}


def test_without_histories_it_says_so(question):
    found = beyond_the_rows(replace(question, histories=None))
    assert found.tables == {}
    assert found.notes == (NO_HISTORIES,)


def test_without_victims_characteristics_coverage_is_overall_only(tiny, tiny_rows, known_model):
    bare = tiny.revised(
        lambda parts: replace(parts, victims=parts.victims[["victim_id", "person_id"]])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        asked = pose(
            known_model("count_1y", task=tiny_rows.task), tiny_rows, bare,
            pd.DataFrame({"person_id": ["p1"], "sex": ["male"]}), k=1, policy=None,
            characteristics=None, intersections=(), minimum_cell=None, predictions=None,
            n_replicates=5, seed=0,
        )  # fmt: skip
        found = beyond_the_rows(asked)
    assert NO_TRAITS in found.notes
    assert found.tables["victims"].empty and found.tables["reporting"].empty
    assert found.tables["coverage"]["offences"].sum() == 5
    assert any("recorded late" in note for note in found.notes)
    assert AUDITED not in found.tables
