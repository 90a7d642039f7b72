"""What holds for every baseline alike: finite answers, no chance, no order of rows."""

from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.model.baselines.catalogue import baseline_named, default_baselines
from tests.model.baselines.tables import in_other_order

NAMES = [baseline.name for baseline in default_baselines()]
LEARNT = ("logistic", "elastic_net", "explainable_boosting", "default_trees")
ANSWERS = ("predict_margin", "predict_proba")


@pytest.fixture(scope="module")
def fitted(train_and_test):
    return {name: baseline_named(name).fit(train_and_test[0], seed=3) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_everyone_gets_a_finite_answer(name, fitted, train_and_test):
    test = train_and_test[1]
    for answer in ANSWERS:
        values = getattr(fitted[name], answer)(test)
        assert values.dtype == np.float64
        assert values.shape == (len(test),)
        assert np.isfinite(values).all()
    assert ((values > 0) & (values < 1)).all()
    assert fitted[name].name == name


@pytest.mark.parametrize("name", NAMES)
def test_answers_follow_a_person_into_another_order(name, fitted, train_and_test):
    train, test = train_and_test
    learnt_from, _ = in_other_order(train)
    asked, order = in_other_order(test)
    again = baseline_named(name).fit(learnt_from, seed=3)
    for answer in ANSWERS:
        before = getattr(fitted[name], answer)(test)
        assert np.array_equal(getattr(again, answer)(asked), before[order])


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_are_in_the_order_of_the_margins(name, fitted, train_and_test):
    margin, probability = (getattr(fitted[name], answer)(train_and_test[1]) for answer in ANSWERS)
    assert (np.diff(probability[np.argsort(margin, kind="stable")]) >= -1e-12).all()


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_add_up_to_the_outcomes_learnt_from(name, fitted, train_and_test):
    train = train_and_test[0].learnable
    said = fitted[name].predict_proba(train).sum()
    assert said == pytest.approx(train.y.sum(), rel=0.15)


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_are_not_labelled_teach_nothing(name, fitted, train_and_test):
    train, test = train_and_test
    hidden = replace(train, y=train.y.where(np.arange(len(train)) % 2 == 0))
    alone = train.subset(np.arange(len(train)) % 2 == 0)
    one, two = (baseline_named(name).fit(rows, seed=3) for rows in (hidden, alone))
    assert np.array_equal(one.predict_proba(test), two.predict_proba(test))
    assert not np.array_equal(one.predict_proba(test), fitted[name].predict_proba(test))


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_weigh_more_count_for_more(name, fitted, train_and_test):
    train, test = train_and_test
    heavier = replace(train, weight=train.weight.where(train.y != 1, 3.0))
    said = baseline_named(name).fit(heavier, seed=3).predict_proba(test)
    assert said.mean() > 1.3 * fitted[name].predict_proba(test).mean()


@pytest.mark.parametrize("name", NAMES)
def test_only_ratios_of_weights_matter(name, train_and_test):
    train, test = train_and_test
    weight = train.weight.where(train.y != 1, 3.0)
    one, hundredth = (
        baseline_named(name).fit(replace(train, weight=scale * weight), seed=3).predict_proba(test)
        for scale in (1.0, 0.01)
    )
    assert np.allclose(one, hundredth, atol=1e-6)


@pytest.mark.parametrize("name", LEARNT)
def test_columns_are_found_by_name(name, fitted, train_and_test):
    test = train_and_test[1]
    turned = replace(test, X=test.X[test.X.columns[::-1]])
    found = fitted[name].predict_margin(turned)
    assert np.array_equal(found, fitted[name].predict_margin(test))
    with pytest.raises(ModelMismatchError, match=r"lacks 1 columns .*count_1y"):
        fitted[name].predict_margin(replace(test, X=test.X.drop(columns="count_1y")))


@pytest.mark.parametrize("name", NAMES)
def test_one_class_teaches_nothing(name, train_and_test):
    nobody = train_and_test[0].subset(train_and_test[0].y == 0)
    with pytest.raises(SchemaError, match="one class only"):
        baseline_named(name).fit(nobody)


@pytest.mark.parametrize("baseline", default_baselines(), ids=NAMES)
def test_settings_are_frozen(baseline):
    with pytest.raises(FrozenInstanceError):
        setattr(baseline, fields(baseline)[0].name, "other")
