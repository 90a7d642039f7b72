from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.bagging import Rows, bags_of
from riskmodel.model.calibration.anchoring import anchored
from riskmodel.model.calibration.isotonic import IsotonicCalibration
from riskmodel.model.calibration.logistic import LogisticCalibration
from riskmodel.model.calibration.reading import CALIBRATIONS
from riskmodel.model.fallback import fit_fallback
from riskmodel.model.fallback_files import FALLBACK_FEATURES
from riskmodel.model.inputs import person_codes
from riskmodel.model.part_learning import learn_logistic
from riskmodel.model.scorer import Scorer
from riskmodel.schema import is_protected
from riskmodel.snapshots.aggregate import RULE_COLUMNS
from riskmodel.statistics.log_odds import expit, logit

NO_ERROR = ((0.0, 0.0), (0.0, 0.0))
STRAIGHT = LogisticCalibration(0.0, 1.0, NO_ERROR, 10, 10)


@pytest.fixture(scope="module")
def rows(world_snapshots):
    """About seven thousand rows of six dates, all with a known outcome."""
    return world_snapshots.learnable


def linear(rows, names=FALLBACK_FEATURES):
    """The sum of the columns, each standardised on signed log1p."""
    log = np.log1p(rows.rules[list(names)].to_numpy())
    log = log[:, log.std(axis=0) > 0]
    return ((log - log.mean(axis=0)) / log.std(axis=0)).sum(axis=1)


def drawn(rows, log_odds, seed=0):
    """The same rows with outcomes drawn anew by their log-odds."""
    happened = np.random.default_rng(seed).random(len(rows)) < expit(log_odds)
    return replace(rows, y=pd.Series(happened.astype(float)))


def full_scorer(rows, calibration=STRAIGHT):
    """A full model: one logistic part on every feature, with a curve of choice."""
    names = [str(name) for name in rows.X.columns]
    codes = person_codes(rows.person_id, len(rows))
    learnt = Rows(rows.X.to_numpy(), rows.y.to_numpy(), np.ones(len(rows)), codes)
    part = learn_logistic(learnt, bags_of(learnt, n_bags=3, seed=0), names, 0.005)
    return Scorer(
        feature_names=tuple(names),
        parts={"logistic": part},
        margin_variance=0.01,
        calibration=calibration,
        harm_trees=None,
    )


def table(fallback, rows):
    return rows.rules[list(fallback.feature_names)].to_numpy(dtype=np.float64, copy=True)


def newest(rows):
    return (rows.as_of == rows.dates[-1]).to_numpy()


def mean_of_full(scorer, rows):
    return scorer.estimates(rows.X.to_numpy()[newest(rows)]).probability.mean()


def test_reads_columns_that_every_row_has_and_no_protected_one():
    assert set(FALLBACK_FEATURES) <= set(RULE_COLUMNS)
    assert not any(is_protected(name) for name in FALLBACK_FEATURES)
    assert not {"age", "days_since_first"} & set(FALLBACK_FEATURES)


def test_planted_chances_come_back(rows):
    truth = -2.0 + 0.5 * linear(rows)
    planted = drawn(rows, truth)
    full = full_scorer(planted)
    level = logit(mean_of_full(full, planted))
    fallback = fit_fallback(planted, full, seed=0)
    stated = fallback.estimates(table(fallback, planted)).probability
    # its level is the full model's; all else is the truth
    moved = logit(stated) + (truth.mean() - logit(stated).mean())
    assert np.abs(expit(moved) - expit(truth)).mean() < 0.02
    assert np.corrcoef(logit(stated), truth)[0, 1] > 0.99
    assert abs(level - logit(expit(truth[newest(rows)]).mean())) < 0.3


def test_whatever_scale_the_full_margins_have_the_chances_are_the_same(rows):
    planted = drawn(rows, -2.0 + 0.3 * linear(rows))
    full = full_scorer(planted)
    plain = fit_fallback(planted, full, seed=0)
    stretched = replace(
        full, calibration=LogisticCalibration(0.7, 0.25, NO_ERROR, 10, 10), parts=stretch(full, 4)
    )
    other = fit_fallback(planted, stretched, seed=0)
    seen = table(plain, planted)
    assert other.parts["logistic"].slope == pytest.approx(4 * plain.parts["logistic"].slope, 1e-5)
    assert np.allclose(
        other.estimates(seen).probability, plain.estimates(seen).probability, atol=1e-6
    )
    assert other.margin_variance == pytest.approx(16 * plain.margin_variance, rel=1e-4)


def stretch(full, by):
    """Parts whose margins read through the stretched curve give the same chances as before."""
    part = full.parts["logistic"]
    return {"logistic": replace(part, slope=part.slope * by, shift=part.shift * by - 0.7 / 0.25)}


def test_a_drifted_base_rate_moves_the_level_and_not_the_steepness(rows):
    """The rate falls from date to date, and all outcomes together would state another."""
    date = np.unique(rows.as_of, return_inverse=True)[1]
    truth = 1.0 + 0.4 * linear(rows) - 0.8 * date
    planted, now = drawn(rows, truth), newest(rows)
    rate = planted.y[now].mean()
    assert planted.y.mean() > 2 * rate
    full = full_scorer(planted)
    curve = anchored(full.calibration, full.margin(rows.X.to_numpy()[now])[0], rate)
    full = replace(full, calibration=curve)
    fallback = fit_fallback(planted, full, seed=0)
    stated = fallback.estimates(table(fallback, rows)[now]).probability
    assert stated.mean() == pytest.approx(mean_of_full(full, planted), abs=1e-9)
    assert stated.mean() == pytest.approx(rate, abs=1e-6)
    for_one_more = np.polyfit(logit(stated), truth[now], 1)[0]  # of what is stated, in truth
    assert abs(for_one_more - 1) < 0.1


def test_a_level_that_was_forecast_is_the_fallbacks_too(rows):
    planted = drawn(rows, -1.5 + 0.4 * linear(rows))
    full = full_scorer(planted)
    halved = replace(full, calibration=full.calibration.shifted(-np.log(2)))
    for scorer in (full, halved):
        fallback = fit_fallback(planted, scorer, seed=0)
        stated = fallback.estimates(table(fallback, rows)[newest(rows)]).probability
        assert stated.mean() == pytest.approx(mean_of_full(scorer, planted), abs=1e-9)


@pytest.mark.parametrize("kind", sorted(CALIBRATIONS))
def test_any_curve_gives_it_the_full_level_and_keeps_its_order(rows, kind):
    planted = drawn(rows, -1.5 + 0.4 * linear(rows))
    full = full_scorer(planted)
    held_out = slice(0, 1500)
    curve = CALIBRATIONS[kind].fit(full.margin(rows.X.to_numpy()[held_out])[0], planted.y[held_out])
    full = replace(full, calibration=curve)
    fallback = fit_fallback(planted, full, seed=0)
    found = fallback.estimates(table(fallback, rows))
    assert fallback.parts["logistic"].slope > 0
    close = 2e-3 if kind == "venn_abers" else 1e-6  # a curve of steps does not reach every mean
    assert found.probability[newest(rows)].mean() == pytest.approx(
        mean_of_full(full, planted), abs=close
    )
    assert np.corrcoef(found.probability, expit(-1.5 + 0.4 * linear(rows)))[0, 1] > 0.95
    assert (np.diff(found.probability[np.argsort(found.margin)]) >= 0).all()


def test_a_flat_curve_says_its_one_probability(rows):
    flat = IsotonicCalibration((0.0,), (0.2,), (0.1,), 10, 10)
    planted = drawn(rows, -1.5 + 0.4 * linear(rows))
    fallback = fit_fallback(planted, full_scorer(planted, flat), seed=0)
    assert (fallback.estimates(table(fallback, rows)).probability == 0.2).all()


def test_a_mixed_list_sorted_by_margin_is_in_order_of_probability(world_snapshots, world_model):
    rows = world_snapshots.learnable
    fallback = world_model.fallback
    full = world_model.scorer.estimates(rows.X.to_numpy())
    small = fallback.estimates(table(fallback, rows))
    lacks = np.random.default_rng(0).random(len(rows)) < 0.5
    margin = np.where(lacks, small.margin, full.margin)
    probability = np.where(lacks, small.probability, full.probability)
    assert (np.diff(probability[np.argsort(margin)]) >= 0).all()


def test_calibrated_on_later_dates(rows):
    """Learnt up to one date, and right on average and in steepness on those after it."""
    truth = -2.0 + 0.35 * linear(rows)
    planted = drawn(rows, truth)
    early = (rows.as_of <= rows.dates[2]).to_numpy()
    learnt, later = planted.subset(early), planted.subset(~early)
    full = full_scorer(learnt)
    rate = learnt.y[newest(learnt)].mean()
    margin = full.margin(learnt.X.to_numpy()[newest(learnt)])[0]
    full = replace(full, calibration=anchored(full.calibration, margin, rate))
    fallback = fit_fallback(learnt, full, seed=0)
    stated = fallback.estimates(table(fallback, later)).probability
    of_level = np.sqrt(rate * (1 - rate) / newest(learnt).sum())  # it rests on one date's rate
    error = np.hypot(np.sqrt((stated * (1 - stated)).sum()) / len(later), of_level)
    assert abs(stated.mean() - later.y.mean()) < 4 * error
    fitted = LogisticCalibration.fit(logit(stated), later.y)
    assert abs(fitted.slope - 1) < 4 * np.hypot(np.sqrt(fitted.covariance[1][1]), 0.05)


def test_serious_harm_on_record_never_lowers_its_margin(rows):
    against = -1.5 + 0.4 * linear(rows) - 0.8 * linear(rows, ["prior_serious"])
    planted = drawn(rows, against)
    fallback = fit_fallback(planted, full_scorer(planted), seed=0)
    assert "prior_serious" not in fallback.feature_names
    seen = table(fallback, rows)
    for name in {"harm_1y", "decayed_serious"} & set(fallback.feature_names):
        more = seen.copy()
        more[:, fallback.feature_names.index(name)] += 10
        assert (fallback.margin(more)[0] >= fallback.margin(seen)[0]).all()


def test_one_row_and_many_have_the_same_bits(world_snapshots, world_model):
    fallback = world_model.fallback
    seen = table(fallback, world_snapshots)[:200]
    seen[::7, fallback.feature_names.index("days_since_last")] = np.nan
    together = fallback.estimates(seen)
    for number, row in enumerate(seen):
        for many, one in zip(together, fallback.estimates(row[None, :]), strict=True):
            assert many[number : number + 1].tobytes() == one.tobytes()


def test_contributions_add_up_and_no_harm_is_expected(world_snapshots, world_model):
    fallback = world_model.fallback
    seen = table(fallback, world_snapshots)
    seen[::5, fallback.feature_names.index("days_since_last")] = np.nan
    values, base = fallback.contributions(seen)
    found = fallback.estimates(seen)
    assert np.allclose(values.sum(axis=1) + base, found.margin, atol=1e-9)
    assert np.isnan(found.expected_harm).all()
    assert (found.low < found.probability).all()
    assert (found.probability < found.high).all()


def test_its_error_is_the_spread_between_halves_on_the_scale_of_the_margin(rows):
    planted = drawn(rows, -1.5 + 0.4 * linear(rows))
    fallback = fit_fallback(planted, full_scorer(planted), seed=0)
    part = fallback.parts["logistic"]
    margins = part.slope * part.raw(table(fallback, rows), None) + part.shift
    assert fallback.margin_variance == pytest.approx(margins.var(axis=0, ddof=1).mean())
    assert part.n_bags == 3


def test_a_seed_gives_one_fallback(rows):
    planted = drawn(rows, -1.5 + 0.4 * linear(rows))
    full = full_scorer(planted)
    once, again, other = (fit_fallback(planted, full, seed=seed) for seed in (4, 4, 5))
    assert once.parts["logistic"].curves == again.parts["logistic"].curves
    assert once.parts["logistic"].slope == again.parts["logistic"].slope
    assert once.parts["logistic"].curves != other.parts["logistic"].curves


def test_a_ready_made_table_has_none(table_model):
    assert table_model.fallback is None
