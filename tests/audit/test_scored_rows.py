"""The list of each date is the top k by margin, and the cut is as uncertain as the estimates."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from riskmodel.audit.scored_rows import score_rows
from riskmodel.scoring.ranking import rank
from riskmodel.snapshots.table import Snapshots


def test_each_date_has_its_own_list(known_model):
    rows = Snapshots.from_table(
        pd.DataFrame({"score": [3.0, 2.0, 1.0, 1.0, 2.0, 3.0]}), np.zeros(6),
        person_id=list("abcabc"), as_of=["2015-01-01"] * 3 + ["2016-01-01"] * 3,
    )  # fmt: skip
    listed = score_rows(known_model("score"), rows, k=2, seed=0).listed
    assert listed.tolist() == [True, True, False, False, True, True]


@given(
    margin=npst.arrays(float, st.integers(2, 30), elements=st.sampled_from([0.0, 1.0, 2.0, 5.0])),
    k=st.integers(1, 30),
    seed=st.integers(0, 3),
)
def test_the_audited_list_is_the_one_that_rank_gives(known_model, margin, k, seed):
    ids = [f"p{i}" for i in range(len(margin))]
    X = pd.DataFrame({"score": margin})
    model = known_model("score")
    rows = score_rows(model, Snapshots.from_table(X, np.zeros(len(X)), person_id=ids), k, seed)
    scores = model.estimates(X).assign(
        person_id=ids, as_of=pd.Timestamp(0), digest="", expected_harm=np.nan
    )
    ranked = rank(scores, k, seed=seed)
    assert set(np.array(ids)[rows.listed]) == set(ranked["person_id"])
    near = set(np.array(ids)[rows.listed & rows.near_cut])
    assert near == set(ranked.loc[ranked["near_cut"].astype(bool), "person_id"])
