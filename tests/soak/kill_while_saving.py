"""Kill -9 while a bundle is saved over an older one, and while it is signed, again and again.

    kill_while_saving.py [rounds]

After every kill the folder must hold one of the two bundles, whole: no half file, no gap; and a
signature only if it is right. Prints one line of JSON; exit code 1 where a promise was broken.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from riskmodel.errors import ModelIntegrityError
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.bundle import load_bundle, save_bundle
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.manifest import SIGNATURE_NAME, read_verified
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.signatures import SigningKey
from riskmodel.model.signing import sign_bundle
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
    one, another = (train(rows, estimator=each, n_replicates=10) for each in (few, other))
    return one, another


def for_ever(steps: list[Callable[[], object]]) -> None:
    while True:
        for step in steps:
            step()


def kill_once(steps: list[Callable[[], object]], wait: float) -> None:
    child = os.fork()
    if child == 0:
        for_ever(steps)
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def is_whole(folder: Path, digests: set[str], public_key: Path) -> bool:
    signed = {"public_key": public_key} if (folder / SIGNATURE_NAME).exists() else {}
    try:
        return read_verified(folder, **signed)[0].digest in digests
    except ModelIntegrityError:
        return False


def main(rounds: int) -> int:
    pair = small_models()
    digests = {model.digest for model in pair}
    waits, said = random.Random(0), {}
    with tempfile.TemporaryDirectory() as place:
        folder, public = Path(place) / "bundle", Path(place) / "signer.pub.pem"
        key = SigningKey.make(Path(place) / "signer.pem", public)
        save_bundle(pair[0], folder)
        sign_bundle(folder, key.path)  # what it imports is there before a child is made
        saves = [lambda model=model: save_bundle(model, folder) for model in pair]
        signs = [lambda: sign_bundle(folder, key.path)]
        for kind, steps in {"saving": saves, "signing": signs, "both": saves + signs}.items():
            began, half = time.monotonic(), 0
            for _ in range(rounds):
                kill_once(steps, waits.uniform(0, LONGEST_WAIT))
                half += not is_whole(folder, digests, public)
            half += load_bundle(folder).digest not in digests
            seconds = round(time.monotonic() - began, 1)
            said[f"killed while {kind}"] = {"rounds": rounds, "half": half, "seconds": seconds}
        names = {path.name for path in Path(place).iterdir()}
        foreign = [name for name in names if not name.endswith((".partial", ".pem", "bundle"))]
    sys.stdout.write(json.dumps(said) + "\n")
    return int(any(found["half"] for found in said.values()) or len(foreign) > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
