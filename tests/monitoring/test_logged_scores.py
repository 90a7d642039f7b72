"""Tables of scores come back out of a log, by person."""

import pandas as pd
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.monitoring.logged_scores import scores_of_log
from riskmodel.scoring.log.score_log import ScoreLog

KEY = b"a secret of the force"


def scores_of(people, as_of, **columns):
    table = {"person_id": people, "margin": [float(i) for i in range(len(people))],
             "probability": 0.5, "status": "scored", "model": "m", "version": "1",
             "digest": "0" * 64, "as_of": pd.Timestamp(as_of)}  # fmt: skip
    return pd.DataFrame(table | columns)


@pytest.fixture
def log(tmp_path):
    return ScoreLog(tmp_path / "scores.jsonl", key=KEY)


def append(log, *tables):
    for table in tables:
        log.append(table, use="prioritise", who="analyst 7")


def test_the_fullest_entry_of_each_date_comes_back(log):
    ranked = scores_of(["a", "b", "c"], "2012-02-01", rank=pd.array([3, 2, 1], "Int64"))
    append(log, scores_of(["a", "b"], "2012-01-01"), scores_of(["a"], "2012-01-01"), ranked,
           scores_of(["b", "c"], "2012-02-01"))  # fmt: skip
    found = scores_of_log(log, ["a", "b"])
    first, second = found[found["as_of"] == "2012-01-01"], found[found["as_of"] == "2012-02-01"]
    assert first["person_id"].tolist() == ["a", "b"] and first["rank"].isna().all()
    assert second["rank"].tolist() == [3, 2, 1]
    assert second["person_id"].tolist()[:2] == ["a", "b"]
    assert second["person_id"].iloc[2] == log.key.pseudonym("c")  # unknown to the tables
    assert second["margin"].tolist() == [0.0, 1.0, 2.0]


def test_of_equals_the_last_counts_and_missing_numbers_are_missing(log):
    table = scores_of(["a", "b"], "2012-01-01")
    later = table.assign(margin=[None, 5.0], probability=[None, 0.9], status=["left", "scored"])
    append(log, table, later)
    found = scores_of_log(log, ["a", "b"])
    assert found["margin"].isna().tolist() == [True, False] and found["margin"].iloc[1] == 5.0


def test_without_tables_or_under_another_key_it_says_so(log, tmp_path):
    append(log, scores_of(["a"], "2012-01-01"))
    with pytest.raises(RiskModelError, match="no table of scores"):
        scores_of_log(log, ["a"])
    append(log, scores_of(["a", "b"], "2012-01-01"))
    other = ScoreLog(tmp_path / "scores.jsonl", key=b"quite another secret")
    with pytest.raises(RiskModelError, match="no table of scores"):
        scores_of_log(other, ["a"])
