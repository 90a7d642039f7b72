"""What a report writes: a page, its content as JSON and its tables, each whole or absent."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.report.fairness_report import fairness_report
from tests.report.html_page import Page


def assert_parses_back(folder, tables):
    assert {path.stem for path in folder.iterdir()} == set(tables)
    for name, table in tables.items():
        found = pd.read_csv(io.StringIO((folder / f"{name}.csv").read_text(encoding="utf-8")))
        assert list(found.columns) == list(table.columns)
        assert len(found) == len(table)
        for column in set(found.select_dtypes("number")) & set(table.select_dtypes("number")):
            expected = table[column].to_numpy(dtype=float, na_value=np.nan)
            np.testing.assert_allclose(found[column].to_numpy(dtype=float), expected)


def test_page_and_tables_are_there_and_nothing_else(written, shown):
    for name in ("plain", "hostile"):
        beside = {path.name for path in written(name).parent.iterdir()}
        assert beside == {f"{name}.html", f"{name}.json", f"{name}_tables"}
    assert_parses_back(written("plain").with_name("plain_tables"), shown.audit.tables())


@pytest.mark.parametrize("name", ["fairness", "fairness.htm", "fairness.html.exe"])
def test_a_path_of_another_kind_is_refused(audit, tmp_path, name):
    with pytest.raises(RiskModelError, match=r"\.html"):
        fairness_report(audit, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_is_written_is_the_page_of_what_may_be_shown(written, source):
    assert written("plain").read_text(encoding="utf-8") == source


def test_an_internal_report_replaces_the_one_before_and_keeps_exact_counts(measured, tmp_path):
    (tmp_path / "f_tables").mkdir()
    for name in ("old", "listed"):
        (tmp_path / "f_tables" / f"{name}.csv").write_text("of the report before")
    written = []
    for _ in range(2):
        path = fairness_report(measured, tmp_path / "f.html", internal=True)
        written.append(path.read_bytes() + (tmp_path / "f.json").read_bytes())
    assert written[0] == written[1]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["f.html", "f.json", "f_tables"]
    assert not (tmp_path / "f_tables" / "old.csv").exists()
    page = Page(path.read_text(encoding="utf-8"))
    assert page.text.index("INTERNAL") < page.text.index("In two minutes")
    exact = pd.read_csv(tmp_path / "f_tables" / "listed.csv")
    np.testing.assert_array_equal(exact["numerator"], measured.listed["numerator"])
    assert "about" not in " ".join(page.text.split("In two minutes")[1].split()[:60])


def test_a_spreadsheet_runs_no_name(written):
    tables = list(written("hostile").with_name("hostile_tables").iterdir())
    assert any("'=1+1" in path.read_text(encoding="utf-8") for path in tables)
    for path in tables:
        found = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in found.select_dtypes("str"):
            starts = found[column][found[column].str.match(r"[=+@]")]
            assert starts.empty, (path.name, column)


def test_a_folder_of_someone_else_is_not_replaced(audit, tmp_path):
    (tmp_path / "page_tables").mkdir()
    (tmp_path / "page_tables" / "thesis.txt").write_text("years of work")
    with pytest.raises(RiskModelError, match="holds other files"):
        fairness_report(audit, tmp_path / "page.html")
    assert (tmp_path / "page_tables" / "thesis.txt").exists()


def test_everything_that_can_be_shown_stands_on_an_internal_page(written):
    page = Page(written("internal").read_text(encoding="utf-8"))
    assert page.crossed == [] and page.open == []
    assert "Not measured" not in page.text
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", page.text)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {"over_time_drift.csv", "alternatives.csv"} < {
        one.name for one in written("internal").with_name("internal_tables").iterdir()
    }


def test_the_json_says_what_the_page_says(written, audit, shown):
    content = json.loads(written("plain").with_suffix(".json").read_text(encoding="utf-8"))
    assert content["verdict"] == shown.audit.verdict and content["internal"] is False
    assert set(content["tables"]) == set(shown.audit.tables())
    assert len(content["page_one"]) == 6
    assert len(content["tables"]["listed"]) == len(shown.audit.listed)
    exact = audit.listed.loc[audit.listed["metric"] == "selection_rate", "numerator"].tolist()
    given = [row["numerator"] for row in content["tables"]["listed"]]
    assert not set(exact) & set(range(1, 8)) & set(given)


def test_a_json_of_something_else_is_not_overwritten(audit, tmp_path):
    (tmp_path / "audit.json").write_text('{"format": 2}')
    with pytest.raises(RiskModelError, match=r"audit\.json is not the JSON of a fairness report"):
        fairness_report(audit, tmp_path / "audit.html")
    assert [one.name for one in tmp_path.iterdir()] == ["audit.json"]


def test_a_waiver_or_a_monitoring_of_another_model_is_refused(audit, waiver, over_time, tmp_path):
    with pytest.raises(RiskModelError, match="1 of 1 are for another model"):
        fairness_report(
            audit, tmp_path / "f.html", waivers=[replace(waiver, model_digest="0" * 64)]
        )
    with pytest.raises(RiskModelError, match="over_time: of model 0000"):
        other = replace(over_time, model_digest="0" * 64)
        fairness_report(audit, tmp_path / "f.html", over_time=other)
    assert not list(tmp_path.iterdir())
