"""A rolling back-test names nobody in its JSON, and is saved whole or not at all."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.rolling.result import RollingBacktest

TABLES = ("by_date", "base_rates", "learnt", "predictions")


@pytest.fixture
def found(backtest):
    return backtest


def with_values(found, values):
    """The same back-test, but what the model captured on each date is what is given."""
    table = found.evaluation.by_date.copy()
    mine = (table["metric"] == "mean_captured") & (table["model"] == "model")
    table.loc[mine, "value"] = values
    return replace(found, evaluation=replace(found.evaluation, by_date=table))


def reference(found):
    table = found.evaluation.by_date
    mine = (table["metric"] == "mean_captured") & (table["model"] == "v100_sum")
    return table.loc[mine, "value"].to_numpy()


def test_everything_comes_back_from_its_json_and_from_its_folder(found, tmp_path):
    again = RollingBacktest.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False)))
    loaded = RollingBacktest.load(found.save(tmp_path / "backtest"))
    for other in (again, loaded):
        assert other.to_dict() == found.to_dict()
        assert str(other) == str(found)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(found, name), check_exact=True)
    assert again.predictions.empty
    assert again.predictions.dtypes["probability"] == np.float64


def test_the_json_names_nobody(found):
    text = json.dumps(found.to_dict())
    assert not any(person in text for person in found.predictions["person_id"])


def test_saving_again_replaces_and_a_folder_with_other_files_is_left_alone(found, tmp_path):
    place = found.save(tmp_path / "backtest")
    replace(found, left_out={"2001-01-01": "another reason"}).save(place)
    assert RollingBacktest.load(place).left_out == {"2001-01-01": "another reason"}
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(RiskModelError, match="holds other files"):
        found.save(tmp_path / "thesis")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_interrupted_saving_leaves_the_old_result(found, tmp_path, monkeypatch):
    place = found.save(tmp_path / "backtest")
    before = {path.name: path.read_bytes() for path in place.iterdir()}

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_csv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace(found, left_out={"2001-01-01": "x"}).save(place)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["backtest"]


def test_person_ids_that_look_like_missing_values_or_numbers_stay(found, tmp_path):
    odd = ["NA", "nan", "007", "1e5", "", 'a,"b"']
    rows = found.predictions.head(len(odd)).assign(person_id=odd)
    loaded = RollingBacktest.load(replace(found, predictions=rows).save(tmp_path / "odd"))
    assert loaded.predictions["person_id"].tolist() == odd


def test_doubling_and_halving_cancel_out(found):
    base = reference(found)
    factors = np.resize([2.0, 0.5], len(base))
    changed = with_values(found, base * factors)
    assert changed.ratios().tolist() == pytest.approx(factors.tolist())
    assert changed.geometric_mean_ratio(dates=changed.dates[:2]) == pytest.approx(1)
    assert changed.geometric_mean_ratio(dates=changed.dates[0]) == pytest.approx(2)


def test_nothing_captured_is_nought_and_an_undefined_ratio_is_undefined(found):
    base = reference(found)
    assert with_values(found, base * 0).geometric_mean_ratio() == 0
    first_missing = with_values(found, np.where(np.arange(len(base)) == 0, np.nan, base))
    assert np.isnan(first_missing.geometric_mean_ratio())
    assert first_missing.geometric_mean_ratio(dates=found.dates[1:]) == pytest.approx(1)


def test_ratios_of_a_metric_at_a_length_of_list(found):
    table = found.evaluation.by_date
    table = table[(table["metric"] == "captured") & (table["k"].astype("str") == "10")]
    values = table.pivot(index="as_of", columns="model", values="value")
    expected = (values["model"] / values["prior_count"]).to_numpy()
    ratios = found.ratios("captured@10", over="prior_count")
    np.testing.assert_allclose(ratios, np.where(np.isinf(expected), np.nan, expected))


def test_unknown_metrics_scores_and_dates_are_named(found):
    with pytest.raises(SchemaError, match="no metric 'captured@7' of 'model'"):
        found.ratios("captured@7")
    with pytest.raises(SchemaError, match=r"of 'nobody'[\s\S]*Scores are model"):
        found.geometric_mean_ratio(over="nobody")
    with pytest.raises(SchemaError, match="2001-01-01 given"):
        found.geometric_mean_ratio(dates="2001-01-01")


def test_coverage_counts_only_dates_with_a_forecast(found):
    rates = found.base_rates
    assert (rates["from_date"] + pd.Timedelta(days=365) <= rates["as_of"]).all()
    held = (rates["low"] <= rates["observed"]) & (rates["observed"] <= rates["high"])
    assert rates["covered"].tolist() == held.tolist()
    row = found.base_rate_coverage.iloc[0]
    assert (row["n"], row["held"]) == (len(rates), held.sum())
    one = rates.assign(estimate=rates["estimate"].where(np.arange(len(rates)) == 0))
    assert replace(found, base_rates=one).base_rate_coverage.iloc[0]["n"] == 1
    none = replace(found, base_rates=rates.assign(estimate=np.nan))
    assert none.base_rate_coverage.empty
