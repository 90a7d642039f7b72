"""An evaluation reads well, stores as JSON, and finds its rows by name."""

import json

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.evaluation import TABLE_KINDS, Evaluation
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.table import Snapshots


def test_json_both_ways_loses_nothing(evaluation):
    text = json.dumps(evaluation.to_dict(), allow_nan=False)
    again = Evaluation.from_dict(json.loads(text))
    pd.testing.assert_frame_equal(again.table, evaluation.table, check_exact=True)
    pd.testing.assert_frame_equal(again.by_date, evaluation.by_date, check_exact=True)
    assert str(again) == str(evaluation)
    assert again.to_dict() == evaluation.to_dict()


def test_the_table_has_its_documented_columns_and_types(evaluation):
    assert list(evaluation.table.columns) == list(TABLE_KINDS)
    types = evaluation.table.dtypes.astype(str)
    assert (types["k"], types["share"]) == ("Int64", "Float64")
    assert types[["n", "n_people", "n_dates", "undefined"]].eq("int64").all()
    assert types[["value", "low", "high", "difference"]].eq("float64").all()
    assert evaluation.by_date["as_of"].dtype == "datetime64[us]"


def test_the_best_baseline_is_the_one_that_captures_most(evaluation):
    assert evaluation.baselines == ("v100_sum", "prior_count")
    captured = {name: evaluation.value("mean_captured", name) for name in evaluation.baselines}
    assert evaluation.best_baseline == max(captured, key=captured.get)


def test_without_baselines_there_is_no_best_one():
    table = Snapshots.from_table(pd.DataFrame({"x": [0.0, 1.0]}), [0, 1])
    found = evaluate_scores(table, {"a": np.arange(2)}, reference="a", ks=(1,), n_replicates=2)
    assert found.best_baseline is None
    named = evaluate_scores(
        table, {"a": np.arange(2)}, reference="a", ks=(1,), n_replicates=2, baselines=["a"]
    )
    assert named.best_baseline == "a"


def test_rows_are_found_by_either_name(evaluation):
    assert evaluation.value("captured@80", "model") == evaluation.value("captured", "model", 80)
    assert evaluation.models == ("v100_sum", "prior_count", "model")
    by_share = evaluation.row("captured@5%", "model")
    assert by_share["share"] == 0.05
    assert pd.isna(by_share["k"])
    assert by_share.equals(evaluation.row("captured", "model", "5%"))
    assert by_share.equals(evaluation.row("captured@5.0%", "model"))
    assert evaluation.value("net_benefit@80", "model") != evaluation.value("net_benefit", "model")


def test_what_an_earlier_version_stored_is_still_read(evaluation):
    content = json.loads(json.dumps(evaluation.to_dict()))
    del content["costs"]
    for part in ("table", "by_date"):
        content[part] = [
            {name: value for name, value in row.items() if name != "share"}
            for row in content[part]
            if row["share"] is None and row["metric"] not in ("ece", "log_loss", "net_benefit")
        ]
    old = Evaluation.from_dict(content)
    assert old.costs is None
    assert old.table["share"].isna().all()
    assert old.value("captured@80", "model") == evaluation.value("captured@80", "model")
    assert "recall@80" in str(old)
    assert "net_benefit" not in str(old)
    assert Evaluation.from_dict(old.to_dict()).table.equals(old.table)


@pytest.mark.parametrize(
    "asked",
    [
        ("captured", "model"),
        ("captured@7", "model"),
        ("captured@2%", "model"),
        ("auc", "nobody"),
        ("f1", "model"),
    ],
)
def test_a_row_that_is_not_there_is_an_error_that_names_those_that_are(evaluation, asked):
    with pytest.raises(SchemaError, match=r"no row for metric .*(\n.*)*captured@20"):
        evaluation.row(*asked)


def test_no_lists_leave_the_leading_figure(evaluation):
    table = Snapshots.from_table(pd.DataFrame({"x": [0.0, 1.0]}), [0, 1])
    found = evaluate_scores(table, {"a": np.arange(2)}, reference="a", ks=(), n_replicates=2)
    assert set(found.table["metric"]) == {"mean_captured", "auc"}
    assert "mean_captured" in str(found)
