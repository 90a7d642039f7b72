"""The page: self-contained, escaped, in the right words, and readable by all."""

import itertools
import re

import pytest

from riskmodel.report.page import content_policy
from tests.report.html_page import Page
from tests.report.made_up_audit import HOSTILE

PARTS = 14
BANNED = ("dangerous", "unbiased", "fair model", "will reoffend", "will re-offend")


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


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


def test_page_one_says_how_many_had_no_later_record(shown, page):
    summary = shown.audit.summary
    assert f"about {summary['listed_no_later_serious']} had no later serious record" in page.text
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


def test_hostile_names_are_text_and_never_markup(written):
    found = Page(written("hostile").read_text(encoding="utf-8"))
    assert len(found.all("script")) == 1
    assert found.crossed == [] and found.open == []
    assert HOSTILE in found.text
    assert "$x_1$ & {{ 7 * 7 }}" in found.text


def test_a_waiver_and_the_version_before_stand_on_a_published_page(page, waiver):
    first, rest = page.text.split("The verdicts, and the figures", maxsplit=1)
    assert all(said in first for said in ("A. Owner", waiver.reason, "2026-03-01"))
    assert "From version to version" in rest and "vbefore" in rest
