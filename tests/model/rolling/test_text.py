"""The text of a rolling back-test: narrow lines, the worst date by name, nothing left unsaid."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.rolling.text import rolling_text

LONG = "the library it needs is not installed and this goes on for quite a while " * 3


@pytest.fixture
def found(backtest):
    return backtest


def flat(found):
    """The text without its line breaks."""
    return " ".join(rolling_text(found).split())


def lines_of_dates(found):
    return [
        line for line in rolling_text(found).splitlines() if re.match(r"\d{4}-\d\d-\d\d ", line)
    ]


def test_it_leads_with_what_was_captured_then_goes_date_by_date(found):
    text = rolling_text(found)
    assert text == str(found)
    assert text.index("mean captured") < text.index("as of  ")
    leading = found.evaluation.row("mean_captured", "model")
    ends = f"{100 * leading['low']:.1f}, {100 * leading['high']:.1f}"
    assert f"{100 * leading['value']:.1f} [{ends}]" in text
    assert f"on {len(found.dates)} dates, " in flat(found)
    assert [line[:10] for line in lines_of_dates(found)] == [
        f"{date:%Y-%m-%d}" for date in found.dates
    ]
    for line, row in zip(lines_of_dates(found), found.by_date.itertuples(), strict=True):
        assert line.endswith(row.calibrated_on)
        assert f" {row.base_rate:.1%} " in line


def test_no_line_is_longer_than_it_says_however_many_rows_and_reasons(found):
    wide = found.by_date.assign(
        n=350_000, train_rows=9_999_999, captured_ratio=12.34, calibrated_on="training rows"
    )
    reasons = {f"199{number}-01-01": LONG for number in range(3)}
    names = {"explainable_boosting": LONG, "proportional_hazards": LONG}
    full = replace(found, by_date=wide, left_out=reasons, baselines_left_out=names)
    for one in (found, full):
        assert max(map(len, rolling_text(one).splitlines())) <= 100
    for name, why in (reasons | names).items():
        assert f"{name}, {' '.join(why.split())}" in flat(full)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_worst_date_is_named_with_its_ratio(found, place):
    ratios = np.full(len(found.dates), 1.5)
    ratios[place] = 0.25
    bad = replace(found, by_date=found.by_date.assign(captured_ratio=ratios))
    assert f"at worst 0.25 on {found.dates[place]:%Y-%m-%d}" in flat(bad)


def test_where_no_ratio_is_defined_no_date_is_the_worst_and_dashes_stand(found):
    none = replace(found, by_date=found.by_date.assign(captured_ratio=np.nan, auc=np.nan))
    assert "at worst" not in rolling_text(none)
    assert all(" - " in line for line in lines_of_dates(none))
    assert "nan" not in rolling_text(none)


def test_one_date_is_one_date(found):
    text = flat(replace(found, by_date=found.by_date.head(1)))
    assert f"on 1 date, {found.dates[0]:%Y-%m-%d}:" in text


def test_every_score_has_a_line_and_the_reference_no_difference_to_itself(found):
    lines = rolling_text(found).splitlines()
    for name in found.evaluation.models:
        mine = [line for line in lines if line.startswith(f"{name} ")]
        assert len(mine) == 1
        assert mine[0].count("[") == (1 if name == found.evaluation.reference else 2)
        assert mine[0].endswith(f"{found.evaluation.value('auc', name):.3f}")


def test_an_undefined_figure_is_called_so(found):
    table = found.evaluation.table.copy()
    mine = (table["metric"] == "mean_captured") & (table["model"] == "model")
    table.loc[mine, ["value", "difference"]] = np.nan
    text = rolling_text(replace(found, evaluation=replace(found.evaluation, table=table)))
    assert re.search(r"^model +undefined +undefined", text, re.MULTILINE)


def test_what_was_left_out_is_told_with_its_reason(found):
    assert found.left_out
    for date, why in found.left_out.items():
        assert f"Not tested: {date}, {why}." in flat(found)
    told = flat(replace(found, left_out={}, baselines_left_out={"oracle": "no rows"}))
    assert "Not tested" not in told
    assert "Not compared: oracle, no rows." in told


def test_base_rates_are_counted_where_there_was_a_forecast(found):
    held = int(found.base_rates["covered"].sum())
    assert f"{held} of {len(found.base_rates)} dates inside their 80% interval" in flat(found)
    none = replace(found, base_rates=found.base_rates.assign(estimate=np.nan))
    assert "Base rates stated" not in flat(none)


def test_a_line_names_nobody(found):
    people = set(found.predictions["person_id"])
    assert people
    assert not people & set(re.findall(r"[\w-]+", rolling_text(found)))
    assert isinstance(found.worst_date, pd.Timestamp)
