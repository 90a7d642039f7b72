"""What an evaluation found: a table of metrics with n, intervals and paired differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.costs import Costs
from riskmodel.model.evaluation.evaluation_text import LEADING, evaluation_text, labels_of
from riskmodel.model.evaluation.json_tables import DATE, from_records, to_records
from riskmodel.model.evaluation.list_lengths import ListLength

__all__ = ["DATED_KINDS", "LEADING", "TABLE_KINDS", "Evaluation"]

TABLE_KINDS = {
    "metric": "str",
    "model": "str",
    "k": "Int64",
    "share": "Float64",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "n": "int64",
    "n_people": "int64",
    "n_dates": "int64",
    "date_low": "float64",
    "date_high": "float64",
    "difference": "float64",
    "difference_low": "float64",
    "difference_high": "float64",
    "undefined": "int64",
    "note": "str",
}
DATED_KINDS = {
    "as_of": DATE,
    "metric": "str",
    "model": "str",
    "k": "Int64",
    "share": "Float64",
    "value": "float64",
    "n": "int64",
}
SUMMARY_FIELDS = (
    "reference",
    "baselines",
    "n",
    "n_people",
    "n_dates",
    "n_unobserved",
    "n_replicates",
    "level",
    "seed",
)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Every score's metrics on the same rows, with the rule in use beside them.

    Attributes
    ----------
    table : DataFrame
        One row per metric, k and score; mean captured first.

        - metric, model, value;
        - k, share: the length of list, in people or as a share of each date's cohort; at most
          one of them is given, and neither where no list is cut;
        - low, high: interval over resampled people; undefined: replicates without a value;
        - n (rows), n_people, n_dates (dates on which the metric is defined);
        - date_low, date_high: the lowest and the highest date;
        - difference, difference_low, difference_high: to `reference`, under the same resamples;
        - note: what else a reader must know, such as a list longer than the cohort.
    by_date : DataFrame
        as_of, metric, model, k, share, value, n: the point estimate of each date.
    reference : str
        The score that differences are taken from.
    n, n_people, n_dates, n_unobserved : int
        Rows, people and dates evaluated; rows left out since their outcome is not known.
    baselines : tuple of str
        Which of the scores are baselines.
    costs : Costs or None
        Those that net benefit is reckoned with; None in evaluations from before there was any.
    n_replicates, level, seed
        Of the bootstrap; the seed is also that of the ties.

    Examples
    --------
    >>> from riskmodel.model.evaluation.metrics import evaluate_scores
    >>> from riskmodel.snapshots.table import Snapshots
    >>> priors = pd.Series(range(200)) % 7
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> scores = {"priors": priors, "constant": 0 * priors}
    >>> found = evaluate_scores(table, scores, reference="constant", n_replicates=20)
    >>> found.value("precision@50", "priors"), found.value("precision@5%", "priors"), found.models
    (1.0, 1.0, ('priors', 'constant'))
    >>> Evaluation.from_dict(found.to_dict()).value("auc", "priors")
    1.0
    """

    table: pd.DataFrame
    by_date: pd.DataFrame
    reference: str
    n: int
    n_people: int
    n_dates: int
    n_unobserved: int = 0
    baselines: tuple[str, ...] = ()
    costs: Costs | None = None
    n_replicates: int = 0
    level: float = 0.95
    seed: int = 0

    @property
    def models(self) -> tuple[str, ...]:
        """The scores by name, in the order given."""
        return tuple(self.table["model"].drop_duplicates())

    @property
    def best_baseline(self) -> str | None:
        """The baseline with the highest mean captured; None without a baseline."""
        leading = self.table[self.table["metric"] == LEADING]
        values = leading[leading["model"].isin(self.baselines)].set_index("model")["value"]
        values = values.dropna()
        return None if values.empty else str(values.idxmax())

    def row(self, metric: str, model: str, k: int | str | None = None) -> pd.Series:
        """Return the table's row of one metric.

        ``"captured@100"`` is ``"captured"`` at k = 100, and ``"captured@1%"`` at k = ``"1%"``.

        Raises
        ------
        SchemaError
            No such row; names those that there are.
        """
        family, _, cut = metric.partition("@")
        length = cut or k
        wanted = family if length is None else f"{family}@{ListLength.read(length)}"
        rows = self.table[self.table["model"] == model]
        found = [place for place, label in enumerate(labels_of(rows)) if label == wanted]
        if not found:
            labels = labels_of(self.table)
            raise SchemaError(
                f"evaluation: no row for metric {metric!r}, model {model!r}, k {k}",
                advice=f"There are {', '.join(dict.fromkeys(labels))} "
                f"for {', '.join(self.models)}.",
            )
        row: pd.Series = rows.iloc[found[0]]
        return row

    def value(self, metric: str, model: str, k: int | str | None = None) -> float:
        """Return the estimate of one metric, as `row` finds it."""
        return float(self.row(metric, model, k)["value"])

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able content: NaN as None, dates as ISO text."""
        summary: dict[str, Any] = {name: getattr(self, name) for name in SUMMARY_FIELDS}
        summary["baselines"] = list(self.baselines)
        summary["costs"] = None if self.costs is None else self.costs.to_dict()
        return {
            **summary,
            "table": to_records(self.table),
            "by_date": to_records(self.by_date),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Evaluation:
        """Read what `to_dict` returned, of this version or an earlier one."""
        summary = {name: content[name] for name in SUMMARY_FIELDS}
        summary["baselines"] = tuple(summary["baselines"])
        costs = content.get("costs")  # as the columns of share, not there before there was any
        return cls(
            table=from_records(content["table"], TABLE_KINDS),
            by_date=from_records(content["by_date"], DATED_KINDS),
            costs=None if costs is None else Costs.from_dict(costs),
            **summary,
        )

    def __str__(self) -> str:
        """Return mean captured with its differences, then the rest at one length of list."""
        return evaluation_text(self)
