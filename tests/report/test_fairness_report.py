"""The page: whole, self-contained, escaped, in the right words, and readable by all."""

import io
import itertools
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure import published
from riskmodel.errors import RiskModelError
from riskmodel.report.contents import Contents
from riskmodel.report.disclosed import disclosed
from riskmodel.report.fairness_report import fairness_report
from riskmodel.report.page import content_policy, render_page

PARTS = 14
TODAY = date(2026, 2, 1)
BANNED = ("dangerous", "unbiased", "fair model", "will reoffend", "will re-offend")
VOID = {"meta", "br", "link", "img", "input", "hr", "base"}


class Page(HTMLParser):
    """What a browser would see: tags, attributes, text, and whether tags close in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.open, self.crossed = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data):
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def source(audit, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "fairness.html"
    return fairness_report(audit, path, today=TODAY).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


@pytest.fixture(scope="module")
def hostile_folder(hostile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    fairness_report(hostile, folder / "f.html")
    return folder


def test_page_and_tables_are_there_and_nothing_else(audit, tmp_path):
    assert fairness_report(audit, tmp_path / "out" / "f.html") == tmp_path / "out" / "f.html"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "f.html",
        "f.json",
        "f_tables",
    ]
    assert_parses_back(tmp_path / "out" / "f_tables", published(audit).tables())


@pytest.mark.parametrize("name", ["fairness", "fairness.htm", "fairness.html.exe"])
def test_a_path_of_another_kind_is_refused(audit, tmp_path, name):
    with pytest.raises(RiskModelError, match=r"\.html"):
        fairness_report(audit, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_same_audit_gives_the_same_page(audit, source):
    contents = Contents(audit=audit, internal=False, today=TODAY)
    assert render_page(disclosed(contents)) == source


def test_the_page_needs_nothing_from_anywhere(source, page):
    assert "http://" not in source and "https://" not in source
    assert not re.search(r"url\((?!#)", source) and "@import" not in source
    names = {tag for tag, _ in page.tags}
    assert not names & {"link", "iframe", "img", "object", "embed", "base", "form"}
    for _, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href", "xlink:href"):
            assert attrs.get(name, "#").startswith("#")


def test_tags_close_in_order_and_no_id_is_used_twice(page):
    assert page.crossed == [] and page.open == []
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"][1:] for attrs in page.all("a")}
    assert links <= set(ids)


def test_a_screen_reader_finds_its_way(page):
    assert page.all("html") == [{"lang": "en-GB"}]
    for landmark in ("main", "nav", "header", "footer", "h1"):
        assert len(page.all(landmark)) == 1, landmark
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in attrs for attrs in page.all("th"))
    drawings = page.all("svg")
    assert drawings and all(attrs["role"] == "img" for attrs in drawings)
    groups = [attrs for attrs in page.all("div") if attrs.get("role") == "group"]
    assert groups and all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in groups)


def test_all_fourteen_parts_stand_in_order(page):
    parts = [
        attrs["id"] for attrs in page.all("section") if attrs.get("id", "").startswith("part-")
    ]
    assert parts == [f"part-{number}" for number in range(1, PARTS + 1)]
    assert page.text.count("To be completed by the owner") >= 5


def test_the_policy_of_the_page_names_its_own_style_and_script_and_no_other(source, page):
    (style,), (script,) = (
        re.findall(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL) for tag in ("style", "script")
    )
    (policy,) = (one["content"] for one in page.all("meta") if "http-equiv" in one)
    assert policy == content_policy(style, script)
    assert (
        "script-src 'sha256-" in policy and "'unsafe-inline'" not in policy.split("script-src")[1]
    )


def test_page_one_says_how_many_had_no_later_record(audit, page):
    shown = published(audit).summary
    assert f"about {shown['listed_no_later_serious']} had no later serious record" in page.text
    assert "no list of named suspects can cover those" in page.text


def test_the_verdict_is_in_words_and_not_in_colour_alone(audit, page):
    names = {"pass": "Pass", "fail": "Fail", "insufficient evidence": "Insufficient evidence"}
    assert names[audit.verdict] in page.text


@pytest.mark.parametrize("word", BANNED)
def test_words_that_must_not_stand_in_a_report(page, word):
    assert word not in page.text.lower()


def test_no_undefined_or_internal_value_shows_through(page):
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", page.text)
    assert "INTERNAL" not in page.text


def test_an_internal_page_is_marked_and_keeps_exact_counts(audit, tmp_path):
    (tmp_path / "internal_tables").mkdir()
    for name in ("old", "listed"):
        (tmp_path / "internal_tables" / f"{name}.csv").write_text("of the report before")
    path = fairness_report(audit, tmp_path / "internal.html", internal=True)
    assert not (tmp_path / "internal_tables" / "old.csv").exists()
    assert not list(tmp_path.glob(".*partial*"))
    page = Page(path.read_text(encoding="utf-8"))
    assert page.text.index("INTERNAL") < page.text.index("In two minutes")
    exact = pd.read_csv(tmp_path / "internal_tables" / "listed.csv")
    np.testing.assert_array_equal(exact["numerator"], audit.listed["numerator"])
    assert "about" not in " ".join(page.text.split("In two minutes")[1].split()[:60])


def assert_parses_back(folder, tables):
    assert {path.stem for path in folder.iterdir()} == set(tables)
    for name, table in tables.items():
        found = pd.read_csv(io.StringIO((folder / f"{name}.csv").read_text(encoding="utf-8")))
        assert list(found.columns) == list(table.columns)
        assert len(found) == len(table)
        for column in set(found.select_dtypes("number")) & set(table.select_dtypes("number")):
            expected = table[column].to_numpy(dtype=float, na_value=np.nan)
            np.testing.assert_allclose(found[column].to_numpy(dtype=float), expected)


def test_hostile_names_are_text_and_never_markup(hostile_folder):
    page = Page((hostile_folder / "f.html").read_text(encoding="utf-8"))
    assert len(page.all("script")) == 1
    assert page.crossed == [] and page.open == []
    assert '<script>alert("x")</script>' in page.text
    assert "$x_1$ & {{ 7 * 7 }}" in page.text
    assert sorted(one.name for one in hostile_folder.iterdir()) == ["f.html", "f.json", "f_tables"]


def test_a_spreadsheet_runs_no_name(hostile_folder):
    for path in (hostile_folder / "f_tables").iterdir():
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


def test_everything_that_can_be_shown_stands_on_an_internal_page(contents, tmp_path):
    path = fairness_report(
        contents.audit, tmp_path / "all.html", internal=True, over_time=contents.over_time,
        alternatives=contents.alternatives, waivers=contents.waivers, earlier=contents.earlier,
        today=contents.today,
    )  # fmt: skip
    page = Page(path.read_text(encoding="utf-8"))
    assert page.crossed == [] and page.open == []
    assert "Not measured" not in page.text
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", page.text)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {"over_time_drift.csv", "alternatives.csv"} < {
        one.name for one in (tmp_path / "all_tables").iterdir()
    }


def test_the_json_says_what_the_page_says(audit, tmp_path):
    fairness_report(audit, tmp_path / "f.html", today=TODAY)
    content = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    shown = published(audit)
    assert content["verdict"] == shown.verdict and content["internal"] is False
    assert set(content["tables"]) == set(shown.tables())
    assert len(content["page_one"]) == 6
    assert len(content["tables"]["listed"]) == len(shown.listed)
    exact = audit.listed.loc[audit.listed["metric"] == "selection_rate", "numerator"].tolist()
    given = [row["numerator"] for row in content["tables"]["listed"]]
    assert not set(exact) & set(range(1, 8)) & set(given)


def test_a_json_of_something_else_is_not_overwritten(audit, tmp_path):
    (tmp_path / "audit.json").write_text('{"format": 2}')
    with pytest.raises(RiskModelError, match=r"audit\.json is not the JSON of a fairness report"):
        fairness_report(audit, tmp_path / "audit.html")
    assert [one.name for one in tmp_path.iterdir()] == ["audit.json"]
    (tmp_path / "audit.json").unlink()
    for _ in range(2):
        fairness_report(audit, tmp_path / "audit.html")


def test_a_waiver_or_a_monitoring_of_another_model_is_refused(audit, waiver, over_time, tmp_path):
    with pytest.raises(RiskModelError, match="1 of 1 are for another model"):
        fairness_report(
            audit, tmp_path / "f.html", waivers=[replace(waiver, model_digest="0" * 64)]
        )
    with pytest.raises(RiskModelError, match="over_time: of model 0000"):
        other = replace(over_time, model_digest="0" * 64)
        fairness_report(audit, tmp_path / "f.html", over_time=other)
    assert not list(tmp_path.iterdir())


def test_waivers_stand_on_page_one_of_a_published_page(audit, waiver, tmp_path):
    path = fairness_report(audit, tmp_path / "f.html", waivers=[waiver], today=TODAY)
    first = Page(path.read_text(encoding="utf-8")).text.split("The verdicts, and the figures")[0]
    assert "A. Owner" in first and waiver.reason in first and "2026-03-01" in first


def test_the_versions_before_are_published_too(audit, tmp_path):
    before = replace(audit, model=audit.model | {"version": "before"})
    path = fairness_report(audit, tmp_path / "f.html", earlier=[before], today=TODAY)
    text = Page(path.read_text(encoding="utf-8")).text
    assert "From version to version" in text and "vbefore" in text
