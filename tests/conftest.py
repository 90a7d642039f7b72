"""What all tests share: no telemetry, no screen, generated tables without time limits."""

import importlib
import os
import sys
from types import SimpleNamespace

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")
os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # tests run side by side: threads would wait on each other

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "riskmodel",
    deadline=None,  # the first call of a kernel compiles it
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    print_blob=True,
)
settings.load_profile("riskmodel")


collect_ignore = ["soak"]  # long proofs, run by .ci/soak


@pytest.fixture
def modules_of(monkeypatch):
    """Import the modules of an experiment; forgotten afterwards, as their names are common."""
    imported = []

    def modules(folder, names):
        monkeypatch.syspath_prepend(folder)
        for name in names:
            monkeypatch.delitem(sys.modules, name, raising=False)
        imported.extend(names)
        return SimpleNamespace(**{name: importlib.import_module(name) for name in names})

    yield modules
    for name in imported:
        sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def small_world():
    """A synthetic world of 2,000 people whose truth is known."""
    from riskmodel.histories.synthetic import make_histories

    return make_histories(n_people=2_000, seed=0)
