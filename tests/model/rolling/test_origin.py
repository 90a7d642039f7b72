"""One date learns from what had closed by then, and its rows are shown without what followed."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import RiskModelWarning, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.rolling.origin import day, learn_and_score, possible_dates
from riskmodel.model.training import fit_calibrated
from riskmodel.snapshots.splits import split_at

CHEAP = RepeatHarmEstimator(n_estimators=8, n_bags=2, min_child_samples=10, n_jobs=1)
DATE = pd.Timestamp("2021-01-01")
OUTCOMES = ["y", "harm", "harm_capped", "serious_count"]


@dataclass(frozen=True)
class Watching:
    """A baseline that keeps the rows it is shown, or refuses them."""

    name: str = "watching"
    seen: list = field(default_factory=list)
    refuses: bool = False

    def fit(self, snapshots, *, seed=0):
        if self.refuses:
            raise SchemaError("nothing to count")
        self.seen.append(snapshots)
        return self

    def predict_margin(self, snapshots):
        self.seen.append(snapshots)
        return np.arange(len(snapshots), dtype=float)

    def predict_proba(self, snapshots):
        return 1 / (1 + np.exp(-self.predict_margin(snapshots)))


def of_date(snapshots, date):
    """The rows of one date whose outcome is known."""
    return snapshots.subset((snapshots.as_of == date) & snapshots.observed)


def assert_shows_no_outcome(rows):
    assert all(getattr(rows, name).isna().all() for name in OUTCOMES)
    assert rows.totals.isna().all(axis=None)
    assert rows.between.shape[1] == 0
    assert not rows.observed.any()
    assert rows.follow_up["days_at_risk"].isna().all()
    assert rows.follow_up["duration_days"].isna().all()
    assert (rows.follow_up["event"] == 0).all()
    assert rows.follow_up["competing"].nunique() == 1
    assert rows.weight.nunique() == 1
    assert rows._histories is None


def test_models_and_baselines_are_shown_no_outcome(snapshots):
    baseline = Watching()
    learn_and_score(snapshots, DATE, CHEAP, (baseline,), seed=0)
    train, *shown = baseline.seen
    assert (train.as_of + pd.Timedelta(days=365)).max() <= train.known_at == DATE
    assert len(shown) == 2
    for rows in shown:
        assert (rows.as_of == DATE).all()
        assert_shows_no_outcome(rows)


def test_a_date_has_the_estimates_of_the_recipe_carried_out_by_hand(snapshots):
    origin = learn_and_score(snapshots, DATE, CHEAP, (Watching(),), seed=0)
    train, _ = split_at(snapshots, DATE)
    test = of_date(snapshots, DATE)
    fitted, held_out = fit_calibrated(train, CHEAP, seed=0, now=test)
    assert origin.as_of == DATE
    assert origin.calibrated_on == held_out.kind
    assert origin.train.to_frame().equals(train.learnable.to_frame())
    assert origin.scores["model"].tolist() == fitted.decision_function(test.X).tolist()
    chance = fitted.predict_proba(test.X)[:, 1]
    assert origin.probabilities["model"].tolist() == chance.tolist()
    assert origin.scores["v100_sum"].tolist() == test.rules["harm_1y"].fillna(0).tolist()
    assert origin.scores["watching"].tolist() == list(range(len(test)))
    assert list(origin.probabilities) == ["model", "watching"]


def test_a_baseline_that_cannot_be_fitted_has_a_reason_and_no_score(snapshots):
    origin = learn_and_score(snapshots, DATE, CHEAP, (Watching(refuses=True),), seed=0)
    assert "watching" not in origin.scores.keys() | origin.probabilities.keys()
    assert "nothing to count" in origin.not_fitted["watching"]


def test_where_nothing_could_be_held_out_it_says_training_rows(snapshots):
    """One person has the outcome: in no other part of the people is it to be seen."""
    train, _ = split_at(snapshots, DATE)
    chosen = train.person_id[train.y == 1].iloc[0]
    with_outcome = set(train.person_id[train.y == 1])
    kept = (snapshots.person_id == chosen) | ~snapshots.person_id.isin(with_outcome)
    with pytest.warns(RiskModelWarning, match="calibrated on training rows"):
        origin = learn_and_score(snapshots.subset(kept), DATE, CHEAP, (), seed=0)
    assert origin.train.person_id[origin.train.y == 1].nunique() == 1
    assert origin.calibrated_on == "training rows"
    assert len(origin.scores["model"]) == (kept & (snapshots.as_of == DATE)).sum()


def test_each_date_is_possible_or_has_its_reason(snapshots):
    found = possible_dates(snapshots)
    horizon, first = pd.Timedelta(days=365), snapshots.dates[0]
    by_hand = [
        date
        for date in snapshots.dates
        if first + horizon <= date and snapshots.observed[snapshots.as_of == date].any()
    ]
    assert list(found.dates) == by_hand
    assert set(found.left_out) == {day(date) for date in snapshots.dates.difference(by_hand)}
    assert found.left_out["2018-01-01"] == "no outcome window had closed by then"
    assert found.left_out["2018-07-01"] == "no outcome window had closed by then"
    assert found.left_out["2024-01-01"] == "its outcomes are not known yet"


def test_an_allowance_for_late_reports_delays_the_first_date(snapshots):
    late = possible_dates(replace(snapshots, late_allowance_days=200))
    first = possible_dates(snapshots).dates[0]
    assert late.left_out[day(first)] == "no outcome window had closed by then"
    assert late.dates[0] >= snapshots.dates[0] + pd.Timedelta(days=565)


def test_rows_that_all_have_the_outcome_teach_nothing(snapshots):
    first = pd.Timestamp("2019-01-01")
    all_have = (snapshots.as_of >= first) | (snapshots.relabelled(first).y == 1)
    rows = snapshots.subset(all_have)
    n = int((rows.as_of + pd.Timedelta(days=365) <= first).sum())
    assert n > 0
    why = possible_dates(rows).left_out["2019-01-01"]
    assert why == f"{n} of {n} rows to learn from had the outcome"


def test_a_ready_made_table_has_no_dates_to_test(table):
    with pytest.raises(SchemaError, match="no task"):
        possible_dates(table)


@pytest.mark.parametrize("text", ["2021-01-01", "2021-01-01T06:30:00"])
def test_a_day_is_told_with_its_time_only_where_it_has_one(text):
    assert day(pd.Timestamp(text)) == text
