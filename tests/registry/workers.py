"""Processes that register and promote at once, or are killed on the way; run as a program.

    workers.py BUNDLE AUDIT NAME  kill ADDRESS MOMENT,MOMENT...  race ADDRESS PROCESSES,ROUNDS  ...

MLflow takes seconds to import: it is imported once, and each process forks from here. A moment is
a call to MLflow's client, ``create_run-`` just before the first of that name and ``create_run+``
just after; ``link-`` is the moment at which a new database gets its name, ``never`` none. Prints a
line of JSON: for each task, what became of each process.
"""

import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from riskmodel.audit.audit_file import load_audit
from riskmodel.model.bundle import load_bundle
from riskmodel.registry import mlflow_registry
from riskmodel.registry.load import load
from riskmodel.registry.mlflow_registry import MlflowStore, promote, register
from riskmodel.report import fairness_report as report

warnings.filterwarnings("ignore", message="The ``noload`` loader strategy")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


class Deadly:
    """MLflow's client that kills its process at one of its calls."""

    def __init__(self, client, moment: str) -> None:
        self.client, self.moment = client, moment

    def __getattr__(self, name: str):
        method = getattr(self.client, name)

        def called(*given, **named):
            if self.moment == f"{name}-":
                die()
            try:
                return method(*given, **named)
            finally:
                if self.moment == f"{name}+":
                    die()

        return called


def kill_at(moment: str) -> None:
    """Arrange for this process to die at `moment` of its registration."""
    if moment == "link-":
        os.link = lambda *_given: die()
        return
    opened = MlflowStore.client

    def client(store, *, create=False):
        patient = opened(store, create=create)
        patient.client = Deadly(patient.client, moment)
        return patient

    MlflowStore.client = client


def forked(action: Callable[[], None]) -> int:
    """Run `action` in a process of its own; return the process."""
    process = os.fork()
    if process:
        return process
    try:
        action()
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def ended(process: int) -> int:
    """Return 0, an exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def quick_report(audit, path):
    """Stand in for the page: drawing it thousands of times is not what is proved."""
    Path(path).write_text(f"audit of {audit.model_digest}")
    return Path(path)


def killed(address: str, bundle: str, audit: str, name: str, moments: list[str]) -> list[int]:
    def registering(moment: str) -> Callable[[], None]:
        def action() -> None:
            kill_at(moment)
            register(load_bundle(bundle), name, audit=load_audit(audit), tracking_uri=address)

        return action

    return [ended(forked(registering(moment))) for moment in moments]


def race(
    address: str, bundle: str, audit: str, name: str, processes: int, rounds: int
) -> list[int]:
    def racing(place: int) -> Callable[[], None]:
        def action() -> None:
            model, found = load_bundle(bundle), load_audit(audit)
            cache = Path(bundle).parent / f"cache-{place}"
            for _ in range(rounds):
                version = register(model, name, audit=found, tracking_uri=address)
                promote(name, version, tracking_uri=address)
                served = load(f"models:/{name}@champion", tracking_uri=address, cache=cache)
                assert served.digest == model.digest

        return action

    return [ended(process) for process in [forked(racing(place)) for place in range(processes)]]


def main(bundle: str, audit: str, name: str, *tasks: str) -> None:
    report.fairness_report = quick_report
    mlflow_registry._mlflow()
    for module in ("mlflow.store.tracking.sqlalchemy_store", "riskmodel.report.model_card"):
        import_module(module)  # once, here, and not in each process

    found = []
    for task, address, given in zip(tasks[::3], tasks[1::3], tasks[2::3], strict=True):
        parts = given.split(",")
        if task == "kill":
            found.append(killed(address, bundle, audit, name, parts))
        else:
            found.append(race(address, bundle, audit, name, *map(int, parts)))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
