"""LightGBM's library without the package: found, loaded beside it, and its errors told."""

import subprocess
import sys
from ctypes import byref, c_int, c_void_p
from importlib.machinery import ModuleSpec

import pytest

from riskmodel.errors import RiskModelError
from riskmodel.model.trees import lightgbm_library
from riskmodel.model.trees.lightgbm_library import call, library

SCORE = """
import sys
import numpy as np
from riskmodel.model.trees.trees import Trees
text, X = open(sys.argv[1]).read(), np.load(sys.argv[2])
trees = Trees.from_text(text, n_features=6)
"""
LIGHT = """
trees.raw(X), trees.raw(X[:1])
heavy = {"pandas", "scipy", "sklearn", "lightgbm", "numba", "pyarrow", "mlflow"} & set(sys.modules)
assert not heavy, heavy
"""
COMPARE = """
assert (trees.raw(X) == lgb.Booster(model_str=text).predict(X, raw_score=True)).all()
"""


@pytest.fixture
def anew():
    library.cache_clear()
    yield
    library.cache_clear()


def run(code, tmp_path, text, X):
    import numpy as np

    (tmp_path / "trees.txt").write_text(text)
    np.save(tmp_path / "X.npy", X)
    command = [sys.executable, "-c", code, str(tmp_path / "trees.txt"), str(tmp_path / "X.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "code",
    [
        SCORE + LIGHT,
        "import lightgbm as lgb" + SCORE + COMPARE,
        SCORE + "trees.raw(X)\nimport lightgbm as lgb" + COMPARE,
    ],
    ids=["alone", "after lightgbm", "before lightgbm"],
)
def test_it_scores_alone_and_beside_the_package(code, tmp_path, text, table):
    run(code, tmp_path, text, table()[0])


def test_its_message_is_told():
    with pytest.raises(RiskModelError, match=r"LoadModelFromString: .* the number of classes"):
        call("LGBM_BoosterLoadModelFromString", b"no trees", byref(c_int()), byref(c_void_p()))


def test_without_lightgbm_it_says_so(anew, monkeypatch):
    monkeypatch.setattr(lightgbm_library, "find_spec", lambda name: None)
    with pytest.raises(RiskModelError, match="not installed"):
        library()


@pytest.mark.parametrize(("platform", "name"), [
    ("linux", "lib_lightgbm.so"), ("darwin", "lib_lightgbm.dylib"), ("win32", "lib_lightgbm.dll"),
])  # fmt: skip
def test_a_library_that_is_none_is_told(anew, monkeypatch, tmp_path, platform, name):
    spec = ModuleSpec("lightgbm", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(lightgbm_library, "find_spec", lambda name: spec)
    monkeypatch.setattr(lightgbm_library.sys, "platform", platform)
    with pytest.raises(RiskModelError, match=f"has no {name}"):
        library()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / name).write_text("no library")
    with pytest.raises(RiskModelError, match=f"{name} can't be loaded"):
        library()
