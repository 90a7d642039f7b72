"""What an evaluation found: a table of metrics with n, intervals and paired differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError

LEADING = "mean_captured"
SHOWN_K = 100  # the length of list that the printed table shows, or the nearest there is
PRINTED_SHARES = (
    "captured",
    "captured_of_all",
    "precision",
    "harm_captured",
    "harm_captured_capped",
)
TABLE_COLUMNS = (
    "metric",
    "model",
    "k",
    "value",
    "low",
    "high",
    "n",
    "n_people",
    "n_dates",
    "date_low",
    "date_high",
    "difference",
    "difference_low",
    "difference_high",
    "undefined",
    "note",
)
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

        - metric, model, k (missing where no list is cut), value;
        - low, high: interval over resampled people; undefined: replicates without a value;
        - n (rows), n_people, n_dates (dates on which the metric is defined);
        - date_low, date_high: the lowest and the highest date;
        - difference, difference_low, difference_high: to `reference`, under the same resamples;
        - note: what else a reader must know, such as a list longer than the cohort.
    by_date : DataFrame
        as_of, metric, model, k, value, n: the point estimate of each date.
    reference : str
        The score that differences are taken from.
    n, n_people, n_dates, n_unobserved : int
        Rows, people and dates evaluated; rows left out since their outcome is not known.
    baselines : tuple of str
        Which of the scores are baselines.
    n_replicates, level, seed
        Of the bootstrap; the seed is also that of the ties.

    Examples
    --------
    >>> from riskmodel.model.metrics import evaluate_scores
    >>> from riskmodel.snapshots.table import Snapshots
    >>> priors = np.arange(200) % 7
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> scores = {"priors": priors, "constant": np.zeros(200)}
    >>> found = evaluate_scores(table, scores, reference="constant", ks=(50,), n_replicates=20)
    >>> found.value("precision@50", "priors"), found.models
    (1.0, ('priors', 'constant'))
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

    def row(self, metric: str, model: str, k: int | None = None) -> pd.Series:
        """Return the table's row of one metric; ``"captured@100"`` is ``"captured"`` at k = 100.

        Raises
        ------
        SchemaError
            No such row; names those that there are.
        """
        family, _, cut = metric.partition("@")
        if cut:
            k = int(cut)
        found = (self.table["metric"] == family) & (self.table["model"] == model)
        found &= self.table["k"].isna() if k is None else self.table["k"].eq(k).fillna(False)
        if not found.any():
            raise SchemaError(
                f"evaluation: no row for metric {metric!r}, model {model!r}, k {k}",
                advice=f"There are {', '.join(dict.fromkeys(_labels(self.table)))} "
                f"for {', '.join(self.models)}.",
            )
        return self.table[found].iloc[0]

    def value(self, metric: str, model: str, k: int | None = None) -> float:
        """Return the estimate of one metric, as `row` finds it."""
        return float(self.row(metric, model, k)["value"])

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able content: NaN as None, dates as ISO text."""
        summary: dict[str, Any] = {name: getattr(self, name) for name in SUMMARY_FIELDS}
        summary["baselines"] = list(self.baselines)
        dated = self.by_date.assign(as_of=[moment.isoformat() for moment in self.by_date["as_of"]])
        return {**summary, "table": _records(self.table), "by_date": _records(dated)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Evaluation:
        """Read what `to_dict` returned."""
        summary = {name: content[name] for name in SUMMARY_FIELDS}
        summary["baselines"] = tuple(summary["baselines"])
        by_date = _frame(content["by_date"], ("as_of", "metric", "model", "k", "value", "n"))
        by_date["as_of"] = pd.to_datetime(by_date["as_of"]).astype("datetime64[us]")
        return cls(table=_frame(content["table"], TABLE_COLUMNS), by_date=by_date, **summary)

    def __str__(self) -> str:
        """Return mean captured with its differences, then the rest at one length of list."""
        shown, others = self._shown_length()
        at = [f"{name}@{shown}" for name in PRINTED_SHARES]
        panels = [
            self._leading_panel(),
            self._panel(at[:3]),
            self._panel([*at[3:], "auc"]),
            self._panel(["brier", "calibration_slope", "calibration_in_the_large"]),
        ]
        blocks = [self._head(), *("\n".join(panel) for panel in panels if panel)]
        if notes := self._notes():
            blocks.append("\n".join(notes))
        lengths = f"lists of {', '.join(map(str, others))} and " if others else ""
        blocks.append(f"In .table as well: {lengths}the paired difference of every metric.")
        return "\n\n".join(blocks)

    def _head(self) -> str:
        size = ", ".join(
            [
                _count(self.n, "row"),
                _count(self.n_people, "person", "people"),
                _count(self.n_dates, "as_of date"),
            ]
        )
        return (
            f"{size}; {_count(self.n_unobserved, 'row')} left out: outcome not observed\n"
            f"[{self.level:.0%} intervals] from {self.n_replicates:,} resamples of people; "
            f"differences to {self.reference} are paired"
        )

    def _shown_length(self) -> tuple[int, list[int]]:
        lengths = [int(k) for k in self.table["k"].dropna().unique()]
        shown = min(lengths, key=lambda k: abs(k - SHOWN_K), default=SHOWN_K)
        return shown, [k for k in lengths if k != shown]

    def _leading_panel(self) -> list[str]:
        cells: list[tuple[str, ...]] = [("", LEADING, f"difference to {self.reference}", "dates")]
        for row in self.table[self.table["metric"] == LEADING].itertuples():
            difference = _estimate(row.difference, row.difference_low, row.difference_high, "+")
            over_dates = f"{_number(row.date_low)} to {_number(row.date_high)}"
            cells.append(
                (
                    str(row.model),
                    _estimate(row.value, row.low, row.high),
                    difference if row.model != self.reference else "",
                    over_dates if self.n_dates > 1 else "one",
                )
            )
        return _aligned(cells)

    def _panel(self, metrics: list[str]) -> list[str]:
        """One line a score, one column a metric; nothing where no score has any of them."""
        frame = self.table.assign(label=_labels(self.table))
        frame = frame[frame["label"].isin(metrics)]
        if frame.empty:
            return []
        cells = {
            (row.model, row.label): _estimate(row.value, row.low, row.high)
            for row in frame.itertuples()
        }
        models = frame["model"].drop_duplicates()
        lines = [(model, *(cells.get((model, name), "") for name in metrics)) for model in models]
        return _aligned([("", *metrics), *lines])

    def _notes(self) -> list[str]:
        noted = [
            f"{label}: {note}"
            for label, note in zip(_labels(self.table), self.table["note"], strict=True)
            if note and not label.startswith(("captured_of_all", "harm", "precision"))
        ]
        return list(dict.fromkeys(noted))


def _labels(table: pd.DataFrame) -> list[str]:
    return [
        metric if pd.isna(k) else f"{metric}@{k}"
        for metric, k in zip(table["metric"], table["k"], strict=True)
    ]


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _number(value: object, sign: str = "") -> str:
    number = float(value)  # type: ignore[arg-type]
    return "undefined" if np.isnan(number) else f"{number:{sign}.3f}"


def _estimate(value: object, low: object, high: object, sign: str = "") -> str:
    if np.isnan(float(value)):  # type: ignore[arg-type]
        return "undefined"
    return f"{_number(value, sign)} [{_number(low, sign)}, {_number(high, sign)}]"


def _aligned(cells: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(name): value.item() if isinstance(value, np.generic) else value for name, value in row}
        for row in (record.items() for record in plain.to_dict(orient="records"))
    ]


def _frame(records: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return typed_columns(pd.DataFrame(records, columns=list(columns)))


def typed_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of an evaluation's table their types: text, counts and floats."""
    kinds = {"metric": "str", "model": "str", "note": "str", "k": "Int64"}
    kinds |= dict.fromkeys(("n", "n_people", "n_dates", "undefined"), "int64")
    kinds["as_of"] = "object"
    return frame.astype({name: kinds.get(name, "float64") for name in frame.columns})
