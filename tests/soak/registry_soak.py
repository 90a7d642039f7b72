"""Faults 15 and 16 by the thousand: kill -9 while registering, and registrations at once.

    registry_soak.py [rounds]

`rounds` registrations and promotions by four processes at once, without an error; then as many
processes that are killed at a random moment, with the champion loaded after each batch. Prints what
was found; exit code 1 where a promise was broken.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "registry"
sys.path.insert(0, str(TESTS))

import conftest as parts  # noqa: E402

from riskmodel.audit.audit_file import save_audit  # noqa: E402
from riskmodel.registry.load import load  # noqa: E402
from riskmodel.registry.mlflow_registry import MlflowStore, doctor  # noqa: E402

PROCESSES, BATCH = 4, 25
CALLS = (
    "get_experiment_by_name",
    "create_run",
    "log_batch",
    "log_artifacts",
    "create_registered_model",
    "get_registered_model",
    "search_model_versions",
    "create_model_version",
    "set_terminated",
)
MOMENTS = [f"{call}{side}" for call in CALLS for side in "-+"]


def work(files: list[str], task: str, address: str, given: str) -> list[int]:
    command = [sys.executable, str(TESTS / "workers.py"), *files, "m", task, address, given]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])[0]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        table, model = parts.make_model(0)
        model.save(folder / "bundle")
        audit = parts.with_verdict(parts.make_audit(table, model), "pass")
        files = [str(folder / "bundle"), str(save_audit(audit, folder / "audit.json"))]
        address, cache = f"sqlite:///{folder}/mlflow.db", folder / "cache"

        began = time.monotonic()
        ended = work(files, "race", address, f"{PROCESSES},{-(-rounds // PROCESSES)}")
        versions = MlflowStore(address).client().get_registered_model("m").latest_versions
        newest = max(int(version.version) for version in versions)
        races = sum(code != 0 for code in ended)
        say(
            f"{newest} registrations and promotions by {PROCESSES} processes at once: {races} "
            f"processes failed, {time.monotonic() - began:.0f} s"
        )

        began, killed, lost, rng = time.monotonic(), 0, 0, random.Random(0)
        batch = min(BATCH, rounds)
        while killed < rounds:
            codes = work(files, "kill", address, ",".join(rng.choices(MOMENTS, k=batch)))
            killed += len(codes)
            served = load("models:/m@champion", tracking_uri=address, cache=cache)
            lost += served.digest != model.digest or any(code not in (0, -9) for code in codes)
        found = doctor(address, fix=True, cache=cache)
        left = doctor(address, cache=cache)
        say(
            f"{killed} registrations killed at {len(MOMENTS)} moments: {lost} batches after which "
            f"the champion did not load; the doctor cleared {int(found['done'].sum())} findings, "
            f"{len(left)} left, {time.monotonic() - began:.0f} s"
        )
        return int(races > 0 or lost > 0 or len(left) > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
