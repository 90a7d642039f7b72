"""The scoring benchmark runs on tiny data, and says what it promises to say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "experiments" / "speed"
TINY = ("--people", "400", "--learnt", "700", "--trees", "4", "--calls", "10", "--starts", "1",
        "--repeats", "1", "--shap-rows", "200")  # fmt: skip
PEERS = ("sklearn LGBMClassifier", "lightgbm Booster", "mlflow pyfunc")
ONE, WITH_REASONS = "one person", "one person, 5 reasons"
START, FORCE, SHAP = "new process to first answer", "whole force", "shap values"


@pytest.fixture(scope="module")
def lines():
    done = subprocess.run(
        [sys.executable, str(FOLDER / "scoring.py"), *TINY],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(lines, job):
    return [line for line in lines if line["job"] == job]


def test_every_job_is_measured(lines):
    alone = {f"{job}, asked alone" for job in (ONE, WITH_REASONS)}
    assert {line["job"] for line in lines} == {ONE, WITH_REASONS, START, FORCE, SHAP} | alone
    sizes = [line["model"] for line in lines if "model" in line and line["job"] != SHAP]
    assert all(size["columns"] == 150 and size["trees"] == 20 for size in sizes)


@pytest.mark.parametrize("job", [ONE, WITH_REASONS, START])
def test_we_stand_first_and_the_others_beside_us(lines, job):
    ours, *theirs = of(lines, job)
    assert ours["method"].startswith("riskmodel")
    names = [line["method"].removesuffix(", from features") for line in theirs]
    assert names == ["riskmodel, 5 reasons"] * (job == START) + list(PEERS)
    for line in theirs:
        assert line["x_cpu_seconds"] == pytest.approx(
            line["cpu_seconds"] / ours["cpu_seconds"], rel=0.01
        )
    for line in (ours, *theirs):
        assert 0 < line["p50_ms"] <= line["p99_ms"]
        assert line["calls"] == (1 if job == START else 10)


def test_a_new_process_imports_no_table_library(lines):
    ours, explained, *theirs = of(lines, START)
    assert ours["imported"] == []
    assert not {"pandas", "sklearn", "lightgbm"} & set(explained["imported"])
    assert all("lightgbm" in line["imported"] for line in theirs)


def test_a_force_is_scored_ranked_and_told_why(lines):
    steps = {line["step"]: line for line in of(lines, FORCE)}
    whole = steps["score, rank, reasons"]
    assert whole["people"] > 100
    parts = sum(steps[name]["cpu_seconds"] for name in ("score", "rank", "reasons"))
    assert whole["cpu_seconds"] == pytest.approx(parts, rel=0.01)


def test_shap_values_are_those_of_lightgbm(lines):
    (line,) = of(lines, SHAP)
    assert line["max_abs_difference"] < 1e-12


def test_methods_are_asked_in_turns_after_a_warm_up(modules_of):
    clock = modules_of(FOLDER, ["scoring_clock"]).scoring_clock
    asked = []
    methods = {name: lambda call, name=name: asked.append((name, call)) for name in "ab"}
    times = clock.in_turns(methods, 3, warm=2)
    assert asked == [(name, call) for call in (1, 2, 0, 1, 2) for name in "ab"]
    assert [len(taken.wall) for taken in times.values()] == [3, 3]


def test_a_line_says_how_many_times_as_long_the_others_take(modules_of):
    clock = modules_of(FOLDER, ["scoring_clock"]).scoring_clock
    wall = list(np.arange(1, 101) / 1e4)
    times = {"ours": clock.Times(wall, [0.01] * 100), "other": clock.Times(wall, [0.05] * 100)}
    ours, other = clock.lines(times, {"job": "made up"})
    assert (ours["p50_ms"], ours["p99_ms"], ours["cpu_seconds"]) == (5.05, 9.901, 0.01)
    assert (other["x_p50_ms"], other["x_cpu_seconds"]) == (1.0, 5.0)
