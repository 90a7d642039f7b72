"""A model whose scores are known, and worlds small enough to count by hand."""

import warnings
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.model.thresholds import Thresholds
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task


@dataclass(frozen=True)
class KnownScorer:
    """Contributions of a model that reads one of its columns: the column itself."""

    column: str
    feature_names: tuple

    def contributions(self, table, n_jobs=None):
        read = np.array([name == self.column for name in self.feature_names])
        return np.asarray(table, dtype=float) * read, 0.0


@dataclass(frozen=True)
class KnownModel:
    """Scores by one column of X: what RiskModel offers to an audit, with nothing learnt."""

    column: str
    task: Task | None = None
    permitted_uses: tuple = ("prioritise",)
    name: str = "known"
    version: str = "1"
    digest: str = "d" * 64
    expires: date = date(2030, 1, 1)
    thresholds: Thresholds = field(default_factory=Thresholds.default)
    provenance: dict = field(default_factory=dict)

    @property
    def feature_names(self):
        return self.task.feature_names

    @property
    def scorer(self):
        return KnownScorer(self.column, self.feature_names if self.task else (self.column,))

    def predict_margin(self, X):
        return X[self.column].to_numpy(dtype=float)

    def estimates(self, X):
        margin = self.predict_margin(X)
        chance = 1 / (1 + np.exp(2 - margin / 4))
        low, high = np.clip(chance - 0.05, 0, 1), np.clip(chance + 0.05, 0, 1)
        return pd.DataFrame({"margin": margin, "probability": chance, "low": low, "high": high})

    def evaluate(self, snapshots, **options):
        return None

    def dates_learnt_from(self, snapshots):
        return snapshots.dates[:0]


@pytest.fixture(scope="session")
def known_model():
    return KnownModel


@pytest.fixture(scope="session")
def offences():
    frame = pd.DataFrame({"offence": ["grave", "minor"], "harm": [1000.0, 10.0]})
    return OffenceTable.from_frame(frame, edition="test", source="made up")


@pytest.fixture(scope="session")
def task(offences):
    return Task(offences=offences, features=(Feature("count", 365), Feature("count", None)))


def event(source, person, day, offence="minor", victim=None, incident=None, evidence="allegation"):
    return {
        "source_id": source, "person_id": person, "event_time": day, "recorded_time": day,
        "offence": offence, "victim_id": victim, "incident_id": incident, "evidence": evidence,
    }  # fmt: skip


@pytest.fixture(scope="session")
def tiny():
    """Four suspects scored on 2015-01-01, and what was recorded in the two years after.

    ========= ============ =======================================================
    incident  victim       suspects
    ========= ============ =======================================================
    i1        v1 (female)  p1, and p2 as co-accused
    i2        v2 (male)    p3
    i3        v3 (female)  p9, who was never scored
    i4        v4 (none)    nobody named
    i5        v1 (female)  nobody named
    ========= ============ =======================================================
    """
    before = [event(f"b{i}", f"p{n}", "2014-06-01") for i, n in enumerate([1, 1, 1, 2, 2, 3, 4])]
    after = [
        event("a1", "p1", "2015-02-01", "grave", "v1", "i1"),
        event("a2", "p2", "2015-02-01", "grave", "v1", "i1"),
        event("a3", "p3", "2015-03-01", "grave", "v2", "i2", "conviction"),
        event("a4", "p9", "2015-03-01", "grave", "v3", "i3"),
        event("a5", None, "2015-04-01", "grave", "v4", "i4"),
        event("a6", None, "2015-05-01", "grave", "v1", "i5"),
        event("a7", "p4", "2015-06-01", "minor", "v2", "i6"),
    ]
    victims = pd.DataFrame(
        {"victim_id": ["v1", "v2", "v3"], "sex": ["female", "male", "female"], "person_id": "p4"}
    )
    people = pd.DataFrame({"person_id": ["p1", "p2"], "birth_date": ["2000-01-01", "1980-01-01"]})
    return EventHistories(
        pd.DataFrame(before + after), people, victims=victims, dates_only=True,
        data_start="2010-01-01", data_end="2018-01-01",
    )  # fmt: skip


@pytest.fixture(scope="session")
def tiny_rows(tiny, task):
    return build_snapshots(tiny, task, as_of="2015-01-01", late_allowance_days=0)


@pytest.fixture(scope="session")
def audit_again(small_world, known_model):
    """Audit the last dates of a synthetic world, listed by a count of records."""
    from riskmodel.audit.fairness_audit import audit_fairness
    from riskmodel.errors import SmallGroupWarning

    world = small_world
    task = Task(
        offences=world.offences,
        features=(Feature("count", 365), Feature("incidents", serious=True)),
    )
    rows = build_snapshots(
        world.histories, task, as_of=["2019-01-01", "2020-01-01"], late_allowance_days=0
    )

    def run(order=None):
        some = rows if order is None else shuffled(rows, order)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SmallGroupWarning)
            return audit_fairness(
                known_model("count_1y", task=task), some, world.histories, world.groups, k=60,
                intersections=[("sex", "ethnicity")], n_replicates=60,
            )  # fmt: skip

    return run


def shuffled(rows, rng):
    """The same rows in another order."""
    order = rng.permutation(len(rows))
    names = [
        "X", "y", "harm", "harm_capped", "serious_count", "weight", "person_id", "as_of",
        "observed", "follow_up", "rules",
    ]  # fmt: skip
    parts = {name: getattr(rows, name).iloc[order].reset_index(drop=True) for name in names}
    return replace(rows, **parts)


@pytest.fixture(scope="session")
def audited(audit_again):
    return audit_again()


@dataclass(frozen=True)
class PlantedProxy:
    """Rows to learn from and to compare on, and who belongs where."""

    train: object
    test: object
    groups: pd.DataFrame


@pytest.fixture(scope="session")
def planted_proxy():
    """Half `b`, the smaller, is stopped more often, which says nothing of later harm; but in the
    years learnt from its harm was recorded more often, so that a model learns from stops."""
    from riskmodel.snapshots.table import Snapshots

    def rows(n, dates, rng, over_recorded):
        half = rng.random(n) < 0.45
        merit = rng.normal(size=n)
        harmed = rng.random(n) < 1 / (1 + np.exp(1.2 - 1.5 * merit))
        harmed |= half & (rng.random(n) < over_recorded)
        X = pd.DataFrame(
            {
                "records": merit + rng.normal(scale=0.5, size=n),
                "victims": merit + rng.normal(scale=0.5, size=n),
                "weather": rng.normal(size=n),
                "stops": 2.0 * half + rng.normal(scale=0.5, size=n),
            }
        )
        names = np.array([f"{dates[0]}-{number}" for number in range(n)])
        table = Snapshots.from_table(
            X, harmed, person_id=names, as_of=np.repeat(dates, n // len(dates))
        )
        return table, pd.DataFrame({"person_id": names, "half": np.where(half, "b", "a")})

    rng = np.random.default_rng(5)
    train, before = rows(3000, ["2015-01-01"], rng, 0.4)
    test, after = rows(6000, ["2018-01-01", "2018-07-01", "2019-01-01"], rng, 0.0)
    return PlantedProxy(train, test, pd.concat([before, after], ignore_index=True))
