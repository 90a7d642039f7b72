"""Rates by date and group leave without counts, say them no closer, and never miss just one."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, MEASURED
from riskmodel.audit.disclosure.coarse import (
    CLOSEST,
    STEPS,
    coarse_gaps,
    coarse_rates,
    step_without_counts,
)

DATES = pd.to_datetime(["2020-01-01", "2021-01-01"])


def by_group(counts, metric="selection_rate"):
    return pd.DataFrame(
        [
            {
                "as_of": date, "characteristic": "sex", "group": group, "metric": metric,
                "value": top / of, "low": top / of - 0.01, "high": top / of + 0.01,
                "numerator": top, "denominator": of, "withheld": False,
                "people": of, "n": of,
            }
            for date in DATES
            for group, (top, of) in counts.items()
        ]
    )  # fmt: skip


COUNTS = st.integers(1, 900).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(st.lists(COUNTS, min_size=2, max_size=5))
@settings(max_examples=50, deadline=None)
def test_no_rate_says_its_count_closer_than_two_and_none_is_withheld_alone(pairs):
    rates = by_group(dict(zip("abcde", pairs, strict=False)))
    found = coarse_rates(rates)
    assert not {"numerator", "denominator", "n", "people"} & set(found.columns)
    of, top = (rates[name].to_numpy(dtype=float) for name in ("denominator", "numerator"))
    open_ones = ~found["withheld"].to_numpy()
    assert (found["value"].notna() == open_ones).all()
    steps = step_without_counts(of)[open_ones]
    on_a_step = found["value"].to_numpy()[open_ones] / steps
    np.testing.assert_allclose(on_a_step, np.round(on_a_step), atol=1e-4)
    assert (np.abs(found["value"] - rates["value"])[open_ones] <= steps / 2 + 1e-6).all()
    small = ((top > 0) & (top < 8)) | ((of - top > 0) & (of - top < 8))
    assert not (small & open_ones).any()
    for _, rows in found.groupby("as_of"):
        assert rows["withheld"].sum() != 1


@given(st.floats(1, 10_000))
def test_a_step_is_the_finest_that_leaves_a_count_within_two_open(of):
    (step,) = step_without_counts(np.array([of]))
    fit = [each for each in STEPS if of * each / 2 >= CLOSEST]
    assert np.isnan(step) if not fit else step == min(fit)


def test_where_one_group_is_withheld_the_smallest_other_is():
    found = coarse_rates(by_group({"f": (3, 400), "m": (80, 900), "x": (40, 300)}))
    for _, rows in found.groupby("as_of"):
        assert rows.set_index("group")["withheld"].to_dict() == {"f": True, "m": False, "x": True}


def test_where_one_date_of_a_group_is_withheld_another_is():
    table = by_group({"f": (60, 400), "m": (80, 900), "x": (40, 300)})
    later = (table["as_of"] == DATES[1]) & table["group"].isin(["f", "x"])
    table.loc[later, "withheld"] = True
    found = coarse_rates(table).set_index(["as_of", "group"])["withheld"]
    assert found[DATES[0]].to_dict() == {"f": True, "m": False, "x": True}


def test_a_rate_of_few_different_people_is_withheld():
    table = by_group({"f": (60, 400), "m": (80, 900), "x": (40, 300)}).assign(
        people=[7, 50, 50] * 2
    )
    found = coarse_rates(table).groupby("group")["withheld"].all()
    assert found.to_dict() == {"f": True, "m": False, "x": True}


def test_what_is_neither_rate_nor_mean_stays_inside():
    """Shares of the list add up to the length of it, which everyone knows."""
    for metric in ("share_of_list", "share_of_harm_days", "observed_over_expected", "new_metric"):
        assert coarse_rates(by_group({"f": (60, 400), "m": (80, 900)}, metric)).empty, metric
    assert len(coarse_rates(by_group({"f": (60, 400), "m": (80, 900)}, "mean_probability"))) == 4


def gaps_of(*groups):
    return pd.DataFrame(
        [
            {"as_of": date, "characteristic": "sex", "group": group, "reference": "m",
             "metric": "selection_rate", "status": MEASURED, "reason": "", "difference": -0.05,
             "difference_low": -0.07, "difference_high": -0.03}
            for date in DATES for group in groups
        ]
    ).reindex(columns=["as_of", *GAP_COLUMNS])  # fmt: skip


def test_gaps_are_those_of_the_published_rates_of_their_date():
    rates = by_group({"f": (45, 900), "m": (90, 900), "x": (3, 900), "y": (40, 500)})
    more = (rates["as_of"] == DATES[1]) & (rates["group"] == "f")
    rates.loc[more, ["value", "numerator"]] = 0.2, 180
    shown = coarse_rates(rates)
    found = coarse_gaps(gaps_of("f", "x", "y"), shown, rates)
    by_name = found.set_index(["group", "as_of"])["difference"]
    np.testing.assert_allclose(by_name["f"], [0.05 - 0.1, 0.2 - 0.1])
    assert by_name[["x", "y"]].isna().all()  # y is the smallest beside x
    assert found["difference_se"].isna().all()


def test_without_published_rates_there_are_no_gaps():
    rates = by_group({"f": (45, 900), "m": (90, 900)})
    assert coarse_gaps(gaps_of("f"), coarse_rates(rates.iloc[:0]), rates).empty
