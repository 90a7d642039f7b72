"""Every kind of block is printed, and none of its text is markup."""

from typing import get_args

import pytest

from riskmodel.report import page
from riskmodel.report.blocks import (
    TO_COMPLETE,
    Absent,
    Block,
    Drawing,
    Facts,
    Fold,
    Grid,
    Heading,
    Note,
    Part,
    Points,
    ToComplete,
)
from riskmodel.report.tables import Cell, Table
from tests.report.html_page import Page


def blocks(say):
    """Return a block of each kind; `say` turns a name into its text."""
    table = Table(say("caption"), [say("head")], [[Cell(say("cell"), say("under"))]])
    return [
        Facts([(say("name"), say("fact"))]),
        Note(say("note")),
        Points([say("point")]),
        Absent(say("absent")),
        Heading(say("heading")),
        ToComplete([say("owner")]),
        Grid(table),
        Drawing('<svg id="drawn"></svg>', say("figure")),
        Fold(say("title"), [Note(say("shown"))], [Note(say("folded"))], say("label")),
    ]


@pytest.fixture
def printed(contents, monkeypatch):
    def of(found):
        parts = [Part(1, "A part", "Its lead.", found)]
        monkeypatch.setattr(page, "all_parts", lambda _: parts)
        return Page(page.render_page(contents))

    return of


def test_there_is_one_of_each_kind_and_no_two_share_a_name():
    found = blocks(str)
    assert {type(block) for block in found} == set(get_args(Block))
    assert len({block.kind for block in found}) == len(found)


def test_each_kind_is_printed_whole_and_as_text(printed):
    said = []

    def hostile(name):
        said.append(f"<b>{name}</b>")
        return said[-1]

    found = printed(blocks(hostile))
    assert [text for text in said if text not in found.text] == []
    assert "b" not in {tag for tag, _ in found.tags}
    assert "drawn" in {attrs.get("id") for attrs in found.all("svg")}
    assert TO_COMPLETE in found.text
    assert found.crossed == [] and found.open == []


@pytest.mark.parametrize("place", range(len(blocks(str))))
def test_a_block_adds_to_the_page_nothing_but_itself(printed, place):
    block = blocks(str)[place]
    bare, more = (len(printed(found).tags) for found in ([], [block]))
    twice = len(printed([block, block]).tags)
    assert more > bare
    assert twice - more == more - bare
