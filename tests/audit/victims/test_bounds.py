"""The bounds hold every assignment of the unrecorded, and the worst and best reach them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.audit.by_group.gaps import INSUFFICIENT, MEASURED
from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.victims.bounds import BOUND_COLUMNS, agreement, victim_bounds
from riskmodel.audit.victims.coverage import COVERAGE, victim_tables
from riskmodel.audit.victims.offences import SCORED, LaterOffences
from riskmodel.schema import NOT_RECORDED

SEXES, ETHNICITIES = ("f", "m"), ("Black", "White")
OTHER = "another"


def rate_rows(counts, metric="coverage"):
    """counts: group -> (covered, all)."""
    return pd.DataFrame(
        [("c", group, metric, *pair) for group, pair in counts.items()],
        columns=["characteristic", "group", "metric", "numerator", "denominator"],
    )


def gap_rows(pairs, rates, status=MEASURED):
    value = (rates["numerator"] / rates["denominator"]).set_axis(rates["group"])
    everyone = rates["numerator"].sum() / rates["denominator"].sum()
    metric = rates["metric"].iloc[0]
    return pd.DataFrame(
        [
            ("c", group, base, metric, status, value[group] - value.get(base, everyone))
            for group, base in pairs
        ],
        columns=["characteristic", "group", "reference", "metric", "status", "difference"],
    )  # fmt: skip


def all_gaps(offences, group, base):
    """The gap under every assignment: offences are (level, covered, weight)."""
    known = [one for one in offences if NOT_RECORDED not in one[0]]
    blank = [one for one in offences if NOT_RECORDED in one[0]]
    for levels in itertools.product(*(could_be(level) for level, _, _ in blank)):
        placed = known + [(level, *one[1:]) for level, one in zip(levels, blank, strict=True)]
        yield rate_of(placed, group) - rate_of(placed, base)


def rate_of(offences, group):
    mine = [one for one in offences if group in (one[0], "Everyone")]
    return sum(c * w for _, c, w in mine) / sum(w for _, _, w in mine)


def could_be(level):
    """The recorded levels, and one that no record shows, that agree with what is recorded."""
    choices = [
        [part] if part != NOT_RECORDED else [*known, OTHER]
        for part, known in zip(level.split(INTERSECTION), (SEXES, ETHNICITIES), strict=False)
    ]
    return [INTERSECTION.join(parts) for parts in itertools.product(*choices)]


@st.composite
def few_offences(draw, joint):
    """Up to seven offences, of which each of the groups compared has one recorded."""
    ethnicities = ETHNICITIES if joint else ("",)
    recorded = [joined(s, e) for s in SEXES for e in ethnicities]
    blank = [NOT_RECORDED] if not joint else [
        joined("f", NOT_RECORDED), joined(NOT_RECORDED, "Black"),
        joined(NOT_RECORDED, NOT_RECORDED),
    ]  # fmt: skip
    levels = recorded + draw(st.lists(st.sampled_from(recorded + 3 * blank), max_size=5))
    weight = st.sampled_from([1.0, 1.0, 40.0, 365.0])
    return [(level, draw(st.booleans()), draw(weight)) for level in levels]


def joined(*parts):
    return INTERSECTION.join(part for part in parts if part)


def bounds_of(offences, pairs):
    table = pd.DataFrame(offences, columns=["group", "covered", "weight"])
    table["top"] = table["covered"] * table["weight"]
    sums = table.groupby("group")[["top", "weight"]].sum()
    rates = rate_rows({level: tuple(row) for level, row in sums.iterrows()}, "harm_coverage")
    return victim_bounds(rates, gap_rows(pairs, rates))


@settings(max_examples=60)
@given(few_offences(joint=False))
def test_no_assignment_leaves_the_bounds_and_two_reach_them(offences):
    found = bounds_of(offences, [("f", "m"), ("m", "Everyone")])
    for row in found.itertuples():
        gaps = list(all_gaps(offences, row.group, row.reference))
        assert min(gaps) == pytest.approx(row.low_bound)
        assert max(gaps) == pytest.approx(row.high_bound)


@settings(max_examples=40)
@given(few_offences(joint=True))
def test_what_is_recorded_of_an_intersection_holds(offences):
    pairs = [("f x Black", "m x Black"), ("f x White", "m x Black"), ("f x Black", "m x White")]
    found = bounds_of(offences, pairs)
    for row in found.itertuples():
        gaps = list(all_gaps(offences, row.group, row.reference))
        assert min(gaps) == pytest.approx(row.low_bound)
        assert max(gaps) == pytest.approx(row.high_bound)


def test_without_unrecorded_offences_the_bounds_are_the_gap():
    rates = rate_rows({"f": (10.0, 100.0), "m": (30.0, 100.0)})
    found = victim_bounds(rates, gap_rows([("f", "m")], rates)).iloc[0]
    assert found["low_bound"] == found["high_bound"] == found["difference"] == pytest.approx(-0.2)
    assert found["share_not_recorded"] == 0


def test_more_that_is_not_recorded_is_never_tighter():
    widths = []
    for n in (0, 10, 50, 200):
        rates = rate_rows({"f": (10.0, 100.0), "m": (30.0, 100.0), NOT_RECORDED: (n / 5, n)})
        found = victim_bounds(rates, gap_rows([("f", "m")], rates)).iloc[0]
        assert found["low_bound"] <= found["difference"] <= found["high_bound"]
        widths.append(found["high_bound"] - found["low_bound"])
    assert widths == sorted(widths)
    assert widths[-1] > widths[1] > 0


def test_a_gap_that_is_not_measured_has_no_bounds_and_blanks_have_no_row():
    rates = rate_rows({"f": (1.0, 3.0), "m": (30.0, 100.0), NOT_RECORDED: (5.0, 10.0)})
    gaps = gap_rows([("f", "m"), (NOT_RECORDED, "m")], rates, status=INSUFFICIENT)
    found = victim_bounds(rates, gaps)
    assert found["group"].tolist() == ["f"]
    assert found[["difference", "low_bound", "high_bound"]].isna().all(axis=None)


def test_other_metrics_have_no_bounds_and_an_empty_table_is_empty():
    rates = rate_rows({"f": (1.0, 3.0), "m": (30.0, 100.0)}, "no_suspect_named")
    found = victim_bounds(rates, gap_rows([("f", "m")], rates))
    assert found.empty
    assert list(found) == list(BOUND_COLUMNS)


def test_a_count_withheld_takes_only_its_own_bounds_away():
    # as in published tables, where a small count is missing
    rates = rate_rows({"f": (np.nan, 20.0), "m": (30.0, 100.0), "x": (20.0, 100.0),
                       NOT_RECORDED: (5.0, 20.0)})  # fmt: skip
    found = victim_bounds(rates, gap_rows([("f", "m"), ("x", "m")], rates)).set_index("group")
    assert np.isnan(found["low_bound"]["f"])
    assert not np.isnan(found["low_bound"]["x"])


def test_levels_agree_where_what_is_recorded_does():
    levels = ["f x Black", "m x Black", "f x Not recorded", "Not recorded x Not recorded"]
    assert agreement(levels)[2:, :2].tolist() == [[True, False], [True, True]]
    assert not agreement(levels)[:2].any()
    assert not agreement(levels)[:, 2:].any()


def test_the_truth_lies_within_the_bounds_however_it_came_to_be_unrecorded():
    # the victims of offences that the list misses are the ones that nobody asked
    for seed in range(5):
        rng = np.random.default_rng(seed)
        n = 2000
        sex = np.where(rng.random(n) < 0.6, "male", "female")
        covered = rng.random(n) < np.where(sex == "male", 0.3, 0.2)
        unasked = rng.random(n) < np.where(covered, 0.05, np.where(sex == "female", 0.6, 0.2))
        ids = [f"v{i}" for i in range(n)]
        rows = pd.DataFrame(
            {
                "as_of": pd.Timestamp("2015-01-01"), "incident_id": ids, "victim_id": ids,
                "cluster": ids, "standing": SCORED, "harm": rng.gamma(2, 300, n),
            }
        )  # fmt: skip
        offences = LaterOffences(rows, pd.DataFrame({"list": covered}))
        quick = Settings(n_replicates=20)
        truth = victim_tables(offences, pd.DataFrame({"sex": sex}), quick)["list"]
        seen = pd.DataFrame({"sex": np.where(unasked, NOT_RECORDED, sex)})
        tables = victim_tables(offences, seen, quick)["list"]
        found = victim_bounds(tables.rates, tables.gaps).set_index("metric")
        true_gap = truth.gaps.set_index("metric")["difference"]
        for metric in COVERAGE:
            row = found.loc[metric]
            assert row["low_bound"] <= true_gap[metric] <= row["high_bound"]
            assert row["difference"] > true_gap[metric] + 0.05  # and what is recorded misleads
