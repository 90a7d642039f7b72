"""A planted effect of being listed comes back; without one, lots show none more than chance."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.monitoring.effect import effect_of_listing
from riskmodel.scoring.lists.random_order import LISTED, NOT_LISTED, randomise_near_cut
from riskmodel.scoring.ranking import rank

ARMS = [LISTED, NOT_LISTED]


def lottery(rng, dates=12, each=20, listed=0.5):
    """A log of lots, with a share listed that differs between dates."""
    on_list = int(each * listed)
    arms = [LISTED] * on_list + [NOT_LISTED] * (each - on_list)
    rows = [
        {"person_id": f"p{i}", "as_of": pd.Timestamp(2012, 1 + date, 1), "arm": arm}
        for date in range(dates)
        for i, arm in enumerate(rng.permutation(arms))
    ]
    return pd.DataFrame(rows)


def outcomes(log, rng, rate, effect):
    chance = rate + effect * (log["arm"] == LISTED)
    return log[["person_id", "as_of"]].assign(y=(rng.random(len(log)) < chance).astype(float))


def difference(table):
    return table.set_index("arm").loc["difference"]


def test_one_date_by_hand_is_newcombes_interval():
    """His method 10: 56/70 against 48/80 (Newcombe 1998, table II, a) is .0524 to .3339."""
    arm = [LISTED] * 70 + [NOT_LISTED] * 80
    log = pd.DataFrame(
        {"person_id": [str(i) for i in range(150)], "as_of": pd.Timestamp(0), "arm": arm}
    )
    y = [1.0] * 56 + [0.0] * 14 + [1.0] * 48 + [0.0] * 32
    found = difference(effect_of_listing(log, log[["person_id", "as_of"]].assign(y=y)))
    assert found["outcome_rate"] == pytest.approx(0.2)
    assert found["low"] == pytest.approx(0.0524, abs=5e-5)
    assert found["high"] == pytest.approx(0.3339, abs=5e-5)


def test_a_planted_effect_comes_back_and_intervals_hold_it():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(150):
        log = lottery(rng)
        found.append(difference(effect_of_listing(log, outcomes(log, rng, 0.5, -0.2))))
    table = pd.DataFrame(found)
    assert table["outcome_rate"].mean() == pytest.approx(-0.2, abs=0.015)
    assert ((table["low"] <= -0.2) & (table["high"] >= -0.2)).mean() >= 0.9
    assert (table["p_value"] < 0.05).mean() > 0.7


def test_without_an_effect_lots_seldom_show_one():
    rng = np.random.default_rng(1)
    p_values = []
    for _ in range(200):
        log = lottery(rng, dates=4)
        p_values.append(difference(effect_of_listing(log, outcomes(log, rng, 0.3, 0)))["p_value"])
    assert (np.array(p_values) < 0.05).mean() <= 0.1
    assert np.mean(p_values) > 0.4


def test_dates_with_other_shares_and_other_rates_do_not_make_an_effect():
    """Pooled over dates as one, this would be a difference of 30 points."""
    rng = np.random.default_rng(2)
    many = lottery(rng, dates=6, each=20, listed=0.75)
    few = lottery(rng, dates=6, each=20, listed=0.25)
    few["as_of"] += pd.DateOffset(years=1)
    parts = [(many, 0.8), (few, 0.2)]
    y = pd.concat([outcomes(log, rng, rate, 0.0) for log, rate in parts], ignore_index=True)
    log = pd.concat([many, few], ignore_index=True)
    pooled = y["y"].groupby(log["arm"]).mean()
    assert pooled[LISTED] - pooled[NOT_LISTED] > 0.2
    found = difference(effect_of_listing(log, y))
    assert abs(found["outcome_rate"]) < 0.1 and found["low"] < 0 < found["high"]


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([0.0, 1.0, np.nan])),
                max_size=40))  # fmt: skip
def test_counts_add_up_and_rates_are_rates(rows):
    log = pd.DataFrame(
        {
            "person_id": pd.Series([f"p{i}" for i in range(len(rows))], dtype="str"),
            "as_of": pd.to_datetime([f"2012-0{1 + date}-01" for date, _, _ in rows]),
            "arm": pd.Series([ARMS[not listed] for _, listed, _ in rows], dtype="str"),
        }
    )
    y = log[["person_id", "as_of"]].assign(y=np.array([y for _, _, y in rows], dtype=float))
    table = effect_of_listing(log, y, n_replicates=50).set_index("arm")
    assert table.loc["difference", "n"] == table.loc[ARMS, "n"].sum()
    assert table.loc["difference", "n"] + table.loc["difference", "not_observed"] == len(rows)
    assert (table["not_observed"] >= 0).all()
    if table.loc["difference", "n"] == 0:
        assert table[["outcome_rate", "low", "high", "p_value"]].isna().all().all()
        return
    rates = table.loc[ARMS]
    assert ((rates["low"] <= rates["outcome_rate"] + 1e-9) & (rates["high"] <= 1)).all()
    whole = table.loc["difference"]
    assert whole["low"] - 1e-9 <= whole["outcome_rate"] <= whole["high"] + 1e-9
    assert whole["low"] >= -1 and whole["high"] <= 1 and 0 < whole["p_value"] <= 1


def test_from_ranking_to_effect(tmp_path):
    """The draw's own log, months of it, with an effect planted in who is on the list."""
    rng = np.random.default_rng(3)
    path, parts = tmp_path / "drawn.csv", []
    for date in pd.date_range("2010-01-01", periods=24, freq="MS"):
        p = rng.uniform(0.3, 0.6, 80)
        scores = pd.DataFrame(
            {"person_id": [f"p{i}" for i in range(80)], "as_of": date, "digest": "0" * 64,
             "probability": p, "low": p - 0.1, "high": p + 0.1, "margin": np.log(p / (1 - p)),
             "expected_harm": p}
        )  # fmt: skip
        drawn = randomise_near_cut(rank(scores), 40, width=15, seed=0, log_path=path)
        chance = drawn["probability"] - 0.15 * (drawn["rank"] <= 40)
        y = (rng.random(80) < chance.to_numpy(dtype=float)).astype(float)
        parts.append(drawn[["person_id", "as_of"]].assign(y=y))
    found = difference(effect_of_listing(path, pd.concat(parts)))
    assert found["low"] < -0.15 < found["high"] < 0


def test_mistakes_are_named_without_values():
    log = lottery(np.random.default_rng(4), dates=1)
    y = log[["person_id", "as_of"]].assign(y=1.0)
    with pytest.raises(SchemaError, match="log: no column arm"):
        effect_of_listing(log.drop(columns="arm"), y)
    wrong = pd.concat([log.assign(arm="treated"), log])
    with pytest.raises(SchemaError) as raised:
        effect_of_listing(wrong, y.assign(y=2.0))
    said = str(raised.value)
    assert "log.arm" in said and "outcomes.y" in said and "20 rows repeat" in said
    assert "treated" not in said
