"""The study of planted bias: true gaps are true, and a few seeds show both mistakes to be rare."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "planted_bias"
NAMES = ("rows", "records", "verdicts", "run")


@pytest.fixture
def study(modules_of):
    """The study's modules, forgotten afterwards: their names are common."""
    return modules_of(FOLDER, NAMES)


@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.parametrize("gap", [-0.05, -0.25])
def test_the_planted_gap_is_that_of_a_large_population(study, share, gap):
    plan = study.rows.plan(share, gap)
    assert plan.precision_gap == pytest.approx(gap)
    world = study.rows.draw(plan, seed=0, people=400_000)
    listed = np.zeros(len(world.y), dtype=bool)
    for date in study.rows.DATES:
        rows = world.as_of == date
        cut = np.quantile(world.margin[rows], 1 - study.rows.LIST_SHARE)
        listed[rows] = world.margin[rows] > cut
    group = world.groups["planted"].eq("group").to_numpy()
    of = (group, ~group)
    precision = [world.y[listed & who].mean() for who in of]
    recall = [listed[(world.y == 1) & who].mean() for who in of]
    error = np.sqrt(sum(0.25 / (listed & who).sum() for who in of))
    assert precision[0] - precision[1] == pytest.approx(gap, abs=4 * error)
    assert recall[0] - recall[1] == pytest.approx(plan.recall_gap, abs=0.03)


def test_nothing_planted_is_no_gap(study):
    assert study.rows.plan(0.1, 0.0) == study.rows.Plan(0.1, 0.0, 0.0, 0.0)


def test_the_same_seed_draws_the_same_world(study):
    plan = study.rows.Plan(0.1, 0.5, 0.0, 0.0)
    one, again = (study.rows.draw(plan, seed=3, people=200) for _ in range(2))
    np.testing.assert_array_equal(one.margin, again.margin)
    pd.testing.assert_frame_equal(one.groups, again.groups)


def test_a_large_gap_fails_no_gap_passes_and_a_small_group_does_neither(study):
    policy = study.verdicts.policy_of(study.run.ROW_TOLERANCES)

    def verdict(share, gap):
        world = study.rows.draw(study.rows.plan(share, gap), seed=1, people=study.rows.PEOPLE)
        found, _ = study.verdicts.verdicts_of(world, policy, seed=1)
        return found.set_index(["metric", "characteristic"])["verdict"]["precision", "planted"]

    assert verdict(0.5, -0.30) == "fail"
    assert verdict(0.5, 0.0) == "pass"
    assert verdict(0.02, -0.10) == "insufficient evidence"


def test_the_declared_biases_of_the_synthetic_world_can_be_switched(study):
    assert study.records.spec_of("off").is_fair
    one, other = (study.records.spec_of(name).biases for name in ("on", "strong"))
    for name in one:
        if "suspect" in name:
            assert one[name]["Black"] < other[name]["Black"]


def table(rows):
    columns = ["true_gap", "tolerance", "pass", "fail", "insufficient evidence"]
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(seeds=found[columns[2:]].sum(axis=1))


def test_mistakes_are_counted_on_the_side_where_they_are_mistakes(study):
    counted = study.verdicts.mistakes(
        table([(0.0, 0.1, 8, 2, 0), (-0.1, 0.1, 1, 4, 5), (0.2, 0.1, 3, 7, 0)])
    )
    shares = {name: (found["n"], found["share"]) for name, found in counted.items()}
    assert shares == {
        "false fail": (20, 0.3), "false fail at the edge": (10, 0.4),
        "false pass": (20, 0.2), "false pass at the edge": (10, 0.1),
    }  # fmt: skip
    assert counted["false fail"]["worst"] == 0.4
    assert counted["false fail"]["low"] < 0.3 < counted["false fail"]["high"]


def test_an_audit_with_two_false_fails_is_one_audit(study):
    truth = pd.DataFrame(
        {
            "world": "w", "metric": ["a", "b", "c"], "characteristic": "x",
            "true_gap": [0.0, 0.0, 0.5], "tolerance": 0.1,
        }
    )  # fmt: skip
    rows = [
        ("a", "fail"),
        ("b", "fail"),
        ("c", "fail"),
        ("a", "pass"),
        ("b", "pass"),
        ("c", "fail"),
    ]
    verdicts = pd.DataFrame(rows, columns=["metric", "verdict"]).assign(
        world="w", characteristic="x", seed=[0, 0, 0, 1, 1, 1]
    )
    found = study.verdicts.any_false_fail(verdicts, truth)
    assert (found["n"], found["share"]) == (2, 0.5)


def test_a_small_run_writes_results_with_few_mistakes(study, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(study.run, "GROUP_SHARES", (0.10, 0.50))
    monkeypatch.setattr(study.run, "PLANTED", (0.0, -0.10, -0.30))
    monkeypatch.setattr(study.records, "PEOPLE", 3_000)
    monkeypatch.setattr("sys.argv", ["run.py", "--seeds", "3", "--out", str(tmp_path)])
    study.run.main()
    assert "audits with any false fail" in capsys.readouterr().out
    results = json.loads((tmp_path / "results.json").read_text())
    rows = results["rows"]
    assert {entry["seeds"] for entry in rows["verdicts"]} == {3}
    assert rows["mistakes"]["false fail"]["share"] <= 0.1
    assert rows["mistakes"]["false pass"]["share"] <= 0.1
    strong = [e for e in results["records"]["verdicts"] if e["world"] == "strong"]
    (selected,) = [entry for entry in strong if entry["metric"] == "selection_rate"]
    assert (selected["group"], selected["fail"]) == ("Black", 3)
