"""The models that are tried beside the chosen one: settings of a search, or declared variations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice, zip_longest
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone

from riskmodel.audit.why.proxies import shares_explained
from riskmodel.errors import SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.result import SearchResult
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.table import Snapshots

CHOSEN, SEARCH, VARIATION, COMPARATOR = "chosen", "search", "variation", "comparator"
REDUCTIONS, THRESHOLD_OPTIMISER = "reductions", "threshold optimiser"
COMPARATORS = (REDUCTIONS, THRESHOLD_OPTIMISER)
"""Fairlearn's, as they are asked for."""
PROXIES_LEFT_OUT = 0.2
"""Share of all features that a variation without proxies leaves out."""
_NAMED = 4
_PROXY_NOTE = (
    "Groups of earlier dates said which features are left out; nobody's group is read when the "
    "model is fitted or when it scores."
)


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a table says of a model before anything is measured."""

    name: str
    kind: str
    settings: str = ""
    reads_group: str = ""
    legal_note: str = ""

    def columns(self) -> dict[str, str]:
        """Return the columns by name."""
        return asdict(self)


@dataclass(frozen=True)
class Candidate:
    """One model to try: how it differs from the chosen one.

    Parameters
    ----------
    name : str
    settings : mapping
        Of the estimator, in place of the chosen one's.
    without : tuple of str
        Features that it does not read.
    kind : str
        ``search`` or ``variation``.
    by_group : bool
        Whether groups said which features are left out. None is read when it is fitted or scores.

    Examples
    --------
    >>> Candidate("smaller", {"num_leaves": 3}, without=("age",)).words
    'num_leaves 3; without age'
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    kind: str = VARIATION
    by_group: bool = False

    @property
    def words(self) -> str:
        """The difference in words."""
        shown = [
            f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in self.settings.items()
        ]
        parts = [", ".join(shown)] if shown else []
        if self.without:
            more = len(self.without) - _NAMED
            rest = f" and {more} more" if more > 0 else ""
            parts.append(f"without {', '.join(self.without[:_NAMED])}{rest}")
        return "; ".join(parts)

    @property
    def described(self) -> Described:
        """What a table says of it."""
        return Described(
            name=self.name,
            kind=self.kind,
            settings=self.words,
            legal_note=_PROXY_NOTE if self.by_group else "",
        )

    def estimator(self, chosen: RepeatHarmEstimator) -> RepeatHarmEstimator:
        """Return the chosen estimator with these settings, not fitted."""
        fresh: RepeatHarmEstimator = clone(chosen).set_params(**self.settings)
        return fresh

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**asdict(self), "settings": dict(self.settings), "without": list(self.without)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the candidate that `to_dict` described."""
        return cls(**{**content, "without": tuple(content["without"])})


def candidates_of(
    search: SearchResult | Sequence[Mapping[str, Any] | Candidate],
    chosen: RepeatHarmEstimator,
    n_models: int,
) -> list[Candidate]:
    """Return the best `n_models` trials of a search, or the settings given, as candidates.

    Trials that were given up early, and the settings of the chosen model itself, are left out.

    Raises
    ------
    SchemaError
        The estimator has no such setting; two candidates have one name.
    """
    if isinstance(search, SearchResult):
        return list(islice(_trials(search, chosen), n_models))
    given = [
        one if isinstance(one, Candidate) else Candidate(f"settings {number}", one, kind=SEARCH)
        for number, one in enumerate(search, start=1)
    ]
    known = chosen.get_params()
    problems = [
        f"{one.name}: the estimator has no setting {name!r}"
        for one in given
        for name in one.settings
        if name not in known
    ]
    names = [CHOSEN, *(one.name for one in given)]
    problems += [f"{name}: the name of two models" for name in _twice(names)]
    if problems:
        raise SchemaError(problems, advice=f"It has: {', '.join(sorted(known))}.")
    return given[:n_models]


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _trials(search: SearchResult, chosen: RepeatHarmEstimator) -> Iterator[Candidate]:
    now = chosen.get_params()
    table = search.trials[~search.trials["hopeless"].astype(bool)]
    for _, row in table.sort_values("value", ascending=False, kind="stable").iterrows():
        settings = {name: _plain(row[name]) for name in search.best}
        if any(now[name] != value for name, value in settings.items()):
            yield Candidate(f"trial {int(row['number'])}", settings, kind=SEARCH)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def variations(
    chosen: RepeatHarmEstimator,
    train: Snapshots,
    columns: pd.DataFrame | None = None,
    *,
    n_models: int = 10,
) -> list[Candidate]:
    """Return declared variations of a model, for where no search was made.

    In turns: without the strongest proxies of each characteristic; without one family of
    features; with stronger regularisation; with another seed.

    Parameters
    ----------
    chosen : RepeatHarmEstimator
    train : Snapshots
        What would be learnt from.
    columns : DataFrame of str, optional
        The characteristics of each of its rows, for the proxies.
    n_models : int

    Examples
    --------
    >>> rows = Snapshots.from_table(pd.DataFrame({"priors": [0, 3], "stops": [1, 1]}), [0, 1])
    >>> [one.name for one in variations(RepeatHarmEstimator(), rows, n_models=4)]
    ['without priors', 'a third of the leaves', 'seed 1', 'without stops']
    """
    kinds = [
        [] if columns is None else _without_proxies(train.X, columns),
        _without_families(train),
        _regularised(chosen),
        _seeds(chosen),
    ]
    turns = chain.from_iterable(zip_longest(*kinds))
    return list(islice((one for one in turns if one is not None), n_models))


def _without_proxies(X: pd.DataFrame, columns: pd.DataFrame) -> list[Candidate]:
    number = math.ceil(PROXIES_LEFT_OUT * X.shape[1])
    if number >= X.shape[1]:
        return []
    found = []
    for name, share in shares_explained(X, columns).items():
        strongest = set(share.nlargest(number).index)
        without = tuple(column for column in X.columns if column in strongest)
        title = f"without the {number} strongest proxies of {name}"
        found.append(Candidate(title, without=without, by_group=True))
    return found


def _without_families(train: Snapshots) -> list[Candidate]:
    """Leave one family of features out at a time; single features where none are declared."""
    families: dict[str, tuple[str, ...]]
    if train.task is None:
        families = {str(name): (str(name),) for name in train.X.columns}
    else:
        features = train.task.by_name
        families = {
            family: tuple(name for name, feature in features.items() if belongs(feature))
            for family, belongs in _FAMILIES.items()
        }
    return [
        Candidate(f"without {family}", without=names)
        for family, names in families.items()
        if 0 < len(names) < train.X.shape[1]
    ]


def _regularised(chosen: RepeatHarmEstimator) -> list[Candidate]:
    return [
        Candidate("a third of the leaves", {"num_leaves": max(2, chosen.num_leaves // 3)}),
        Candidate("four times the penalty", {"reg_lambda": 4.0 * chosen.reg_lambda}),
        Candidate("half the trees", {"n_estimators": max(1, chosen.n_estimators // 2)}),
    ]


def _seeds(chosen: RepeatHarmEstimator) -> list[Candidate]:
    """Other seeds: models alike in all but chance may list other people."""
    first = chosen.random_state if isinstance(chosen.random_state, int) else 0
    return [Candidate(f"seed {seed}", {"random_state": seed}) for seed in (first + 1, first + 2)]


_FAMILIES: Mapping[str, Callable[[AnyFeature], bool]] = {
    "age": lambda feature: any(leaf.measure == "age" for leaf in feature.leaves),
    "counts by offence group": lambda feature: any(leaf.group for leaf in feature.leaves),
    "counts by evidence": lambda feature: any(leaf.evidence for leaf in feature.leaves),
    "co-accused": lambda feature: any(leaf.measure == "co_accused" for leaf in feature.leaves),
    "the last 90 days": lambda feature: any(leaf.window_days == 90 for leaf in feature.leaves),
}
