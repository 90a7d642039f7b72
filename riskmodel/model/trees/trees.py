"""One booster's trees: checked text in, scores and contributions out, without `import lightgbm`."""

from __future__ import annotations

import weakref
from ctypes import byref, c_double, c_int, c_int64, c_void_p
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.late import late
from riskmodel.model.trees.forest import Floats
from riskmodel.model.trees.lightgbm_library import call, failure, library
from riskmodel.model.trees.text import read_trees

if TYPE_CHECKING:
    from riskmodel.model.trees import shap_tables
else:
    shap_tables = late("riskmodel.model.trees.shap_tables")  # compiled: only explaining needs it

_RAW: Final = 1
_KINDS: Final = {np.dtype(np.float32): 0, np.dtype(np.float64): 1}
_FROM_FIRST, _ALL = 0, -1


class Trees:
    """The trees of one booster, as LightGBM writes them. Nothing of it changes; safe for threads.

    Copies and pickles hold the text, which is checked again when they are read.

    Parameters
    ----------
    text : str
        As ``lightgbm.Booster.model_to_string`` gives it.
    n_features : int
        Columns of the tables that will be scored.

    Raises
    ------
    ModelIntegrityError
        If the text is not what LightGBM writes for boosted trees with numerical splits and one
        score a row. Nothing of it has reached LightGBM then.
    RiskModelError
        If LightGBM is not installed.

    Examples
    --------
    >>> import lightgbm as lgb
    >>> X = np.arange(80.0).reshape(40, 2)
    >>> settings = {"objective": "binary", "min_data_in_leaf": 5, "verbosity": -1}
    >>> grown = lgb.train(settings, lgb.Dataset(X, X[:, 0] > 30), num_boost_round=3)
    >>> trees = Trees.from_text(grown.model_to_string(), n_features=2)
    >>> bool((trees.raw(X) == grown.predict(X, raw_score=True)).all())
    True
    >>> contributions = trees.contributions(X)
    >>> contributions.shape
    (40, 3)
    >>> bool(np.allclose(contributions.sum(axis=1), trees.raw(X)))
    True
    """

    def __init__(self, text: str, *, n_features: int) -> None:
        read = read_trees(text, n_features=n_features)
        self.text: Final = text
        self.n_features: Final = n_features
        self.forest: Final = read.forest
        self._booster = _Booster(read.needed, len(read.forest.leaves))
        self._one_row: dict[np.dtype[Any], _OneRow] = {}
        self._explainer: shap_tables.Explainer | None = None
        self._making = Lock()

    @classmethod
    def from_text(cls, text: str, *, n_features: int) -> Trees:
        """Return the trees of a text; see the class."""
        return cls(text, n_features=n_features)

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_text, (self.text, self.n_features)

    def raw(self, X: NDArray[Any], threads: int = 1) -> Floats:
        """Return raw scores of shape (n,), to the last bit as LightGBM gives them.

        Parameters
        ----------
        X : array of shape (n, n_features)
            float32 or float64, row by row in memory; anything else is copied to that.
        threads : int
            Not more than the process has cores.

        Raises
        ------
        ModelMismatchError
            If `X` has another shape.
        """
        rows = self._rows(X)
        if len(rows) == 1:
            return np.array([self._for_one_row(rows.dtype).score(rows)])
        return self._booster.scores(rows, threads) if len(rows) else np.empty(0)

    def contributions(self, X: NDArray[Any], threads: int = 1) -> Floats:
        """Return what each feature adds to the raw score, shape (n, n_features + 1).

        SHAP values by the rows that the trees grew on (Lundberg et al. 2020), equal to LightGBM's
        ``pred_contrib`` to 1e-12. The last column is the expected value, which they are added to. A
        row has the same bits alone and among others.

        Parameters
        ----------
        X : array of shape (n, n_features)
            As for `raw`.
        threads : int
            Rows are dealt out to so many.

        Raises
        ------
        ModelMismatchError
            If `X` has another shape.
        """
        rows = self._rows(X)
        if self._explainer is None:
            with self._making:
                if self._explainer is None:
                    self._explainer = shap_tables.Explainer(self.forest)
        return self._explainer.contributions(rows, threads)

    def _rows(self, X: NDArray[Any]) -> NDArray[Any]:
        rows = np.asarray(X)
        if rows.dtype not in _KINDS:
            rows = rows.astype(np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.n_features:
            raise ModelMismatchError(
                f"a table of shape {rows.shape} was given to trees with {self.n_features} "
                "features; give one row a person and one column a feature"
            )
        return np.ascontiguousarray(rows)

    def _for_one_row(self, dtype: np.dtype[Any]) -> _OneRow:
        if dtype not in self._one_row:
            with self._making:
                if dtype not in self._one_row:
                    self._one_row[dtype] = _OneRow(self._booster, self.n_features, dtype)
        return self._one_row[dtype]


def _from_text(text: str, n_features: int) -> Trees:
    return Trees(text, n_features=n_features)


class _Booster:
    """LightGBM's own reading of the trees, freed with the object."""

    def __init__(self, text: bytes, n_trees: int) -> None:
        found, self.handle = c_int(), c_void_p()
        call("LGBM_BoosterLoadModelFromString", text, byref(found), byref(self.handle))
        weakref.finalize(self, library().LGBM_BoosterFree, self.handle).atexit = False
        if found.value != n_trees:
            raise RiskModelError(f"LightGBM read {found.value} of the model's {n_trees} trees")

    def scores(self, rows: NDArray[Any], threads: int) -> Floats:
        """Return the raw scores of many rows."""
        scores, written = np.empty(len(rows)), c_int64()
        call(
            "LGBM_BoosterPredictForMat",
            self.handle, rows.ctypes.data, _KINDS[rows.dtype], *rows.shape, True, _RAW,
            _FROM_FIRST, _ALL, f"num_threads={threads:d}".encode(), byref(written),
            scores.ctypes.data,
        )  # fmt: skip
        if written.value != len(rows):
            raise RiskModelError(f"LightGBM scored {written.value} of {len(rows)} rows")
        return scores


class _OneRow:
    """LightGBM's fast call for a row alone; one caller at a time, for it has one place to write."""

    def __init__(self, booster: _Booster, n_features: int, dtype: np.dtype[Any]) -> None:
        self._booster = booster  # must not be freed before
        self._config = c_void_p()
        call(
            "LGBM_BoosterPredictForMatSingleRowFastInit",
            booster.handle, _RAW, _FROM_FIRST, _ALL, _KINDS[dtype], n_features, b"num_threads=1",
            byref(self._config),
        )  # fmt: skip
        weakref.finalize(self, library().LGBM_FastConfigFree, self._config).atexit = False
        self._call = library().LGBM_BoosterPredictForMatSingleRowFast
        self._score, self._written = c_double(), c_int64()
        self._results = byref(self._written), byref(self._score)
        self._alone = Lock()

    def score(self, row: NDArray[Any]) -> float:
        """Return the raw score of the only row of a table."""
        address = row.__array_interface__["data"][0]
        with self._alone:
            if self._call(self._config, address, *self._results):
                raise failure("LGBM_BoosterPredictForMatSingleRowFast")
            return self._score.value
