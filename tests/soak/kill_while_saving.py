"""Kill -9 while a bundle is being saved over an older one, again and again.

After every kill the folder must hold one of the two bundles, whole: no half file, no gap.
Usage: python tests/soak/kill_while_saving.py [rounds]
"""
# ruff: noqa: T201  (a proof prints its result)

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from riskmodel.histories.synthetic import make_histories
from riskmodel.model.bundle import load_bundle, save_bundle, verify_bundle
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

LONGEST_WAIT = 0.03  # seconds: several saves long


def small_models() -> tuple[RiskModel, RiskModel]:
    world = make_histories(n_people=400, seed=1)
    features = (
        Feature("count", 365),
        Feature("incidents", serious=True),
        Feature("days_since_last"),
    )
    task = Task(offences=world.offences, features=features)
    rows = build_snapshots(world.histories, task, as_of=["2019", "2020"], late_allowance_days=0)
    few = RepeatHarmEstimator(n_estimators=10, random_state=0)
    other = RepeatHarmEstimator(n_estimators=20, random_state=0)
    return tuple(train(rows, estimator=each, n_replicates=10) for each in (few, other))


def save_for_ever(pair: tuple[RiskModel, RiskModel], folder: Path) -> None:
    while True:
        for model in pair:
            save_bundle(model, folder)


def kill_once(pair: tuple[RiskModel, RiskModel], folder: Path, wait: float) -> None:
    child = os.fork()
    if child == 0:
        save_for_ever(pair, folder)
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main(rounds: int) -> None:
    pair = small_models()
    digests = {model.digest for model in pair}
    waits = random.Random(0)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "bundle"
        save_bundle(pair[0], folder)
        left_over = 0
        for done in range(rounds):
            kill_once(pair, folder, waits.uniform(0, LONGEST_WAIT))
            found = verify_bundle(folder).digest
            assert found in digests, f"round {done}: neither of the two bundles"
            left_over = max(left_over, len(list(Path(place).iterdir())) - 1)
        assert load_bundle(folder).digest in digests
    print(f"{rounds} kills: the bundle was whole after each; at most {left_over} left-overs")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
