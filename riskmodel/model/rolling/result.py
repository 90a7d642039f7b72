"""RollingBacktest: what a model and what it has to beat would have found, date after date."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.files import atomic_folder, check_replaceable
from riskmodel.model.calibration.base_rate import BaseRate, coverage
from riskmodel.model.evaluation.evaluation import LEADING, Evaluation
from riskmodel.model.evaluation.evaluation_text import labels_of
from riskmodel.model.evaluation.json_tables import DATE, from_records, to_records
from riskmodel.model.must_beat import MODEL
from riskmodel.model.rolling.text import rolling_text
from riskmodel.snapshots.windows import instants
from riskmodel.statistics.arrays import divide

RESULTS, PREDICTIONS = "results.json", "predictions.csv"
BY_DATE_KINDS = {
    "as_of": DATE,
    "n": "int64",
    "base_rate": "float64",
    "expected": "float64",
    "observed_over_expected": "float64",
    "mean_captured": "float64",
    "reference_captured": "float64",
    "captured_ratio": "float64",
    "auc": "float64",
    "reference_auc": "float64",
    "auc_difference": "float64",
    "train_rows": "int64",
    "train_dates": "int64",
    "train_last": DATE,
    "calibrated_on": "str",
}
BASE_RATE_KINDS = {
    "as_of": DATE,
    "estimate": "float64",
    "low": "float64",
    "high": "float64",
    "level": "float64",
    "from_date": DATE,
    "n": "Int64",
    "n_moves": "Int64",
    "effective_moves": "float64",
    "spread": "float64",
    "observed": "float64",
    "covered": "bool",
    "note": "str",
}
LEARNT_KINDS = {"as_of": DATE, "learnt_from": DATE, "rows": "int64", "with_outcome": "float64"}
PREDICTION_KINDS = {
    "as_of": DATE,
    "person_id": "str",
    "probability": "float64",
    "margin": "float64",
    "y": "float64",
    "serious_count": "float64",
    "harm": "float64",
}
"""Columns of the predictions that are always there; one for each other score follows."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RollingBacktest:
    """The same recipe learnt anew at each date, and judged on what followed.

    Attributes
    ----------
    evaluation : Evaluation
        All dates pooled: each metric is a mean over dates, with paired intervals from resampling
        people, and the lowest and highest date beside it.
    by_date : DataFrame
        as_of, n (people), base_rate (share with the outcome), expected (mean probability),
        observed_over_expected; mean_captured, reference_captured and captured_ratio, their
        quotient; auc, reference_auc and auc_difference; train_rows, train_dates, train_last (the
        newest date learnt from), calibrated_on (what was held out for the calibration).
    base_rates : DataFrame
        What was forecast of each date's base rate, before it (the parts of a `BaseRate`), then
        observed, covered, and note, which says why there is no forecast.
    learnt : DataFrame
        as_of, learnt_from, rows, with_outcome: what each date's model learnt from, by its weights.
    predictions : DataFrame
        as_of, person_id, probability, margin, y, serious_count, harm, then one column for each
        other score. For use inside the organisation: no other part names a person.
    left_out : mapping of date (ISO text) to reason
        Dates that could not be tested.
    baselines_left_out : mapping of str to reason
        What a model has to beat that could not be computed on every date.
    settings : mapping
        The estimator's parameters, seed, horizon and what else the result rests on; JSON.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.model.rolling.rolling_backtest import rolling_backtest
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(150, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories, Task(offences=world.offences), as_of=["2018", "2020"],
    ...     late_allowance_days=0,
    ... )
    >>> found = rolling_backtest(rows, baselines=(), n_replicates=10)
    >>> again = RollingBacktest.from_dict(found.to_dict())
    >>> again.dates.year.tolist(), again.base_rates.equals(found.base_rates)
    ([2020], True)
    """

    evaluation: Evaluation
    by_date: pd.DataFrame
    base_rates: pd.DataFrame
    learnt: pd.DataFrame
    predictions: pd.DataFrame = field(repr=False)
    left_out: Mapping[str, str] = field(default_factory=dict)
    baselines_left_out: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dates(self) -> pd.DatetimeIndex:
        """The dates tested, in order."""
        return pd.DatetimeIndex(self.by_date["as_of"])

    @property
    def worst_date(self) -> pd.Timestamp | None:
        """The date with the lowest ratio of mean captured to the reference's; None if undefined."""
        known = self.by_date[self.by_date["captured_ratio"].notna()]
        if known.empty:
            return None
        lowest = known["captured_ratio"].to_numpy().argmin()
        worst: pd.Timestamp = known["as_of"].iloc[lowest]
        return worst

    @property
    def base_rate_coverage(self) -> pd.DataFrame:
        """How often the intervals held the base rate; see ``coverage`` beside `BaseRate`.

        No rows without a forecast.
        """
        forecast = self.base_rates[self.base_rates["estimate"].notna()]
        stated = [
            BaseRate(**{name: row[name] for name in _STATED})
            for row in forecast.to_dict(orient="records")
        ]
        return coverage(stated, forecast["observed"].tolist()) if stated else pd.DataFrame()

    def ratios(
        self, metric: str = LEADING, over: str = "v100_sum", *, model: str = MODEL
    ) -> pd.Series:
        """Return one metric of a score over that of another, date by date.

        Parameters
        ----------
        metric : str
            ``"captured@100"`` is ``"captured"`` at k = 100, ``"captured@1%"`` at a share.
        over, model : str
            Scores by name.

        Returns
        -------
        Series of float, by as_of
            NaN where either is undefined, or the second is 0.

        Raises
        ------
        SchemaError
            No such metric or score.
        """
        above, below = (self._values(metric, name) for name in (model, over))
        return pd.Series(divide(above, below.reindex(above.index)), above.index, name=metric)

    def _values(self, metric: str, model: str) -> pd.Series:
        found = self.evaluation.by_date
        found = found[found["model"] == model]
        found = found[[label == metric for label in labels_of(found)]]
        if found.empty:
            raise SchemaError(
                f"rolling back-test: no metric {metric!r} of {model!r}",
                advice=f"Scores are {', '.join(self.evaluation.models)}; the metrics by date are "
                "in .evaluation.by_date.",
            )
        return found.set_index("as_of")["value"].astype("float64")

    def geometric_mean_ratio(
        self,
        metric: str = LEADING,
        over: str = "v100_sum",
        dates: Any = None,
        *,
        model: str = MODEL,
    ) -> float:
        """Return the geometric mean of `ratios` over all dates, or over some.

        It does not depend on which of the two scores is put above: 2 on one date and 1/2 on the
        next are 1. NaN where a ratio of these dates is undefined, rather than leaving it out.
        """
        ratios = self.ratios(metric, over, model=model)
        if dates is not None:
            asked = instants(dates)
            if len(unknown := asked.difference(self.dates)):
                raise SchemaError(f"dates: {_days(unknown)} given, {_days(self.dates)} tested")
            ratios = ratios[asked]
        with np.errstate(divide="ignore"):  # a date on which nothing was captured: 0 in all
            return float(np.exp(np.log(ratios.to_numpy()).mean()))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able content without the predictions: nobody is named."""
        return {
            "evaluation": self.evaluation.to_dict(),
            **{name: to_records(getattr(self, name)) for name in _TABLES},
            **{name: dict(getattr(self, name)) for name in _MAPPINGS},
        }

    @classmethod
    def from_dict(
        cls, content: Mapping[str, Any], predictions: pd.DataFrame | None = None
    ) -> RollingBacktest:
        """Read what `to_dict` returned; the predictions are none unless given."""
        tables: dict[str, Any] = {
            name: from_records(content[name], kinds) for name, kinds in _TABLES.items()
        }
        return cls(
            evaluation=Evaluation.from_dict(content["evaluation"]),
            predictions=from_records((), PREDICTION_KINDS) if predictions is None else predictions,
            **tables,
            **{name: content[name] for name in _MAPPINGS},
        )

    def save(
        self, folder: str | os.PathLike[str], *, also: Mapping[str, str] | None = None
    ) -> Path:
        """Write results.json (nobody is named) and predictions.csv, whole or not at all.

        An older result at `folder` is replaced. `also` holds further texts by file name.

        Raises
        ------
        RiskModelError
            The folder holds other files.
        """
        check_replaceable(folder, RESULTS)
        with atomic_folder(folder) as inside:
            text = json.dumps(self.to_dict(), allow_nan=False)
            (inside / RESULTS).write_text(text, encoding="utf-8")
            self.predictions.to_csv(inside / PREDICTIONS, index=False)
            for name, content in (also or {}).items():
                (inside / name).write_text(content, encoding="utf-8")
        return Path(folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> RollingBacktest:
        """Read what `save` wrote, every bit of it."""
        place = Path(folder)
        content = json.loads((place / RESULTS).read_text(encoding="utf-8"))
        table = pd.read_csv(place / PREDICTIONS, dtype=str, keep_default_na=False)
        kinds = {name: PREDICTION_KINDS.get(str(name), "float64") for name in table.columns}
        numbers = [name for name, kind in kinds.items() if kind == "float64"]
        table[numbers] = table[numbers].replace("", "nan")
        return cls.from_dict(content, table.astype(kinds))

    def __str__(self) -> str:
        """Return mean captured with its interval, then each date, the worst one named."""
        return rolling_text(self)


_STATED: Final = tuple(item.name for item in fields(BaseRate))
_TABLES: Final = {
    "by_date": BY_DATE_KINDS,
    "base_rates": BASE_RATE_KINDS,
    "learnt": LEARNT_KINDS,
}
_MAPPINGS: Final = ("left_out", "baselines_left_out", "settings")


def _days(dates: Any) -> str:
    return ", ".join(f"{date:%Y-%m-%d}" for date in dates)
