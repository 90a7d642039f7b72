"""What picks does not judge: earlier and later dates are held apart."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.alternatives.candidates import Described
from riskmodel.audit.alternatives.dates import HeldOut
from riskmodel.audit.by_group.rates import Settings
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.snapshots.table import Snapshots

DATES = ["2018-01-01", "2018-07-01", "2019-01-01"]
MODELS = [Described(name=name, kind="variation") for name in ("chosen", "b", "c", "d")]
PEOPLE = 400


def held_out(dates=DATES, share=0.5, shuffled=None):
    rng = np.random.default_rng(3)
    n = PEOPLE * len(dates)
    order = np.arange(n) if shuffled is None else shuffled.permutation(n)
    person = np.tile([f"p{i}" for i in range(PEOPLE)], len(dates))[order]
    half = np.where(rng.random(PEOPLE) < 0.5, "x", "y")
    rows = Snapshots.from_table(
        pd.DataFrame({"f": rng.normal(size=n)[order]}), (rng.random(n) < 0.3)[order],
        person_id=person, as_of=np.repeat(dates, PEOPLE)[order],
    )  # fmt: skip
    columns = pd.DataFrame({"half": np.tile(half, len(dates))[order]})
    margins = {model.name: rng.normal(size=n)[order] for model in MODELS}
    what = HeldOut(
        rows=rows, columns=columns, metric="recall", length=ListLength(share=share),
        settings=Settings(n_replicates=100),
    )  # fmt: skip
    return what, margins


def test_lists_are_cut_on_each_date():
    what, margins = held_out(share=0.05)
    listed = what.lists(margins)
    on_date = pd.DataFrame(listed).groupby(what.rows.as_of).sum()
    assert (on_date == 0.05 * PEOPLE).all(axis=None)


@pytest.mark.parametrize(
    ("dates", "early", "late"),
    [(DATES[:1], 0, 0), (DATES[:2], 1, 1), (DATES, 2, 1), ([*DATES, "2020-01-01"], 2, 2)],
)
def test_dates_are_split_in_halves(dates, early, late):
    halves = held_out(dates)[0].halves()
    assert [len(part) for part in halves] == [early, late]
    assert not len(late_dates := halves[1]) or halves[0][-1] < late_dates[0]


def test_the_later_table_measures_on_later_dates_what_the_earlier_ones_picked():
    what, margins = held_out()
    listed = what.lists(margins)
    early, late = what.halves()
    before = what.table(listed, MODELS, early).set_index("name")
    after = what.table(listed, MODELS, late).set_index("name")
    later = what.on_later_dates(listed, MODELS).set_index("name")
    frontier = before.index[before["on_frontier"]]
    assert set(later.index) == {"chosen", *frontier}
    assert later.index[later["picked"]].tolist() == [before.loc[frontier, "gap"].idxmin()]
    for name in later.index:
        assert later.loc[name, "gap"] == after.loc[name, "gap"]
        assert later.loc[name, "precision"] == after.loc[name, "precision"]
        assert later.loc[name, "gap_when_picked"] == before.loc[name, "gap"]


def test_what_happens_on_later_dates_picks_nothing():
    what, margins = held_out()
    listed = what.lists(margins)
    late = what.rows.as_of.isin(what.halves()[1]).to_numpy()
    turned = listed.copy()
    turned[late] = ~turned[late]
    one, other = (what.on_later_dates(lists, MODELS) for lists in (listed, turned))
    same = ["name", "picked", "precision_when_picked", "gap_when_picked"]
    pd.testing.assert_frame_equal(one[same], other[same])
    assert not np.allclose(one["precision"], other["precision"])


def test_the_order_of_rows_changes_no_number():
    one, margins = held_out()
    other, shuffled = held_out(shuffled=np.random.default_rng(8))
    tables = [what.table(what.lists(m), MODELS) for what, m in ((one, margins), (other, shuffled))]
    pd.testing.assert_frame_equal(*tables)
