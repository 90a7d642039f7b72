"""Recording that differs between groups by a planted factor, and how much would turn a verdict."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from riskmodel.audit.by_group.gaps import INSUFFICIENT
from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.policies.criteria import Criterion
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import FAIL, PASS, judge
from riskmodel.audit.why.recorded_counts import ALIKE, LISTED_ONLY
from riskmodel.audit.why.recording import (
    LESS,
    MORE,
    NO_COUNTS,
    NO_FACTOR,
    RECORDING_COLUMNS,
    UNMOVED,
    recording_table,
)

METRICS = (
    "precision", "recall", "false_positive_rate", "false_negative_rate", "observed_over_expected",
)  # fmt: skip


def policy(*metrics, tolerance=0.1, **more):
    criteria = tuple(Criterion(metric=name, tolerance=tolerance, **more) for name in metrics)
    return Policy(name="test", use="prioritise", criteria=criteria)


def people(listed=(400, 400), precision=(0.5, 0.5), rest=(2000, 2000), later=(0.1, 0.1)):
    """Two groups, a (the reference) and b: how many are listed, and how many go on to harm."""
    parts = []
    for group, n, share, others, chance in zip("ab", listed, precision, rest, later, strict=True):
        for on_list, size, rate in ((1, n, share), (0, others, chance)):
            y = (np.arange(size) < round(size * rate)).astype(float)
            part = {"group": group, "listed": on_list, "y": y, "probability": rate}
            parts.append(pd.DataFrame(part))
    rows = pd.concat(parts, ignore_index=True)
    return rows, rows[["group"]].rename(columns={"group": "trait"})


def audited(rows, columns, **settings):
    chosen = Settings(n_replicates=400, reference_groups={"trait": "a"}, **settings)
    return group_table(
        rows["y"], rows["listed"], rows["probability"], columns, settings=chosen, warn=False
    )


def found(table, metric="precision", assumption=ALIKE):
    chosen = table[(table["metric"] == metric) & (table["assumption"] == assumption)]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_a_fail_that_recording_made_turns_before_the_planted_factor():
    """Precision .45 and .75: nothing but harm of b recorded 5/3 times as often."""
    tables = audited(*people(precision=(0.45, 0.75)))
    row = found(recording_table(policy("precision"), tables.rates, tables.gaps))
    assert row["verdict"] == FAIL and row["direction"] == MORE and row["overturns"]
    assert 1 < row["factor"] < 0.75 / 0.45
    # there the interval reaches back into the tolerance
    gap = tables.gaps.set_index("metric").loc["precision"]
    reach = gap["difference"] - gap["difference_low"]
    assert 0.75 / row["factor"] - 0.45 == pytest.approx(0.1 + reach, abs=0.01)


def test_a_pass_turns_where_the_interval_leaves_the_tolerance():
    tables = audited(*people(listed=(2000, 2000), precision=(0.5, 0.48)))
    row = found(recording_table(policy("precision"), tables.rates, tables.gaps))
    assert row["verdict"] == PASS
    gap = tables.gaps.set_index("metric").loc["precision"]
    reach = gap["difference"] - gap["difference_low"]
    assert 0.48 / row["factor"] - 0.5 == pytest.approx(-0.1 + reach, abs=0.01)
    assert row["factor"] > 1


def test_little_evidence_turns_where_it_is_clearly_outside():
    tables = audited(*people(listed=(60, 60), precision=(0.5, 0.5)))
    row = found(recording_table(policy("precision"), tables.rates, tables.gaps))
    assert row["verdict"] == INSUFFICIENT
    assert row["factor"] > 1.3 or row["factor"] < 1 / 1.3


def test_recall_moves_only_where_those_listed_are_watched():
    tables = audited(*people(later=(0.1, 0.02), precision=(0.5, 0.5)))
    table = recording_table(policy("recall"), tables.rates, tables.gaps)
    assert found(table, "recall")["note"] == UNMOVED
    watched = found(table, "recall", LISTED_ONLY)
    assert watched["verdict"] == FAIL and watched["direction"] == MORE
    # recall of b: 200 / r of 200 / r + 40, of a: 200 of 400
    gap = tables.gaps.set_index("metric").loc["recall"]
    assert gap["difference"] == pytest.approx(200 / 240 - 0.5)
    there = 200 / watched["factor"] / (200 / watched["factor"] + 40) - 0.5
    assert 0.1 < there < gap["difference"]


def test_a_true_world_recorded_unequally_is_overturned_by_less_than_what_was_planted():
    """Alike in truth; of b every record is kept, of a two in three."""
    rng = np.random.default_rng(0)
    rows, columns = people(listed=(1500, 1500), precision=(0.6, 0.6), rest=(9000, 9000))
    lost = (rows["group"] == "a") & (rng.random(len(rows)) < 1 / 3)
    rows["y"] = np.where(lost, 0.0, rows["y"])
    tables = audited(rows, columns)
    table = recording_table(policy("precision"), tables.rates, tables.gaps)
    for assumption in (ALIKE, LISTED_ONLY):
        row = found(table, assumption=assumption)
        assert row["verdict"] == FAIL and 1 < row["factor"] < 1.5


def test_nothing_turns_a_selection_rate_nor_a_gap_that_no_factor_reaches():
    tables = audited(*people(listed=(400, 1500), precision=(0.01, 0.9)))
    table = recording_table(policy("selection_rate", "recall"), tables.rates, tables.gaps)
    assert found(table, "selection_rate", LISTED_ONLY)["note"] == UNMOVED
    few = audited(*people(listed=(400, 40), precision=(0.95, 0.0), later=(0.0, 0.2)))
    table = recording_table(policy("precision"), few.rates, few.gaps)
    assert found(table)["note"] == UNMOVED  # of nothing there is nothing more
    passing = audited(*people(listed=(3000, 3000), precision=(0.02, 0.02)))
    table = recording_table(policy("precision", tolerance=0.3), passing.rates, passing.gaps)
    assert found(table)["note"] == NO_FACTOR and not found(table)["overturns"]


def test_a_metric_of_probabilities_is_said_not_to_be_worked_out():
    tables = audited(*people())
    gaps = tables.gaps.assign(
        metric=tables.gaps["metric"].replace("precision", "mean_probability_later")
    )
    table = recording_table(policy("mean_probability_later"), tables.rates, gaps)
    assert set(table["note"]) == {NO_COUNTS}


def test_what_is_not_compared_has_no_row():
    tables = audited(*people(listed=(400, 5)))
    assert recording_table(policy("precision"), tables.rates, tables.gaps).empty


def test_a_fail_among_many_comparisons_turns_sooner():
    rows, columns = people(precision=(0.45, 0.75))
    rng = np.random.default_rng(0)
    many = columns.assign(**{f"other{i}": rng.choice(["x", "y"], len(rows)) for i in range(15)})
    factors = []
    for groups in (columns, many):
        tables = audited(rows, groups)
        table = recording_table(policy("precision"), tables.rates, tables.gaps)
        row = found(table[table["characteristic"] == "trait"])
        assert row["verdict"] == FAIL
        factors.append(row["factor"])
    assert 1 < factors[1] < factors[0] - 0.02


def test_a_pass_beside_insufficient_evidence_overturns_nothing():
    rows, columns = people(listed=(2000, 2000), precision=(0.5, 0.5))
    few, _ = people(listed=(10, 60), precision=(0.5, 0.5))
    few = few[few["group"] == "b"]
    names = np.r_[columns["trait"], ["c"] * len(few)]
    tables = audited(pd.concat([rows, few], ignore_index=True), pd.DataFrame({"trait": names}))
    table = recording_table(policy("precision"), tables.rates, tables.gaps)
    alike = table[table["assumption"] == ALIKE].set_index("group")
    assert alike["verdict"].to_dict() == {"b": PASS, "c": INSUFFICIENT}
    assert alike["factor"].notna().all()
    assert alike["overturns"].to_dict() == {"b": False, "c": True}


def test_one_of_two_fails_overturns_nothing_alone():
    rows, columns = people(precision=(0.3, 0.8))
    third = rows[rows["group"] == "b"]
    rows = pd.concat([rows, third], ignore_index=True)
    names = np.r_[columns["trait"], ["c"] * len(third)]
    tables = audited(rows, pd.DataFrame({"trait": names}))
    table = recording_table(policy("precision"), tables.rates, tables.gaps)
    assert (table["verdict"] == FAIL).all() and table["factor"].notna().all()
    assert not table["overturns"].any()


def test_ratios_are_judged_on_their_own_scale():
    tables = audited(*people(listed=(2000, 2000), precision=(0.5, 0.48)))
    chosen = policy("precision", tolerance=0.2, scale="ratio")
    row = found(recording_table(chosen, tables.rates, tables.gaps))
    assert row["scale"] == "ratio" and row["verdict"] == PASS
    gap = tables.gaps.set_index("metric").loc["precision"]
    ends = [gap["ratio_low"] / 0.8, gap["ratio_high"] * 0.8]
    nearest = min(ends, key=lambda factor: abs(np.log(factor)))
    assert row["factor"] == pytest.approx(nearest, rel=0.03)
    assert row["direction"] == (MORE if nearest > 1 else LESS)


def test_of_everyone_the_group_is_a_part():
    rows, columns = people(listed=(400, 400), precision=(0.3, 0.7))
    chosen = Settings(n_replicates=400, reference="overall")
    tables = group_table(rows["y"], rows["listed"], rows["probability"], columns, settings=chosen)
    table = recording_table(policy("precision", tolerance=0.05), tables.rates, tables.gaps)
    row = table[(table["group"] == "b") & (table["assumption"] == ALIKE)].iloc[0]
    assert row["reference"] == "Everyone" and row["verdict"] == FAIL
    # precision .7 / r against the mean of it and .3: half as far apart
    gap = tables.gaps.set_index(["metric", "group"]).loc[("precision", "b")]
    reach = gap["difference"] - gap["difference_low"]
    assert (0.7 / row["factor"] - 0.3) / 2 == pytest.approx(0.05 + reach, abs=0.012)


def test_victims_of_a_group_whose_harm_by_those_listed_is_recorded_more():
    rates = pd.DataFrame(
        {
            "characteristic": "sex", "group": ["female", "male"], "metric": "coverage",
            "numerator": [300.0, 100.0], "denominator": [1000.0, 1000.0],
        }
    )  # fmt: skip
    gap = {
        "characteristic": "sex", "group": "female", "reference": "male", "metric": "coverage",
        "status": "measured", "reason": "", "difference": 0.2, "difference_low": 0.17,
        "difference_high": 0.23,
    }  # fmt: skip
    table = recording_table(policy("coverage"), rates, pd.DataFrame([gap]))
    assert found(table, "coverage")["note"] == UNMOVED
    watched = found(table, "coverage", LISTED_ONLY)
    covered = 300 / watched["factor"]
    assert covered / (covered + 700) - 0.1 == pytest.approx(0.1 + 0.03, abs=0.01)


def test_the_verdict_of_one_comparison_is_that_of_the_audit():
    for precision in ((0.5, 0.5), (0.4, 0.75), (0.5, 0.42)):
        tables = audited(*people(listed=(900, 900), precision=precision))
        (verdict,) = judge(policy("precision"), tables.gaps)
        table = recording_table(policy("precision"), tables.rates, tables.gaps)
        assert table["verdict"].unique().tolist() == [verdict.verdict]


def test_no_gaps_no_table():
    table = recording_table(policy("precision"), pd.DataFrame(), pd.DataFrame())
    assert table.empty and tuple(table.columns) == RECORDING_COLUMNS


@settings(max_examples=20, phases=[Phase.explicit, Phase.generate])
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans(), st.floats(0.01, 0.99)),
        min_size=1, max_size=60,
    ),
    st.sampled_from(["difference", "ratio"]),
)  # fmt: skip
def test_any_table_gives_factors_in_range_and_a_note_where_there_is_none(rows, scale):
    group, listed, y, probability = (np.array(part) for part in zip(*rows, strict=True))
    tables = group_table(
        y, listed, probability, pd.DataFrame({"trait": group}),
        settings=Settings(n_replicates=5), warn=False,
    )  # fmt: skip
    table = recording_table(policy(*METRICS, scale=scale), tables.rates, tables.gaps)
    assert tuple(table.columns) == RECORDING_COLUMNS
    factor = table["factor"].astype(float)
    assert factor.dropna().between(0.0999, 10.001).all() and (factor != 1).all()
    assert (factor.isna() == (table["note"] != "")).all()
    assert ((factor > 1) == (table["direction"] == MORE)).all()
