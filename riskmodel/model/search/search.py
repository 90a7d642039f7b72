"""search(): settings of the estimator, tried on inner dates only, kept only beyond noise."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.learning import default_estimator
from riskmodel.model.search.objective import Judge
from riskmodel.model.search.progress import Tell, shown_progress
from riskmodel.model.search.result import BEYOND_NOISE, RULES, SearchResult
from riskmodel.model.search.space import SearchSpace
from riskmodel.model.search.splits import digest_of, inner_splits
from riskmodel.model.search.study import Study, opened_study
from riskmodel.model.search.trial import Trial, run_trial
from riskmodel.snapshots.table import Snapshots

_VERSIONS = ("riskmodel", "lightgbm")


def search(
    snapshots: Snapshots,
    *,
    estimator: RepeatHarmEstimator | None = None,
    space: SearchSpace | None = None,
    n_trials: int | None = 40,
    timeout: float | None = None,
    storage: str | os.PathLike[str] | None = None,
    seed: int = 0,
    progress: bool | Tell = True,
    objective: str = "mean_captured",
    inner_dates: Iterable[Any] | None = None,
    choose: str = BEYOND_NOISE,
    name: str = "repeat-harm",
    n_replicates: int = 500,
) -> SearchResult:
    """Try settings of the estimator on dates inside the rows given, and compare with its own.

    Each inner date is scored by models of the rows whose outcome window had closed by then, with
    the labels known then. Trial 0 is the estimator as it is; those after it are proposed by a
    tree-structured Parzen estimator, and the number of trees of each is chosen on the newest
    inner date. Settings that are surely worse than the default there are not tried on the others.

    Parameters
    ----------
    snapshots : Snapshots
        Rows to learn from: of a test to come, the training part only (`split_at`).
    estimator : RepeatHarmEstimator, optional
        The settings to compare with and to keep where `space` names none; it is not changed.
    space : SearchSpace, optional
        `SearchSpace.default()` unless given.
    n_trials : int or None
        How many in all, the default among them and those of earlier calls. None makes as many as
        `timeout` allows.
    timeout : float, optional
        Seconds after which this call starts no further trial. Trial 0 is always made.
    storage : path, optional
        A SQLite file (Optuna's own tools read it). A search that was stopped goes on from it, to
        the same trials as one that was not. It holds settings and figures, nothing of people.
    seed : int
        Of the proposals, the resamples and the default estimator.
    progress : bool or callable
        A bar, on a terminal only; or what to call with the number of trials made and words.
    objective : str
        ``mean_captured``, ``auc`` or ``log_loss`` (of the calibrated margin).
    inner_dates : dates, optional
        The last three that have enough earlier rows, unless given.
    choose : str
        ``beyond_noise`` keeps the default settings unless the interval of the gain is above 0;
        ``best`` does not ask.
    name : str
        Of the search in its file; one file may hold several.
    n_replicates : int
        Resamples of people for the interval.

    Returns
    -------
    SearchResult
        ``.estimator`` has the settings to use.

    Raises
    ------
    SchemaError
        Arguments that can't be; no inner date with enough rows; a file made by another search.
    RiskModelError
        A trial failed. Those before it are in the file.

    Notes
    -----
    The interval of the gain allows for the best having been picked out of all trials. It does not
    for the number of trees, which was chosen on one of the dates that are judged, by another
    figure: in trials on pure noise, with eight settings each, 5 of 116 searches believed a gain.

    References
    ----------
    Bergstra et al. (2011), "Algorithms for hyper-parameter optimization"; Akiba et al. (2019),
    "Optuna".

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.model.search.space import Range
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(1000, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories, Task(offences=world.offences), late_allowance_days=0,
    ...     as_of=["2018", "2019", "2020", "2021"],
    ... )
    >>> found = search(
    ...     rows, estimator=RepeatHarmEstimator(n_estimators=20, n_bags=2, n_jobs=1), n_trials=2,
    ...     space=SearchSpace({"num_leaves": Range(4, 8)}), n_replicates=50,
    ... )
    >>> len(found.trials), found.default
    (2, {'num_leaves': 7, 'n_estimators': 20})
    """
    given = default_estimator(snapshots, seed) if estimator is None else estimator
    tried = SearchSpace.default() if space is None else space
    tried.check_names(given.get_params())
    _check(n_trials, timeout, choose)
    judge = Judge(inner_splits(snapshots, inner_dates), objective, n_replicates, seed)
    file = None if storage is None else Path(storage)
    with opened_study(file, name, tried, seed, _made_of(judge, tried, given)) as study:
        trials = _go_on(study, judge, given, n_trials, timeout, progress)
    return SearchResult.of(
        given,
        trials,
        choose=choose,
        objective=objective,
        dates=tuple(split.date for split in judge.splits),
        n_trials=n_trials,
    )


def _check(n_trials: int | None, timeout: float | None, choose: str) -> None:
    problems = []
    if n_trials is None and timeout is None:
        problems.append("n_trials: None is allowed where timeout sets an end")
    if n_trials is not None and n_trials < 1:
        problems.append(f"n_trials: {n_trials} given, 1 or more is allowed")
    if timeout is not None and not timeout >= 0:
        problems.append(f"timeout: {timeout} given, seconds of 0 or more are allowed")
    if choose not in RULES:
        problems.append(f"choose: {choose!r} given, one of {', '.join(RULES)} is allowed")
    if problems:
        raise SchemaError(problems)


def _made_of(judge: Judge, space: SearchSpace, given: RepeatHarmEstimator) -> dict[str, Any]:
    """Return all that the trials depend on, by the words that a refusal names it with."""
    settings = {key: value for key, value in given.get_params().items() if key != "n_jobs"}
    return {
        "rows": digest_of(judge.splits),
        "inner dates": [split.date.isoformat() for split in judge.splits],
        "search space": space.to_dict(),
        "estimator settings": {"kind": type(given).__name__, **settings},
        "objective": judge.objective,
        "seed": judge.seed,
        "n_replicates": judge.n_replicates,
        "versions": {library: version(library) for library in _VERSIONS},
    }


def _go_on(
    study: Study,
    judge: Judge,
    given: RepeatHarmEstimator,
    n_trials: int | None,
    timeout: float | None,
    progress: bool | Tell,
) -> list[Trial]:
    """Make the trials that are still to be made, as far as the time goes."""
    started = time.perf_counter()
    trials = study.trials()[:n_trials]
    with shown_progress(progress, n_trials) as tell:
        while n_trials is None or len(trials) < n_trials:
            if trials and timeout is not None and time.perf_counter() - started >= timeout:
                break
            trial = _next(study, judge, given, trials)
            study.record(trial)
            trials.append(trial)
            tell(len(trials), _words(trials))
    return trials


def _next(study: Study, judge: Judge, given: RepeatHarmEstimator, trials: list[Trial]) -> Trial:
    number, default = len(trials), trials[0] if trials else None
    if default is None:
        settings = {key: getattr(given, key) for key in study.space.settings}
    else:
        settings = study.propose(number)
    try:
        trial = run_trial(number, settings, given, judge, default)
    except Exception as error:
        shown = ", ".join(f"{key}={value!r}" for key, value in settings.items())
        raise RiskModelError(f"search: trial {number} failed with {shown}: {error}") from error
    if np.isnan(trial.by_date).any():
        raise RiskModelError(
            f"search: {judge.objective} is not defined on each inner date (no offence to be "
            "captured, or one class). Choose another objective or other inner_dates."
        )
    return trial


def _words(trials: list[Trial]) -> str:
    best = max(trial.value for trial in trials if not trial.hopeless) - trials[0].value
    return f"Searching settings: best {best:+.4f}"
