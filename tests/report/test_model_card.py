"""The card says what the model is, what it is for, and what it was not asked."""

import re
from datetime import date

import pytest

from riskmodel.report.model_card import markdown, model_card


@pytest.fixture(scope="module")
def card(model, audit):
    return model_card(model, audit)


@pytest.fixture(scope="module")
def hostile_card(model, hostile):
    return model_card(model, hostile)


def test_the_card_identifies_the_model_and_its_limits(model, card):
    assert model.digest in card
    assert model.expires.isoformat() in card
    assert "to be completed by the owner" in card
    for heading in ("Identity", "What it may be used for", "Accuracy", "Fairness", "Limits"):
        assert f"\n## {heading}\n" in card
    for feature in model.task.columns:
        assert f"`{feature.name}`" in card


def test_without_an_audit_it_says_that_there_is_none(model):
    card = model_card(model)
    assert "No audit was given" in card
    assert "## Accuracy" not in card


def test_its_counts_are_those_that_are_published(card, shown):
    summary = shown.audit.summary
    assert f"about {summary['listed_no_later_serious']} had no later serious record" in card


def test_every_table_row_has_as_many_cells_as_its_heading(hostile_card):
    lines = hostile_card.splitlines()
    widths = {}
    for number, line in enumerate(lines):
        if line.startswith("|"):
            start = number if not lines[number - 1].startswith("|") else widths[number - 1][0]
            widths[number] = (start, len(re.findall(r"(?<!\\)\|", line)))
    assert widths
    assert all(width == widths[start][1] for start, width in widths.values())


def test_names_from_data_are_no_markup(hostile_card):
    assert not re.search(r"(?<!\\)<script", hostile_card)
    assert markdown("a\n# b") == "a \\# b"


def test_a_waiver_stands_in_the_card_with_name_reason_and_expiry(model, audit, waiver):
    card = model_card(model, audit, waivers=[waiver], today=date(2026, 2, 1))
    assert "Waiver in force: A. Owner" in card and "2026-03-01" in card
    late = model_card(model, audit, waivers=[waiver], today=date(2026, 4, 1))
    assert "none noted" in late


def test_the_card_says_why_these_criteria_and_that_not_all_can_hold(card):
    assert "cannot all hold" in card
