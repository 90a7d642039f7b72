"""Tables of a rolling back-test agree with what each date said, row by row."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from riskmodel.model.calibration.base_rate import forecast_base_rate
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.rolling import tables
from riskmodel.model.rolling.origin import Origin
from riskmodel.model.rolling.result import (
    BASE_RATE_KINDS,
    BY_DATE_KINDS,
    LEARNT_KINDS,
    PREDICTION_KINDS,
)
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots

OLD, NEW = pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")


def ready_made(as_of, y, seed=0):
    X = pd.DataFrame({"priors": np.random.default_rng(seed).poisson(2, len(y))})
    people = [f"p{number}" for number in range(len(y))]
    return Snapshots.from_table(X, y, as_of=as_of, person_id=people)


def origin(date, train=None, **given):
    parts = {
        "calibrated_on": "later date",
        "scores": {},
        "probabilities": {},
        "not_fitted": {},
        **given,
    }
    return Origin(as_of=date, train=train, **parts)


@pytest.fixture(scope="module")
def judged():
    """A hundred and twenty people on two dates whose rows lie mixed."""
    rng = np.random.default_rng(1)
    as_of = rng.choice([OLD, NEW], 120)
    return ready_made(as_of, (rng.random(120) < 0.3).astype(float))


@pytest.fixture(scope="module")
def origins(judged):
    """What each date says of its rows, in their order: 1000s are of the old date."""
    rng = np.random.default_rng(2)
    trains = {
        OLD: ready_made(["2018-01-01"] * 3, [1, 0, 0]),
        NEW: ready_made(["2018-01-01", "2019-01-01"] * 2, [1, 0, 1, 1]),
    }
    made = []
    for date, start in ((OLD, 1000.0), (NEW, 2000.0)):
        n = int((judged.as_of == date).sum())
        scores = {"model": rng.normal(size=n), "v100_sum": start + np.arange(n)}
        chance = {"model": 1 / (1 + np.exp(-scores["model"]))}
        made.append(origin(date, trains[date], scores=scores, probabilities=chance))
    return made


@pytest.fixture(scope="module")
def evaluation(judged, origins):
    scores = tables.pooled(judged, origins, "scores")
    return evaluate_scores(judged, scores, ks=(5, 10), n_replicates=5, seed=0)


@pytest.mark.parametrize("turn", [1, -1])
def test_pooled_scores_lie_at_the_rows_of_their_date_in_their_order(judged, origins, turn):
    pooled = tables.pooled(judged, origins[::turn], "scores")["v100_sum"]
    counts = {OLD: 1000.0, NEW: 2000.0}
    for date, value in zip(judged.as_of, pooled, strict=True):
        assert value == counts[date]
        counts[date] += 1


def test_only_scores_that_every_date_has_are_pooled(judged, origins):
    old, new = origins
    n = len(new.scores["model"])
    more = origin(NEW, scores={"one": np.zeros(n), **new.scores})
    assert list(tables.pooled(judged, [old, more], "scores")) == ["model", "v100_sum"]
    assert list(tables.pooled(judged, [more, old], "scores")) == ["model", "v100_sum"]
    assert list(tables.pooled(judged, [more], "scores")) == ["one", "model", "v100_sum"]


def test_what_is_missing_somewhere_has_the_reason_of_its_first_date():
    partly = [
        origin(OLD, scores={"b": 0, "d": 0}, not_fitted={"a": "too\n  few rows"}),
        origin(NEW, scores={"d": 0, "c": 0}, not_fitted={"a": "another", "b": "no harm"}),
    ]
    assert tables.not_everywhere(partly) == {
        "a": "as of 2020-01-01: too few rows",
        "b": "as of 2021-01-01: no harm",
        "c": "as of 2020-01-01: it could not be computed",
    }
    assert tables.not_everywhere(partly[:1]) == {"a": "as of 2020-01-01: too few rows"}


def test_predictions_have_one_row_a_person_and_date_and_one_column_a_score(judged, origins):
    scores, chances = (tables.pooled(judged, origins, part) for part in ("scores", "probabilities"))
    found = tables.predictions(judged, scores, chances["model"])
    assert list(found) == [*PREDICTION_KINDS, "v100_sum"]
    assert found["person_id"].tolist() == judged.person_id.tolist()
    assert found["as_of"].tolist() == judged.as_of.tolist()
    assert found["y"].tolist() == judged.y.tolist()
    assert found["margin"].tolist() == scores["model"].tolist()
    assert found["v100_sum"].tolist() == scores["v100_sum"].tolist()
    np.testing.assert_allclose(found["probability"], 1 / (1 + np.exp(-found["margin"])))


def test_rows_learnt_from_are_counted_by_their_own_date(origins):
    found = tables.learnt(origins)
    assert list(found) == list(LEARNT_KINDS)
    assert list(found.itertuples(index=False, name=None)) == [
        (OLD, pd.Timestamp("2018-01-01"), 3, 1.0),
        (NEW, pd.Timestamp("2018-01-01"), 2, 2.0),
        (NEW, pd.Timestamp("2019-01-01"), 2, 1.0),
    ]


def test_each_date_stands_beside_what_it_learnt_from_and_what_came(judged, origins, evaluation):
    found = tables.by_date(judged, origins, evaluation)
    assert list(found) == list(BY_DATE_KINDS)
    assert found["as_of"].tolist() == [OLD, NEW]
    assert found[["train_rows", "train_dates"]].to_numpy().tolist() == [[3, 1], [4, 2]]
    assert found["train_last"].dt.year.tolist() == [2018, 2019]
    for row, made in zip(found.itertuples(), origins, strict=True):
        y = judged.y[judged.as_of == row.as_of]
        chance = made.probabilities["model"]
        assert (row.n, row.base_rate) == (len(y), pytest.approx(y.mean()))
        assert row.expected == pytest.approx(chance.mean())
        assert row.observed_over_expected == pytest.approx(y.sum() / chance.sum())
        assert row.auc == pytest.approx(roc_auc_score(y, made.scores["model"]))
        assert row.reference_auc == pytest.approx(roc_auc_score(y, made.scores["v100_sum"]))
        assert row.auc_difference == pytest.approx(row.auc - row.reference_auc)
        assert row.captured_ratio == pytest.approx(row.mean_captured / row.reference_captured)


def test_a_reference_that_captured_nothing_has_no_ratio(judged, origins, evaluation):
    table = evaluation.by_date.copy()
    reference = (table["metric"] == "mean_captured") & (table["model"] == "v100_sum")
    table.loc[reference, "value"] = 0.0
    nothing = SimpleNamespace(by_date=table, reference="v100_sum")
    found = tables.by_date(judged, origins, nothing)
    assert found["captured_ratio"].isna().all()
    assert found["mean_captured"].notna().all()


def test_base_rates_are_the_forecast_from_what_the_date_learnt_from(snapshots):
    dates = [pd.Timestamp("2021-01-01"), pd.Timestamp("2022-07-01")]
    judged = snapshots.subset(snapshots.as_of.isin(dates) & snapshots.observed)
    made = [origin(date, split_at(snapshots, date)[0].learnable) for date in dates]
    found = tables.base_rates(judged, made)
    assert list(found) == list(BASE_RATE_KINDS)
    for row, one in zip(found.itertuples(), made, strict=True):
        stated = forecast_base_rate(one.train, one.as_of)
        assert (row.estimate, row.low, row.high) == (stated.estimate, stated.low, stated.high)
        assert row.from_date == stated.from_date
        assert row.observed == pytest.approx(judged.y[judged.as_of == row.as_of].mean())
        assert row.covered == (stated.low <= row.observed <= stated.high)
        assert row.note == ""
    far = [origin(one.as_of, one.train) for one in made]
    none = tables.base_rates(judged.subset(judged.y == 0), far)
    assert none["observed"].tolist() == [0, 0]
    assert not none["covered"].any()


def test_a_date_without_a_forecast_says_why_and_covers_nothing(judged, origins):
    found = tables.base_rates(judged, origins)  # of ready-made rows nothing is known of windows
    assert found["estimate"].isna().all()
    assert not found["covered"].any()
    assert found["observed"].notna().all()
    assert found["note"].str.len().gt(0).all()
