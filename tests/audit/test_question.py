"""What is asked is checked first, and the gate's list is a share of each date's cohort."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.question import GATE, LENGTHS, pose
from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.snapshots.table import Snapshots

SIZES = {"2015-01-01": 40, "2016-01-01": 90}


@pytest.fixture
def rows():
    dates = np.repeat(list(SIZES), list(SIZES.values()))
    rng = np.random.default_rng(0)
    score = rng.permutation(len(dates)).astype(float)
    ids = [f"p{i}" for n in SIZES.values() for i in range(n)]
    y = (rng.random(len(dates)) < 0.3).astype(float)
    return Snapshots.from_table(pd.DataFrame({"score": score}), y, person_id=ids, as_of=dates)


@pytest.fixture
def groups(rows):
    return pd.DataFrame({"person_id": sorted(set(rows.person_id)), "sex": "female"})


def asked(model, rows, groups, **options):
    given = {
        "k": 10, "policy": None, "characteristics": None, "intersections": (),
        "minimum_cell": None, "predictions": None, "n_replicates": 10, "seed": 0,
    }  # fmt: skip
    return pose(model, rows, None, groups, **(given | options))


def test_the_gate_lists_its_share_of_each_date_and_other_lengths_are_people(
    known_model, rows, groups
):
    found = asked(known_model("score"), rows, groups)
    share = Policy.default("prioritise").gate_share
    for date, size in SIZES.items():
        at = (rows.as_of == date).to_numpy()
        assert found.lists[GATE][at].sum() == np.ceil(share * size)
        assert found.listed[at].sum() == 10
        for k in LENGTHS:
            assert found.other_lengths[k][at].sum() == min(k, size)
        score = rows.X["score"].to_numpy()
        assert score[at & found.lists[GATE]].min() > score[at & ~found.lists[GATE]].max()


def test_given_estimates_make_the_list_and_every_date_out_of_time(known_model, rows, groups):
    class Learnt(known_model):
        def dates_learnt_from(self, snapshots):
            return snapshots.dates[:1]

    model = Learnt("score")
    first = (rows.as_of == "2015-01-01").to_numpy()
    assert (asked(model, rows, groups).out_of_time == ~first).all()
    backwards = pd.DataFrame(
        {"as_of": rows.as_of, "person_id": rows.person_id, "probability": 0.5}
    ).assign(margin=-rows.X["score"].to_numpy())
    found = asked(model, rows, groups, predictions=backwards.sample(frac=1, random_state=1))
    assert found.out_of_time.all() and found.rows.near_cut is None
    score = rows.X["score"].to_numpy()
    assert score[first & found.listed].max() < score[first & ~found.listed].min()


def test_a_policy_sets_how_its_rates_are_estimated(known_model, rows, groups):
    policy = Policy.default("prioritise")
    strict = replace(
        policy, confidence=0.9, minimum_cell=20, reference="overall", reference_groups={"sex": "m"}
    )
    found = asked(known_model("score"), rows, groups, policy=strict, n_replicates=7, seed=5)
    assert found.settings == Settings(
        n_replicates=7, seed=5, level=0.9, minimum_cell=20, reference="overall",
        reference_groups={"sex": "m"},
    )  # fmt: skip
    wider = asked(known_model("score"), rows, groups, policy=strict, minimum_cell=30)
    assert wider.settings.minimum_cell == wider.policy.minimum_cell == 30


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop(columns="margin"), "no column margin"),
        (lambda table: table.iloc[1:], "none for 1 of 130 rows"),
        (lambda table: pd.concat([table, table.iloc[:2]]), "2 rows repeat"),
    ],
)
def test_estimates_that_do_not_fit_are_refused(known_model, rows, groups, change, said):
    table = pd.DataFrame(
        {"as_of": rows.as_of, "person_id": rows.person_id, "probability": 0.5, "margin": 0.0}
    )
    with pytest.raises(SchemaError, match=said):
        asked(known_model("score"), rows, groups, predictions=change(table))


@pytest.mark.parametrize("k", [0, -1, 2.5])
def test_a_length_that_is_none_is_refused(known_model, rows, groups, k):
    with pytest.raises(RiskModelError, match="k:"):
        asked(known_model("score"), rows, groups, k=k)
