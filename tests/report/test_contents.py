"""What is published of a report: every part of it, by the rules of disclosure."""

import warnings
from dataclasses import replace

import pandas as pd
import pytest

from riskmodel.audit.disclosure import published
from riskmodel.errors import RiskModelWarning
from riskmodel.monitoring.monitor import monitor
from riskmodel.report.contents import Contents, disclosed
from riskmodel.report.parts.change import change
from riskmodel.report.parts.use import use


@pytest.fixture(scope="module")
def followed(model, world_rows, small_world):
    """What became of the model, as the monitoring itself says it."""
    kept = world_rows.followed
    scores = model.estimates(kept.X).assign(person_id=kept.person_id, as_of=kept.as_of)
    first = scores.groupby("as_of").head(30)[["person_id", "as_of"]]
    directions = ["added", "removed", "removed"] * len(first)
    overrides = first.assign(direction=directions[: len(first)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskModelWarning)
        return monitor(
            scores, world_rows, small_world.histories, small_world.groups, model=model, k=60,
            overrides=overrides, n_replicates=20,
        )  # fmt: skip


def grids(part):
    return [block.table for block in part.blocks if block.kind == "grid"]


def test_what_the_monitoring_says_stands_in_its_parts_exact_and_published(audit, followed):
    exact = Contents(audit=audit, internal=True, over_time=followed)
    for contents in (exact, disclosed(replace(exact, internal=False))):
        periods = [table.caption for table in grids(change(contents))]
        assert any("What was estimated for each date" in caption for caption in periods)
        (decisions,) = (one for one in grids(use(contents)) if one.headings[0] == "Decision")
        assert {"Kept", "Added", "Removed"} <= {row[0].text for row in decisions.rows}


def test_each_version_before_is_published_with_those_before_it(measured):
    versions = [replace(measured, model=measured.model | {"version": str(i)}) for i in range(3)]
    found = disclosed(Contents(audit=versions[2], internal=False, earlier=tuple(versions[:2])))
    assert [one.model["version"] for one in found.earlier] == ["0", "1"]
    pd.testing.assert_frame_equal(found.earlier[0].listed, published(versions[0]).listed)


def test_what_is_measured_and_not_published_is_known_by_name(measured):
    found = disclosed(Contents(audit=measured, internal=False))
    assert {"lengths", "victim_lengths"} <= found.kept_back
    assert not found.kept_back & set(found.audit.tables())


def test_alternatives_leave_without_their_counts(contents):
    found = disclosed(replace(contents, internal=False))
    assert "numerator" not in found.alternatives.frontier
    assert len(found.alternatives.frontier) == len(contents.alternatives.frontier)
