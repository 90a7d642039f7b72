"""What a search found: the best setting, its gain, and whether the gain is more than noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.objective import simultaneous_interval
from riskmodel.model.search.trial import Trial, gains_over

BEYOND_NOISE, BEST = "beyond_noise", "best"
RULES = (BEYOND_NOISE, BEST)
LEVEL = 0.95


@dataclass(frozen=True)
class Gain:
    """What the best setting has over the default, with an interval by resampling people.

    `low` and `high` hold for all trials at once. `value` is that of the winner on the rows that
    picked it, and so more than it will bring elsewhere.
    """

    value: float
    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True, eq=False, repr=False)
class SearchResult:
    """Settings that were tried on inner dates, and those to use.

    Attributes
    ----------
    best, default : dict
        Settings of the best trial, and of the estimator as it was given: the names of the search
        space, and n_estimators. They are the same where nothing did better.
    gain : Gain
        Of `best` over `default`, in units of the objective.
    choose : str
        ``beyond_noise``: the default is kept unless the whole interval of the gain is above 0.
        ``best``: the best trial is used whatever its interval.
    trials : DataFrame
        One row a trial: number, the settings, value, gain, gain_low, gain_high, hopeless,
        seconds. Number 0 is the default. Of hopeless trials only the newest date was judged:
        they have no value.
    objective : str
        Of each, more is better: ``log_loss`` has its sign turned.
    dates : tuple of Timestamp
        The inner dates, oldest first.
    n_trials : int or None
        As many as were asked for, if a number was; fewer were made where the time was up.
    """

    given: RepeatHarmEstimator
    best: Mapping[str, Any]
    default: Mapping[str, Any]
    gain: Gain
    choose: str
    trials: pd.DataFrame
    objective: str
    dates: tuple[pd.Timestamp, ...]
    n_trials: int | None

    @classmethod
    def of(cls, given: RepeatHarmEstimator, trials: Sequence[Trial], **rest: Any) -> Self:
        """Compare trials; the first is the default."""
        whole = [trial for trial in trials if not trial.hopeless]
        gains, resampled = gains_over(whole)
        low, high = simultaneous_interval(gains, resampled, level=LEVEL)
        place = int(np.argmax(gains))  # the earlier of equals: the default before all others
        return cls(
            given=given,
            best=dict(whole[place].settings),
            default=dict(whole[0].settings),
            gain=Gain(float(gains[place]), float(low[place]), float(high[place])),
            trials=_table(trials, whole, np.column_stack([gains, low, high])),
            **rest,
        )

    @property
    def worthwhile(self) -> bool:
        """Whether the gain is beyond noise: its whole interval is above 0."""
        return self.gain.low > 0

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The settings to use, by the rule `choose`."""
        return self.best if self.worthwhile or self.choose == BEST else self.default

    @property
    def n_estimators(self) -> int:
        """Trees of the settings to use."""
        return int(self.chosen["n_estimators"])

    @property
    def estimator(self) -> RepeatHarmEstimator:
        """A new estimator with the settings to use, not fitted."""
        fresh: RepeatHarmEstimator = clone(self.given).set_params(**self.chosen)
        return fresh

    @property
    def seconds(self) -> float:
        """Time that the trials took, in all calls together."""
        return float(self.trials["seconds"].sum())

    def to_dict(self) -> dict[str, Any]:
        """Return what a model's provenance keeps, as plain values for JSON."""
        return {
            "objective": self.objective,
            "inner_dates": [date.isoformat() for date in self.dates],
            "trials_made": len(self.trials),
            "trials_asked_for": self.n_trials,
            "seconds": round(self.seconds, 1),
            "default": dict(self.default),
            "best": dict(self.best),
            "gain": {
                "value": self.gain.value,
                "low": self.gain.low,
                "high": self.gain.high,
                "level": self.gain.level,
            },
            "worthwhile": self.worthwhile,
            "choose": self.choose,
            "chosen": dict(self.chosen),
        }

    def __repr__(self) -> str:
        return f"SearchResult({len(self.trials)} trials, worthwhile={self.worthwhile})"

    def __str__(self) -> str:
        made, hopeless = len(self.trials), int(self.trials["hopeless"].sum())
        plural = "" if (self.n_trials or made) == 1 else "s"
        asked = "" if self.n_trials is None else f" of {self.n_trials}"
        first, last = (f"{date:%Y-%m-%d}" for date in (self.dates[0], self.dates[-1]))
        value, gain = float(self.trials["value"].iloc[0]), self.gain
        number = int(np.nanargmax(self.trials["value"].to_numpy()))
        return "\n".join(
            [
                f"{made}{asked} trial{plural} in {self.seconds:,.0f} s, {hopeless} of them "
                f"given up early; {len(self.dates)} inner dates, {first} to {last}",
                f"default  {self.objective} {value:.4f}  {_words(self.default)}",
                f"best     {self.objective} {value + gain.value:.4f}  {_words(self.best)} "
                f"(trial {number})",
                f"gain     {gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}], {gain.level:.0%} "
                "by resampling people, for all trials at once",
                self._verdict(),
            ]
        )

    def _verdict(self) -> str:
        if self.gain.value == 0:
            return "No trial did better than the default settings: they are kept."
        if self.worthwhile:
            return "The gain is beyond noise: the best settings are used."
        used = "the best settings are used all the same" if self.choose == BEST else (
            "the default settings are kept"
        )  # fmt: skip
        return f"The gain is within noise: {used}."


def _words(settings: Mapping[str, Any]) -> str:
    texts = [
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in settings.items()
    ]
    return ", ".join(texts)


def _table(
    trials: Sequence[Trial], whole: Sequence[Trial], gains: np.ndarray[Any, Any]
) -> pd.DataFrame:
    """Lay the trials out, a row each; those given up have no figures."""
    columns = ["gain", "gain_low", "gain_high"]
    figures = {
        trial.number: {"value": trial.value, **dict(zip(columns, row, strict=True))}
        for trial, row in zip(whole, gains, strict=True)
    }
    missing = dict.fromkeys(["value", *columns], np.nan)
    rows = [
        {
            "number": trial.number,
            **trial.settings,
            **figures.get(trial.number, missing),
            "hopeless": trial.hopeless,
            "seconds": trial.seconds,
        }
        for trial in trials
    ]
    return pd.DataFrame(rows)
