"""An audit comes back from its file as it was: tables, verdicts, policy, what was undefined."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.audit_file import load_audit, save_audit
from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.audit.result import TABLES, json_ready
from riskmodel.errors import RiskModelError, RiskModelWarning
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task


@pytest.fixture(scope="module")
def audit():
    world = make_histories(n_people=400, seed=3)
    task = Task(
        offences=world.offences,
        features=(Feature("count", 365), Feature("incidents", serious=True)),
    )
    rows = build_snapshots(
        world.histories, task, as_of=["2019", "2020", "2021"], late_allowance_days=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        model = train(rows, estimator=RepeatHarmEstimator(n_estimators=5), n_replicates=10)
        return audit_fairness(model, rows, world.histories, world.groups, k=40, n_replicates=30)


def test_everything_comes_back(audit, tmp_path):
    again = load_audit(save_audit(audit, tmp_path / "audit.json"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(audit, name), check_exact=True)
    assert again.to_dict() == audit.to_dict()
    assert again.verdict == audit.verdict
    assert again.settings == audit.settings
    assert again.policy.digest() == audit.policy.digest()
    assert again.accuracy.to_dict() == audit.accuracy.to_dict()
    assert again.model == json_ready(audit.model)


def test_what_is_undefined_stays_so_and_nothing_becomes_nought(audit, tmp_path):
    again = load_audit(save_audit(audit, tmp_path / "audit.json"))
    missing = {name: int(getattr(audit, name).isna().sum().sum()) for name in TABLES}
    assert sum(missing.values()) > 0
    assert missing == {name: int(getattr(again, name).isna().sum().sum()) for name in TABLES}


def test_infinite_ratios_survive(audit, tmp_path):
    gaps = audit.gaps.copy()
    column = gaps.select_dtypes("float").columns[0]
    gaps[column] = np.resize([np.inf, -np.inf, np.nan, 0.5], len(gaps))
    changed = audit.with_tables(gaps=gaps)
    again = load_audit(save_audit(changed, tmp_path / "audit.json"))
    pd.testing.assert_frame_equal(again.gaps, gaps, check_exact=True)


def test_the_file_is_plain_json(audit, tmp_path):
    text = save_audit(audit, tmp_path / "audit.json").read_text()

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    content = json.loads(text, parse_constant=refuse)
    assert content["verdict"] == audit.verdict
    assert content["model_digest"] == audit.model_digest


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no JSON file"),
        (b"\x80\x04pickle", "no JSON file"),
        (b"[]", "no audit"),
        (b"{}", "no audit"),
        (b'{"format": 3}', "format 3"),
        (b'{"format": 2}', "damaged"),
        (b'{"format": 2, "accuracy": null, "model_digest": 3}', "damaged"),
    ],
)
def test_what_is_no_audit_is_refused_with_a_sentence(content, message, tmp_path):
    path = tmp_path / "audit.json"
    path.write_bytes(content)
    with pytest.raises(RiskModelError, match=message):
        load_audit(path)


def test_every_lost_part_is_noticed(audit, tmp_path):
    path = save_audit(audit, tmp_path / "audit.json")
    content = json.loads(path.read_text())
    for part in set(content) - {"verdict"}:  # read from the verdicts themselves
        path.write_text(json.dumps({key: content[key] for key in content if key != part}))
        with pytest.raises(RiskModelError):
            load_audit(path)
