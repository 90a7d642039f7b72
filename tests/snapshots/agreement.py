"""What it means that two ways of computing features agree."""

import os

import numpy as np
import pandas as pd

from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import RULES
from riskmodel.snapshots.pairs import Difference, Ratio
from riskmodel.snapshots.task import Task
from tests.snapshots.drawn import OFFENCES
from tests.snapshots.oracle_pandas import PandasOracle
from tests.snapshots.oracle_sql import SqlOracle

SCALE = float(os.environ.get("RISKMODEL_PROOFS", "1"))
"""How many times as many examples as usual the proofs draw."""

TOLERANCE = 1e-12
WHOLE = {"count", "incidents", "victims", "places", "co_accused", "neighbours"} | {
    "repeat_victims",
    "repeat_places",
}


def task_of(features, **parts):
    """Return a task with everyone who is known in its cohort."""
    cohort = parts.pop("cohort", Cohort(lookback_days=None))
    return Task(offences=OFFENCES, cohort=cohort, features=tuple(features), **parts)


def snapshots_of(histories, task, dates, dtype=np.float64):
    """Return what the compiled pass makes of histories."""
    return build_snapshots(histories, task, as_of=dates, late_allowance_days=0, dtype=dtype)


def built(tables, task, dates, **options):
    """Return what the compiled pass makes of tables."""
    return snapshots_of(tables.histories(), task, dates, **options)


def bits(snapshots):
    """Return who is in the rows, and every bit of the features and of the rules' columns."""
    X, rules = snapshots.X.to_numpy(), snapshots.rules.to_numpy()
    return list(snapshots.person_id), list(snapshots.as_of), X.tobytes(), rules.tobytes()


class Expected:
    """What both oracles say of some features, for everyone listed at some dates.

    They are held against each other here: what they say is one thing.
    """

    def __init__(self, tables, features, dates, *, standing=None, masked=True, by_pandas=True):
        options = {} if standing is None else {"standing": standing}
        dates = [pd.Timestamp(date) for date in dates]
        one = PandasOracle(tables, OFFENCES, **options)
        self.features = list(features)
        self.rows = [(person, date) for date in dates for person in one.listed(date)]
        by_sql = SqlOracle(tables, OFFENCES, dates, **options).values(self.features, masked=masked)
        self.by_sql = by_sql.reindex(self.rows).to_numpy()
        shape = (len(self.rows), len(self.features))
        self.by_pandas, self.size = self.by_sql, np.abs(self.by_sql)
        if by_pandas:
            answers = np.array(
                [[one.value(f, *row, masked=masked) for f in self.features] for row in self.rows],
                dtype=np.float64,
            ).reshape(*shape, 2)
            self.by_pandas, self.size = answers[..., 0], answers[..., 1]
            self.assert_agree(self.by_sql, self.by_pandas, "DuckDB", "pandas")

    def assert_equal(self, people, dates, got):
        """Hold rows that were computed otherwise against both oracles."""
        assert list(zip(people, dates, strict=True)) == self.rows
        self.assert_agree(np.asarray(got), self.by_pandas, "the compiled pass", "pandas")
        self.assert_agree(np.asarray(got), self.by_sql, "the compiled pass", "DuckDB")

    def assert_agree(self, one, two, first, second):
        allowed = TOLERANCE * np.where(np.isnan(self.size), 0.0, self.size)
        allowed[:, [is_whole(f) for f in self.features]] = 0.0
        with np.errstate(invalid="ignore"):
            same = (one == two) | (np.abs(one - two) <= allowed)
        same |= (np.isnan(one) & np.isnan(two)) | np.isinf(allowed)
        if not same.all():
            row, column = np.argwhere(~same)[0]
            raise AssertionError(
                f"{self.features[column]}, {self.rows[row]}: {first} says "
                f"{one[row, column]!r}, {second} {two[row, column]!r}; "
                f"{(~same).sum()} values differ"
            )


def is_whole(f):
    """Return whether a feature's values are whole numbers, which have to be equal bit for bit."""
    if isinstance(f, Ratio | Difference):
        return isinstance(f, Difference) and is_whole(f.first) and is_whole(f.second)
    return f.measure in WHOLE and not f.per_year_at_risk


def assert_proved(tables, task, dates, **options):
    """Hold the snapshots of some tables, features and rules alike, against both oracles."""
    standing = task.feature_evidence
    features = Expected(tables, task.columns, dates, standing=standing, **options)
    if not features.rows:
        return None
    rules = Expected(tables, RULES.values(), dates, standing=standing, masked=False, **options)
    snapshots = built(tables, task, dates)
    assert list(snapshots.X.columns) == [f.name for f in task.columns]
    assert list(snapshots.rules.columns) == list(RULES)
    for expected, table in ((features, snapshots.X), (rules, snapshots.rules)):
        assert (table.dtypes == np.float64).all()
        expected.assert_equal(snapshots.person_id, snapshots.as_of, table)
    return snapshots
