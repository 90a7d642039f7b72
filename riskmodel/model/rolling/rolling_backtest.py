"""The rolling-origin back-test: learn at each date from what was known then, judge what followed.

One split says how a model did once. Here the whole recipe (features, training, calibration, and
what it has to beat) is carried out at date after date, each time on outcome windows that had
closed by then and with the labels known then, and is judged on all dates together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.catalogue import default_baselines
from riskmodel.model.baselines.interface import Baseline
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.learning import default_estimator
from riskmodel.model.must_beat import MODEL
from riskmodel.model.rolling.origin import (
    EXPECTED_HARM,
    Origin,
    PossibleDates,
    day,
    learn_and_score,
    possible_dates,
)
from riskmodel.model.rolling.result import RollingBacktest
from riskmodel.model.rolling.tables import (
    base_rates,
    by_date,
    learnt,
    not_everywhere,
    pooled,
    predictions,
)
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.windows import instants

Progress = Callable[[int, int, pd.Timestamp], None]


def rolling_backtest(
    snapshots: Snapshots,
    *,
    dates: Any = None,
    estimator: RepeatHarmEstimator | None = None,
    baselines: Sequence[Baseline] | None = None,
    n_replicates: int = 500,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> RollingBacktest:
    """Learn anew at each date from what was known then, and judge all dates together.

    Parameters
    ----------
    snapshots : Snapshots
        From `build_snapshots`, on several dates. A date is tested if its own outcomes are known
        and rows with and without the outcome had closed their windows (and the allowance for late
        reports) before it; those rows are learnt from, by the labels known at that date.
    dates : date-like or several, optional
        Dates to test; each must be possible. By default all that are: `left_out` of the result
        has the others, with the reason.
    estimator : RepeatHarmEstimator, optional
        Its settings; it is not changed.
    baselines : sequence of Baseline, optional
        What the model has to beat, each fitted on the same rows; `default_baselines()` unless
        given. The rules in use are always there.
    n_replicates : int
        Resamples of people, for the intervals.
    seed : int
        Of the default estimator, the folds, the resamples and the order among equals.
    progress : callable (done, total, date), optional
        Called as each date is begun, with the number of dates done; and once at the end.
    **options
        Of `riskmodel.model.evaluation.metrics.evaluate_scores`: ks, costs, reference, level.

    Returns
    -------
    RollingBacktest

    Raises
    ------
    SchemaError
        No date, or one of those given, can be tested, with each reason; an outcome of another
        kind than "any".

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.outcome import Outcome
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(150, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories,
    ...     Task(offences=world.offences, outcome=Outcome(horizon_days=365)),
    ...     as_of=["2019", "2020", "2021", "2022"], late_allowance_days=0,
    ... )
    >>> found = rolling_backtest(
    ...     rows, dates="2022", baselines=(), n_replicates=10,
    ...     estimator=RepeatHarmEstimator(n_estimators=5, n_bags=2),
    ... )
    >>> [date.year for date in found.dates], len(found.predictions) == found.evaluation.n
    ([2022], True)
    """
    snapshots.check_any("rolling_backtest()")
    possible = possible_dates(snapshots)
    tested = possible.dates if dates is None else _asked(dates, possible)
    if not len(tested):
        raise SchemaError(
            [f"{date}: {why}" for date, why in possible.left_out.items()],
            advice="No date can be tested. Build snapshots on dates that are one horizon apart "
            "at least, with outcomes known for the later ones.",
        )
    settings = default_estimator(snapshots, seed) if estimator is None else estimator
    competitors = tuple(default_baselines() if baselines is None else baselines)
    report = progress or _silent
    origins = []
    for done, date in enumerate(tested):
        report(done, len(tested), date)
        origins.append(learn_and_score(snapshots, date, settings, competitors, seed))
    report(len(tested), len(tested), tested[-1])
    judged = snapshots.subset(snapshots.observed & snapshots.as_of.isin(tested))
    return _together(
        judged,
        origins,
        left_out=possible.left_out if dates is None else {},
        settings=_settings(judged, settings, competitors, seed),
        options={"n_replicates": n_replicates, "seed": seed, **options},
    )


def _together(
    judged: Snapshots,
    origins: list[Origin],
    *,
    left_out: dict[str, str],
    settings: dict[str, Any],
    options: dict[str, Any],
) -> RollingBacktest:
    """Pool all dates into one evaluation, and lay out each date beside it."""
    scores, chances = (pooled(judged, origins, part) for part in ("scores", "probabilities"))
    evaluation = evaluate_scores(
        judged,
        scores,
        probabilities={name: chances[name] for name in chances if name in scores},
        baselines=[name for name in scores if name not in (MODEL, EXPECTED_HARM)],
        **options,
    )
    return RollingBacktest(
        evaluation=evaluation,
        by_date=by_date(judged, origins, evaluation),
        base_rates=base_rates(judged, origins),
        learnt=learnt(origins),
        predictions=predictions(judged, scores, chances[MODEL]),
        left_out=left_out,
        baselines_left_out=not_everywhere(origins),
        settings=settings,
    )


def _asked(dates: Any, possible: PossibleDates) -> pd.DatetimeIndex:
    """Return the dates asked for, if each of them can be tested."""
    asked = instants(dates)
    reasons = possible.left_out
    problems = [
        f"{day(date)}: {reasons.get(day(date), 'no rows of that date')}"
        for date in asked.difference(possible.dates)
    ]
    if problems:
        able = ", ".join(map(day, possible.dates)) or "none"
        raise SchemaError(problems, advice=f"Dates that can be tested: {able}.")
    return asked


def _settings(
    judged: Snapshots, estimator: RepeatHarmEstimator, baselines: Sequence[Baseline], seed: int
) -> dict[str, Any]:
    """Return what the result rests on, ready for JSON."""
    params = estimator.get_params()
    return {
        "seed": seed,
        "estimator": {
            name: value if isinstance(value, bool | int | float | str | None) else str(value)
            for name, value in params.items()
            if name != "n_jobs"  # of this machine, not of the result
        },
        "baselines": [baseline.name for baseline in baselines],
        "task": None if judged.task is None else judged.task.digest(),
        "known_at": judged.known_at.isoformat(),
        "late_allowance_days": judged.late_allowance_days,
    }


def _silent(done: int, total: int, date: pd.Timestamp) -> None:
    """Report to nobody."""
