"""Lots are drawn among near-equals alone, once a date, and everyone else stays in place."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.scoring.lists.random_order import (
    LISTED,
    LOG_KINDS,
    randomise_near_cut,
    read_random_log,
)
from riskmodel.scoring.ranking import rank

DATE = pd.Timestamp("2012-01-01")


def ranking(p, half=0.05, as_of=DATE, unscored=0):
    """A whole ranking of people with these probabilities, all with intervals of one width."""
    p = np.asarray([*p, *[np.nan] * unscored], dtype=float)
    scores = pd.DataFrame(
        {
            "person_id": [f"p{i:03d}" for i in range(len(p))],
            "as_of": as_of,
            "digest": "0" * 64,
            "probability": p,
            "low": p - half,
            "high": p + half,
            "margin": np.log(p / (1 - p)),
            "expected_harm": p,
        }
    )
    return rank(scores)


probabilities = st.lists(st.floats(0.1, 0.9), min_size=4, max_size=40)


@given(probabilities, st.integers(1, 20), st.integers(1, 10), st.floats(0, 0.3), st.integers(0, 9))
def test_only_near_equals_move_and_only_among_their_own_places(
    tmp_path_factory, p, k, width, half, seed
):
    k = min(k, len(p) - 1)
    log = tmp_path_factory.mktemp("drawn") / "log.csv"
    before = ranking(p, half).set_index("person_id")
    drawn = randomise_near_cut(before.reset_index(), k, width=width, seed=seed, log_path=log)
    after = drawn.set_index("person_id")
    assert drawn["rank"].tolist() == list(range(1, len(p) + 1))
    inside = after["arm"].notna()
    assert (after.loc[~inside, "rank"] == before["rank"].loc[after.index[~inside]]).all()
    assert (after["rank_estimated"] == before["rank"].loc[after.index]).all()
    moved = after[inside]
    assert ((moved["rank_estimated"] > k - width) & (moved["rank_estimated"] <= k + width)).all()
    assert (moved["low"] <= before.loc[before["rank"] == k, "high"].iloc[0] + 1e-12).all()
    assert ((moved["arm"] == LISTED) == (moved["rank"] <= k)).all()
    assert after["listed_probability"].sum() == pytest.approx(k)  # the list keeps its length
    logged = read_random_log(log)
    assert list(logged.columns) == list(LOG_KINDS)
    assert sorted(logged["person_id"]) == sorted(moved.index)
    assert ((logged["listed_probability"] > 0) & (logged["listed_probability"] < 1)).all()


def test_over_seeds_each_is_listed_as_often_as_the_log_says(tmp_path):
    ranked = ranking([0.9, 0.52, 0.51, 0.5, 0.49, 0.1])
    times = pd.Series(0.0, index=ranked["person_id"])
    for seed in range(400):
        log = tmp_path / f"{seed}.csv"
        drawn = randomise_near_cut(ranked, 2, width=3, seed=seed, log_path=log)
        times[drawn.loc[drawn["rank"] <= 2, "person_id"]] += 1
    assert drawn.set_index("person_id")["listed_probability"].tolist().count(0.25) == 4
    assert times["p000"] == 400 and times["p005"] == 0
    assert times[["p001", "p002", "p003", "p004"]].between(72, 128).all()


def test_other_dates_are_other_lotteries_and_one_date_is_drawn_once(tmp_path):
    log = tmp_path / "log.csv"
    p = np.full(60, 0.5)
    lists = []
    for month in range(1, 7):
        ranked = ranking(p, as_of=pd.Timestamp(2012, month, 1))
        drawn = randomise_near_cut(ranked, 30, width=30, seed=1, log_path=log)
        lists.append(frozenset(drawn.loc[drawn["rank"] <= 30, "person_id"]))
    assert len(set(lists)) == 6
    with pytest.raises(RiskModelError, match="2012-06-01 already") as raised:
        randomise_near_cut(ranked, 30, width=30, seed=2, log_path=log)
    assert "p0" not in str(raised.value)
    assert len(read_random_log(log)) == 6 * 60
    again = randomise_near_cut(ranked, 30, width=30, seed=1, log_path=tmp_path / "other.csv")
    pd.testing.assert_frame_equal(again, drawn)  # the seed, date and ids are all that decides


def test_people_without_an_estimate_stay_below_with_no_rank(tmp_path):
    ranked = ranking([0.6, 0.5, 0.5, 0.4], unscored=2)
    drawn = randomise_near_cut(ranked, 2, width=1, seed=0, log_path=tmp_path / "log.csv")
    assert drawn["rank"].isna().tolist() == [False] * 4 + [True] * 2
    assert drawn["arm"].notna().sum() == 2


def test_estimates_that_tell_people_apart_leave_nothing_to_draw(tmp_path):
    log = tmp_path / "log.csv"
    ranked = ranking([0.8, 0.6, 0.4, 0.2], half=0.01)
    drawn = randomise_near_cut(ranked, 2, width=2, seed=0, log_path=log)
    assert drawn["person_id"].tolist() == ranked["person_id"].tolist()
    assert drawn["arm"].isna().all() and read_random_log(log).empty


def test_mistakes_are_named_without_values(tmp_path):
    log = tmp_path / "log.csv"
    ranked = ranking([0.6, 0.5, 0.5, 0.4])
    two = pd.concat([ranked, ranked.assign(as_of=pd.Timestamp("2013-01-01"))])
    with pytest.raises(SchemaError) as raised:
        randomise_near_cut(two, 0, width=0, seed=0, log_path=log)
    said = str(raised.value)
    assert all(word in said for word in ("k:", "width:", "ranked.as_of", "ranked.rank"))
    assert "p0" not in said
    with pytest.raises(SchemaError, match="nobody below the cut"):
        randomise_near_cut(ranked.head(2), 2, width=1, seed=0, log_path=log)
    with pytest.raises(SchemaError, match="low"):
        randomise_near_cut(ranked.drop(columns="low"), 2, width=1, seed=0, log_path=log)
    assert not log.exists()
    log.write_text("person_id,arm\np1,listed\n")
    with pytest.raises(RiskModelError, match="no log of a random order"):
        randomise_near_cut(ranked, 2, width=1, seed=0, log_path=log)
