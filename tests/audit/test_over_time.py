"""What monitoring found goes to a file and back without loss, and a broken file says so."""

import json

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.over_time import CLEAR, TABLES, Alert, OverTime
from riskmodel.errors import RiskModelError, SchemaError


@pytest.fixture
def found():
    periods = pd.DataFrame(
        {"as_of": pd.to_datetime(["2012-01-01", None]).astype("datetime64[us]"), "n": [3, 4],
         "precision": [0.5, np.nan], "drop": pd.array([True, None], "boolean"),
         "who": pd.Series(["a", None], dtype="str"), "ratio": [np.inf, -np.inf]}
    )  # fmt: skip
    alert = Alert(
        measure="precision", where="as of 2012-01-01", value=0.1, low=np.nan, high=np.nan,
        limit=0.2, side="below", certainty=CLEAR, consequence="retest", sentence="It is low.",
    )  # fmt: skip
    return OverTime(
        tables={"periods": periods}, alerts=(alert,), notes=("a note",), model_digest="f" * 64,
        k=50, policy={"name": "p", "tolerance": 0.1},
    )  # fmt: skip


def test_to_a_file_and_back(found, tmp_path):
    again = OverTime.load(found.save(tmp_path / "over_time.json"))
    assert set(again.tables) == set(TABLES)
    for name in TABLES:
        pd.testing.assert_frame_equal(again.tables[name], found.tables[name])
    assert again.to_dict() == found.to_dict()
    assert np.isnan(again.alerts[0].low) and again.alerts[0].limit == 0.2
    assert list(again.measured) == ["periods"]
    assert repr(again) == "OverTime(2 periods, 1 alerts, list of 50, model ffffffffffff)"


def test_tables_by_other_names_are_refused(found):
    with pytest.raises(SchemaError, match="no table is called 'people'"):
        found.with_tables(people=pd.DataFrame())
    assert found.with_tables(periods=pd.DataFrame()).measured == {}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 99}', "\x00"])
def test_what_is_no_such_file_says_what_to_do(content, tmp_path):
    path = tmp_path / "over_time.json"
    path.write_text(content)
    with pytest.raises(RiskModelError, match="riskmodel monitor"):
        OverTime.load(path)


def test_a_table_of_another_name_in_a_file_is_a_damaged_file(found, tmp_path):
    content = found.to_dict()
    content["tables"]["people"] = content["tables"].pop("periods")
    path = tmp_path / "over_time.json"
    path.write_text(json.dumps(content))
    with pytest.raises(RiskModelError, match="cannot be read"):
        OverTime.load(path)
