"""A list drawn up anew is that of every resample by hand."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.draws import People
from riskmodel.audit.by_group.group_metrics import list_tables
from riskmodel.audit.by_group.list_rows import ListRows
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.by_group.redrawn import REDRAWN_COLUMNS, REDRAWN_MEASURES, _tops, redrawn_table
from riskmodel.statistics.ranking import top_k


def world(seed=0, n=400, dates=1, k=60):
    rng = np.random.default_rng(seed)
    who = np.tile(np.arange(n), dates)
    as_of = np.repeat(np.arange(dates), n)
    margin = np.round(rng.normal(0, 1, n)[who] + rng.normal(0, 0.5, n * dates), 1)  # ties
    y = (rng.random(n)[who] < 1 / (1 + np.exp(-margin))).astype(float)
    groups = pd.DataFrame({"sex": rng.choice(["f", "m"], n)[who]})
    listed = np.zeros(n * dates, dtype=bool)
    for date in range(dates):
        rows = as_of == date
        listed[rows] = top_k(margin[rows], who[rows], k, 0)
    return y, listed, margin, groups, who, as_of


def both(world, **options):
    y, listed, margin, groups, who, as_of = world
    settings = Settings(**options)
    fixed = list_tables(y, {"k": listed}, 1 / (1 + np.exp(-margin)), margin, groups, person=who,
                        settings=settings).rates["k"]  # fmt: skip
    return redrawn_table(fixed, y, listed, margin, groups, person=who, as_of=as_of,
                         settings=settings)  # fmt: skip


def listed_by_hand(margin, copies, order_of_ties, k):
    """Write out every copy of every person, sort them and take the first k."""
    rows = np.repeat(np.arange(len(margin)), copies)
    place = np.lexsort((order_of_ties[rows], -margin[rows]))
    return np.bincount(rows[place[:k]], minlength=len(margin))


@pytest.mark.parametrize("dates", [1, 3])
def test_each_resample_lists_those_that_sorting_its_people_would(dates):
    y, listed, margin, groups, who, as_of = world(dates=dates)
    rows = ListRows.checked(y, {"list": listed}, np.zeros(len(y)), margin, groups, who)
    tops = _tops(rows, as_of, seed=0)
    rng = np.random.default_rng(3)
    copies = np.bincount(rng.integers(0, 400, 400), minlength=400)
    for date, top in enumerate(tops):
        mine = np.flatnonzero(as_of == date)
        ties = np.empty(len(y))
        ties[_tops(rows, as_of, seed=0)[date].rows] = np.arange(len(top.rows))
        ties[np.setdiff1d(mine, top.rows)] = len(y)
        expected = listed_by_hand(margin[mine], copies, ties[mine], 60)
        found = np.zeros(len(y))
        found[top.rows] = top.on_list(copies[who[top.rows]][:, np.newaxis].astype(float))[:, 0]
        np.testing.assert_array_equal(found[mine], expected)
        assert found.sum() == 60


@pytest.mark.parametrize("dates", [1, 2])
def test_intervals_are_those_of_plain_resampling_with_a_new_list_each_time(dates):
    given = world(dates=dates)
    y, _, margin, groups, who, as_of = given
    found = both(given, n_replicates=1500).set_index(["metric", "group"])
    rng, plain = np.random.default_rng(5), []
    sex, noise = groups["sex"].to_numpy(), rng.random(len(y))
    for _ in range(500):
        copies = np.bincount(rng.integers(0, 400, 400), minlength=400)
        on_list = np.zeros(len(y))
        for date in range(dates):
            rows = as_of == date
            on_list[rows] = listed_by_hand(margin[rows], copies[who[rows]], noise[rows], 60)
        for level in ("f", "m"):
            own, w = sex == level, copies[who]
            later = own & (y == 1)
            plain.append({
                "group": level,
                "selection_rate": on_list[own].sum() / w[own].sum(),
                "precision": on_list[later].sum() / on_list[own].sum(),
                "recall": on_list[later].sum() / w[later].sum(),
                "share_of_list": on_list[own].sum() / on_list.sum(),
            })  # fmt: skip
    table = pd.DataFrame(plain)
    for name in ("selection_rate", "precision", "recall", "share_of_list"):
        for level in ("f", "m"):
            draws = table[table["group"] == level][name]
            low, high = np.quantile(draws, [0.025, 0.975])
            row = found.loc[(name, level)]
            width = row["redrawn_high"] - row["redrawn_low"]
            assert width / (high - low) == pytest.approx(1.15, abs=0.25), name


def test_the_list_may_be_surer_of_its_share_than_of_who_is_on_it():
    # a list of fixed length, drawn anew, holds as many of everyone as it did
    found = both(world(), n_replicates=400)
    assert list(found.columns) == list(REDRAWN_COLUMNS)
    assert set(found["metric"]) == {measure.name for measure in REDRAWN_MEASURES}
    shown = found.dropna()
    assert (shown["redrawn_low"] <= shown["value"]).all()
    assert (shown["value"] <= shown["redrawn_high"]).all()


def test_only_who_may_be_listed_is_drawn_apart():
    people = People.alike([np.array([0, 0, 0, 1]), np.array([1, 0, 0, 2])])
    assert people.size.tolist() == [2, 1, 1]


def test_withheld_rates_stay_withheld():
    y, listed, margin, groups, who, as_of = world()
    few = groups.assign(sex=np.where(np.arange(len(y)) < 5, "few", "many"))
    found = both((y, listed, margin, few, who, as_of), n_replicates=50)
    mine = found[(found["group"] == "few") & (found["metric"] == "selection_rate")]
    assert mine[["value", "redrawn_low", "redrawn_high"]].isna().all().all()
