"""Parts 1 to 3: what was promised and why, and what else was possible."""

from dataclasses import replace

import numpy as np

from riskmodel.audit.policies.criteria import CANNOT_ALL_HOLD
from riskmodel.report.parts.opening import alternatives_table, identity, purpose


def texts(part):
    return " ".join(block.text for block in part.blocks if hasattr(block, "text"))


def test_the_criteria_their_reason_and_that_not_all_can_hold_are_said_once(contents):
    part = purpose(contents)
    (promised, *_) = (block.lines for block in part.blocks if block.kind == "points")
    assert promised == ["Precision: within 10 points of the reference group."]
    assert texts(part).count(CANNOT_ALL_HOLD) == 1
    silent = replace(contents.audit, policy=replace(contents.audit.policy, why=""))
    found = texts(purpose(replace(contents, audit=silent)))
    assert "does not say why" in found and CANNOT_ALL_HOLD in found


def test_alternatives_stand_with_cost_gap_and_legal_note(contents, alternatives):
    part = purpose(contents)
    (grid,) = (block.table for block in part.blocks if block.kind == "grid")
    assert [row[-1].text for row in grid.rows] == ["12 pts", "6 pts", "1 pts"]
    assert grid.rows[2][1].text == "only to compare, reads the group, less precise"
    notes = [line for block in part.blocks if block.kind == "points" for line in block.lines]
    assert "Cut-offs by group may be direct discrimination." in notes


def test_an_alternative_without_a_gap_says_why(alternatives):
    bare = alternatives.frontier.assign(gap=np.nan, note="no group could be compared")
    cell = alternatives_table(bare).rows[0][-1]
    assert (cell.text, cell.under, cell.value) == ("–", "no group could be compared", None)


def test_without_alternatives_it_is_said_that_none_was_tried(contents):
    part = purpose(replace(contents, alternatives=None))
    (absent,) = (block.text for block in part.blocks if block.kind == "absent")
    assert "Not measured in this run" in absent


def test_the_digest_of_the_model_stands_whole(contents):
    (facts,) = (block for block in identity(contents).blocks if block.kind == "facts")
    assert dict(facts.rows)["Digest of the model"] == contents.audit.model_digest
