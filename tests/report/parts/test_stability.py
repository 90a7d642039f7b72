"""Part 11: what was not computed shows its reason and no zero."""

from dataclasses import replace

import numpy as np
import pandas as pd

from riskmodel.report.parts.stability import stability


def facts(part):
    return {
        name: text for block in part.blocks if block.kind == "facts" for name, text in block.rows
    }


def test_a_variant_that_was_not_computed_shows_its_reason_and_no_zero(contents):
    columns = ["variant", "as_of", "k", "kept", "share_kept", "note"]
    done = ("under another edition", pd.Timestamp("2020-01-01"), 60, 48, 0.8, "")
    left = ("under a third edition", pd.NaT, 0, 0, np.nan, "it has no value for 3 of the 5")
    table = pd.DataFrame([done, left], columns=columns)
    audit = contents.audit.with_tables(stability=table)
    part = stability(replace(contents, audit=audit))
    (grid,) = (block for block in part.blocks if block.kind == "grid")
    assert [[cell.text for cell in row] for row in grid.table.rows] == [
        ["Under another edition", "2020-01-01", "60", "48", "80.0%"]
    ]
    assert facts(part)["Under a third edition"] == "it has no value for 3 of the 5"


def test_without_variants_nothing_is_made_up(contents):
    audit = contents.audit.with_tables(stability=contents.audit.stability[:0])
    part = stability(replace(contents, audit=audit))
    assert [block.kind for block in part.blocks] == ["facts", "absent"]


def test_estimates_without_intervals_say_nothing_of_the_cut(contents):
    summary = {k: v for k, v in contents.audit.summary.items() if not k.startswith("near_cut")}
    part = stability(replace(contents, audit=replace(contents.audit, summary=summary)))
    assert part.blocks[0].kind == "absent"
