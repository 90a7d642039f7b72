"""The study behind a search: Optuna proposes, and a file remembers.

Only finished trials are written, each in one transaction, and a proposal follows from the
finished trials, the seed and the trial's number alone. A search that is killed at any moment and
called again therefore goes on exactly as it would have gone on.
"""
# ruff: noqa: PLC0415  (Optuna is loaded only by those who search)

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.files import atomic_file
from riskmodel.model.search.space import Choice, Range, SearchSpace
from riskmodel.model.search.trial import Trial

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.storages import RDBStorage

#: So many trials are drawn at random before the first is proposed from what they showed.
RANDOM_TRIALS = 10
_MADE_OF = "made_of"
_TABLES = {"studies", "trials", "version_info"}


@dataclass(frozen=True, eq=False)
class Study:
    """An Optuna study in which the trials are ours."""

    study: optuna.Study
    space: SearchSpace
    seed: int

    def trials(self) -> list[Trial]:
        """Return all finished trials in their order."""
        return [_read(number, found) for number, found in enumerate(self.study.get_trials())]

    def propose(self, number: int) -> dict[str, Any]:
        """Return what to try as trial `number`, from the trials finished so far."""
        import optuna

        state = np.random.SeedSequence([self.seed, number]).generate_state(1)
        sampler = optuna.samplers.TPESampler(
            seed=int(state[0]), n_startup_trials=RANDOM_TRIALS, multivariate=True
        )
        thinking = optuna.create_study(direction="maximize", sampler=sampler)
        thinking.add_trials([trial for trial in self.study.get_trials() if trial.params])
        proposed = thinking.ask(_distributions(self.space)).params
        return {
            name: allowed.value_of(proposed[name])
            if isinstance(allowed, Choice)
            else proposed[name]
            for name, allowed in self.space.settings.items()
        }

    def record(self, trial: Trial) -> None:
        """Write a finished trial down.

        Raises
        ------
        RiskModelError
            Another process has written to the same study meanwhile.
        """
        import optuna

        if len(self.study.get_trials(deepcopy=False)) != trial.number:
            raise RiskModelError(
                "search: another search has written to the same file meanwhile. Give each search "
                "that runs at the same time a file of its own."
            )
        inside = self.space.holds(trial.settings)  # the estimator's own may lie outside
        pruned = optuna.trial.TrialState.PRUNED
        self.study.add_trial(
            optuna.trial.create_trial(
                state=pruned if trial.hopeless else optuna.trial.TrialState.COMPLETE,
                value=None if trial.hopeless else trial.value,
                intermediate_values={0: float(trial.by_date[-1])},
                params=self._labelled(trial.settings) if inside else {},
                distributions=_distributions(self.space) if inside else {},
                user_attrs={
                    "settings": dict(trial.settings),
                    "by_date": trial.by_date.tolist(),
                    "replicates": trial.replicates.tolist(),
                    "seconds": trial.seconds,
                    "hopeless": trial.hopeless,
                },
            )
        )

    def _labelled(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of the space as Optuna's tools are to show them."""
        return {
            name: allowed.label_of(settings[name])
            if isinstance(allowed, Choice)
            else settings[name]
            for name, allowed in self.space.settings.items()
        }


def _read(number: int, found: optuna.trial.FrozenTrial) -> Trial:
    kept = found.user_attrs
    return Trial(
        number=number,
        settings=kept["settings"],
        by_date=np.array(kept["by_date"]),
        replicates=np.array(kept["replicates"]),
        seconds=kept["seconds"],
        hopeless=kept["hopeless"],
    )


def _distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    return {name: _distribution(allowed) for name, allowed in space.settings.items()}


def _distribution(allowed: Range | Choice) -> BaseDistribution:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(allowed, Choice):
        return CategoricalDistribution(allowed.labels)
    if allowed.whole:
        return IntDistribution(int(allowed.low), int(allowed.high), log=allowed.log)
    return FloatDistribution(allowed.low, allowed.high, log=allowed.log)


@contextmanager
def opened_study(
    storage: Path | None, name: str, space: SearchSpace, seed: int, made_of: Mapping[str, Any]
) -> Iterator[Study]:
    """Yield the study of that name, new or as far as it had come; Optuna is silent meanwhile.

    Parameters
    ----------
    storage : path or None
        A SQLite file, made if there is none; None keeps the trials in memory.
    made_of : mapping
        All that the trials depend on, as JSON. A study made of something else is refused.

    Raises
    ------
    RiskModelError
        The file holds something else than searches.
    SchemaError
        The study was made of other rows, settings or versions; the parts are named.
    """
    with _silent(), _opened_storage(storage) as opened:
        import optuna

        study = optuna.create_study(
            study_name=name, storage=opened, direction="maximize", load_if_exists=True
        )
        _check_same(study, storage, json.loads(json.dumps(made_of, default=repr)))
        yield Study(study, space, seed)


def _check_same(study: optuna.Study, storage: Path | None, made_of: dict[str, Any]) -> None:
    known = study.user_attrs.get(_MADE_OF)
    if known is None:
        study.set_user_attr(_MADE_OF, made_of)
    elif known != made_of:
        differing = [part for part in made_of if known.get(part) != made_of[part]]
        raise SchemaError(
            [f"{storage}: the search in it was made with other {part}" for part in differing],
            advice="Give this search a file or a name of its own, or what the first call gave.",
        )


@contextmanager
def _silent() -> Iterator[None]:
    """Let Optuna speak of warnings only, and put its verbosity back."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


@contextmanager
def _opened_storage(path: Path | None) -> Iterator[RDBStorage | None]:
    if path is None:
        yield None
        return
    if path.exists():
        _check_ours(path)
    else:  # its tables are made in many steps: killed on the way, it must not stay half made
        with atomic_file(path) as fresh:
            _close(_storage(fresh))
    storage = _storage(path)
    try:
        yield storage
    finally:
        _close(storage)


def _storage(path: Path) -> RDBStorage:
    from optuna.storages import RDBStorage
    from sqlalchemy import URL

    return RDBStorage(URL.create("sqlite", database=str(path)).render_as_string())


def _close(storage: RDBStorage) -> None:
    storage.remove_session()
    storage.engine.dispose()


def _check_ours(path: Path) -> None:
    """Raise unless a file is a search's: Optuna would add its tables to any other database."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in rows}
    except sqlite3.DatabaseError:
        tables = set()
    if not tables >= _TABLES:
        raise RiskModelError(
            f"{path} is there and holds no search; nothing was written to it. Name a new file."
        )
