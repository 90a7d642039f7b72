"""The whole audit: what was planted is found, what cannot be measured says so."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.gaps import INSUFFICIENT
from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.audit.policies.criteria import Criterion
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import FAIL, PASS
from riskmodel.errors import RiskModelError, SchemaError, SmallGroupWarning
from riskmodel.snapshots.table import Snapshots


def planted(rng, n=3000, precision=(0.6, 0.2)):
    """Scores that list both groups alike, and outcomes that follow with planted precision."""
    group = rng.choice(["a", "b"], n)
    score = rng.normal(size=n)
    listed = np.argsort(np.argsort(-score)) < n // 5
    chance = np.where(listed, np.where(group == "a", *precision), 0.1)
    y = (rng.random(n) < chance).astype(float)
    ids = [f"p{i}" for i in range(n)]
    rows = Snapshots.from_table(pd.DataFrame({"score": score}), y, person_id=ids)
    return rows, pd.DataFrame({"person_id": ids, "sex": group}), n // 5


def test_a_planted_gap_fails_and_none_passes(known_model):
    rng = np.random.default_rng(0)
    policy = Policy(
        name="t",
        use="prioritise",
        criteria=(Criterion(metric="precision", tolerance=0.12),),
        gate_share=0.2,
    )
    options = {"policy": policy, "n_replicates": 300}
    rows, groups, k = planted(rng)
    assert audit_fairness(known_model("score"), rows, None, groups, k=k, **options).verdict == FAIL
    rows, groups, k = planted(rng, n=6000, precision=(0.4, 0.4))
    assert audit_fairness(known_model("score"), rows, None, groups, k=k, **options).verdict == PASS


def test_a_gap_in_few_people_is_mostly_insufficient_evidence(known_model):
    verdicts = []
    for seed in range(6):
        rows, groups, k = planted(np.random.default_rng(seed), n=150, precision=(0.5, 0.3))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SmallGroupWarning)
            found = audit_fairness(known_model("score"), rows, None, groups, k=k, n_replicates=100)
        verdicts.append(found.verdict)
    assert verdicts.count(INSUFFICIENT) >= 5


def test_a_table_without_histories_is_audited_and_says_what_it_lacks(known_model):
    rows, groups, k = planted(np.random.default_rng(2), n=400)
    found = audit_fairness(known_model("score"), rows, None, groups, k=k, n_replicates=20)
    assert found.victims.empty and found.stability.empty and found.coverage.empty
    assert "histories" in found.notes[0]
    policy = Policy.default("protect")
    found = audit_fairness(
        known_model("score"), rows, None, groups, k=k, n_replicates=20, policy=policy
    )
    coverage = [one for one in found.verdicts if one.metric == "coverage"]
    assert [one.verdict for one in coverage] == [INSUFFICIENT]


@pytest.mark.parametrize(("k", "constant"), [(400, False), (50, True)])
def test_a_trivial_list_fails(known_model, k, constant):
    rows, groups, _ = planted(np.random.default_rng(3), n=400)
    if constant:
        rows = Snapshots.from_table(
            pd.DataFrame({"score": np.zeros(400)}), rows.y, person_id=rows.person_id
        )
    found = audit_fairness(known_model("score"), rows, None, groups, k=k, n_replicates=20)
    assert found.verdict == FAIL


@pytest.mark.parametrize("k", [0, -3, 2.5])
def test_no_length_of_list_is_an_error(known_model, k):
    rows, groups, _ = planted(np.random.default_rng(3), n=60)
    with pytest.raises(RiskModelError, match="whole number of people"):
        audit_fairness(known_model("score"), rows, None, groups, k=k)


def test_nothing_observed_is_an_error(known_model):
    rows = Snapshots.from_table(pd.DataFrame({"score": [1.0, 2.0]}), [np.nan, np.nan])
    groups = pd.DataFrame({"person_id": ["0", "1"], "sex": ["f", "m"]})
    with pytest.raises(RiskModelError, match="no outcome was observed"):
        audit_fairness(known_model("score"), rows, None, groups, k=1)


def test_what_is_known_of_windows_still_open_is_not_judged(known_model):
    """Of such rows only the early offences are known, as an outcome with weights has them."""
    rows, groups, k = planted(np.random.default_rng(4), n=500)
    observed = pd.Series(np.arange(len(rows)) % 3 > 0, name="observed")
    early = replace(rows, observed=observed, y=rows.y.where(observed | (rows.y == 1)))
    none = replace(early, y=rows.y.where(observed))
    one, two = (
        audit_fairness(known_model("score"), given, None, groups, k=k, n_replicates=20)
        for given in (early, none)
    )
    assert one.summary == two.summary
    assert one.summary["later_serious"] < (early.y == 1).sum()
    pd.testing.assert_frame_equal(one.listed, two.listed)


def test_other_kinds_of_outcome_are_refused(tiny_rows, tiny, task, known_model):
    counts = replace(tiny_rows, task=replace(task, outcome=replace(task.outcome, kind="count")))
    with pytest.raises(SchemaError, match='kind "count"'):
        audit_fairness(known_model("count_1y", task=task), counts, tiny, pd.DataFrame(), k=2)


def test_page_one_is_counted_right(known_model):
    rows, groups, k = planted(np.random.default_rng(4), n=500)
    found = audit_fairness(known_model("score"), rows, None, groups, k=k, n_replicates=20)
    listed = rows.X["score"].rank(ascending=False) <= k
    assert found.summary["entries_listed"] == k
    assert found.summary["listed_no_later_serious"] == int((listed & (rows.y == 0)).sum())
    assert found.summary["later_serious_not_listed"] == int((~listed & (rows.y == 1)).sum())


def test_the_victims_side_and_the_list_are_counted_in_one_world(tiny, tiny_rows, task, known_model):
    groups = pd.DataFrame({"person_id": ["p1", "p2", "p3"], "sex": ["f", "m", "m"]})
    with pytest.warns(SmallGroupWarning) as caught:
        found = audit_fairness(
            known_model("count_1y", task=task), tiny_rows, tiny, groups, k=2, n_replicates=20
        )
    assert len([one for one in caught if one.category is SmallGroupWarning]) == 1
    summary = found.summary
    assert summary["entries_listed"] == 2  # p1 with three records, p2 with two
    assert summary["offences_later"] == 5
    assert summary["offences_listed"] == 1
    assert summary["offences_no_suspect"] == 2
    assert summary["listed_under_18"] == 1  # p1 was born in 2000
    assert "listed_worked" not in summary  # no log of actions was given
    assert "age band" in set(found.listed["characteristic"])
    assert found.listed["withheld"].any() and found.verdict == INSUFFICIENT


def test_a_seed_gives_one_audit_and_the_order_of_rows_changes_no_count(audited, audit_again):
    assert json.dumps(audited.to_dict()["tables"]) == json.dumps(audit_again().to_dict()["tables"])
    shuffled = audit_again(order=np.random.default_rng(0))
    columns = ["characteristic", "group", "metric", "value", "numerator", "denominator"]
    pd.testing.assert_frame_equal(shuffled.listed[columns], audited.listed[columns])
    assert shuffled.summary == audited.summary


def test_its_dict_is_json_with_none_for_what_is_undefined(audited):
    content = json.loads(json.dumps(audited.to_dict(), allow_nan=False))
    assert content["verdict"] == audited.verdict
    assert content["model_digest"] == audited.model_digest
    assert any(row["value"] is None for row in content["tables"]["listed"])


def test_the_parts_of_a_whole_add_up(audited):
    for metric in ("share_of_pool", "share_of_list", "share_of_later_harm"):
        rows = audited.listed[audited.listed["metric"] == metric]
        tops = rows.groupby("characteristic")["numerator"].sum()
        assert (tops == rows.groupby("characteristic")["denominator"].first()).all()
    totals = audited.coverage["offences"].sum()
    assert totals == audited.summary["offences_later"]


def test_only_the_characteristics_asked_for_are_audited(known_model):
    rows, groups, k = planted(np.random.default_rng(5), n=200)
    groups["faith"] = "x"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallGroupWarning)
        found = audit_fairness(
            known_model("score"), rows, None, groups, k=k, characteristics=["sex"],
            intersections=[("sex", "faith")], n_replicates=20,
        )  # fmt: skip
    assert set(found.listed["characteristic"]) == {"sex", "sex x faith"}
    with pytest.raises(SchemaError, match="'luck'"):
        audit_fairness(known_model("score"), rows, None, groups, characteristics=["luck"])


def test_a_larger_minimum_cell_withholds_more(known_model):
    rows, groups, k = planted(np.random.default_rng(6), n=200)
    with pytest.warns(SmallGroupWarning, match="fewer than 60"):
        found = audit_fairness(
            known_model("score"), rows, None, groups, k=k, minimum_cell=60, n_replicates=20
        )
    assert found.settings.minimum_cell == found.policy.minimum_cell == 60
