"""Rows with rules, features and outcomes that the baselines learn from."""

from dataclasses import replace

import pytest


@pytest.fixture(scope="session")
def train_and_test(world_snapshots):
    """Two dates to learn from, and a later one, of a small world; some of its features."""
    dates = world_snapshots.labelled.dates
    few = [f"{what}_{span}" for what in ("count", "harm_max") for span in ("1y", "2y", "ever")]
    few += ["incidents_serious_ever", "trend_harm_1y", "days_since_last_serious", "age"]
    world_snapshots = replace(world_snapshots, X=world_snapshots.X[few])
    earlier = world_snapshots.as_of.isin(dates[:2])
    return world_snapshots.subset(earlier), world_snapshots.subset(
        world_snapshots.as_of == dates[3]
    )
