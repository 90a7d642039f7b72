"""The page: whole, self-contained, escaped, in the right words, and readable by all."""

import io
import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure import published
from riskmodel.errors import RiskModelError
from riskmodel.report.fairness_report import fairness_report, render_page

PARTS = 14
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
        if not self.open or self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def source(audit, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "fairness.html"
    return fairness_report(audit, path).read_text(encoding="utf-8")


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
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["f.html", "f_tables"]
    assert_parses_back(tmp_path / "out" / "f_tables", published(audit).tables())


@pytest.mark.parametrize("name", ["fairness", "fairness.htm", "fairness.html.exe"])
def test_a_path_of_another_kind_is_refused(audit, tmp_path, name):
    with pytest.raises(RiskModelError, match=r"\.html"):
        fairness_report(audit, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_same_audit_gives_the_same_page(audit, source):
    assert render_page(published(audit), internal=False) == source


def test_the_page_needs_nothing_from_anywhere(source, page):
    assert "http://" not in source and "https://" not in source
    assert not re.search(r"url\((?!#)", source) and "@import" not in source
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "img", "object", "embed", "base", "form"}
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
    labels = [attrs for attrs in page.all("div") if attrs.get("role") == "region"]
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in labels)


def test_all_fourteen_parts_stand_in_order(page):
    parts = [
        attrs["id"] for attrs in page.all("section") if attrs.get("id", "").startswith("part-")
    ]
    assert parts == [f"part-{number}" for number in range(1, PARTS + 1)]
    assert page.text.count("To be completed by the owner") >= 5


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
    assert page.text.index("INTERNAL") < page.text.index("Fairness report", 60)
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
    assert not page.all("script")
    assert page.crossed == [] and page.open == []
    assert '<script>alert("x")</script>' in page.text
    assert "$x_1$ & {{ 7 * 7 }}" in page.text
    assert sorted(one.name for one in hostile_folder.iterdir()) == ["f.html", "f_tables"]


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
