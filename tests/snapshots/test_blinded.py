"""Blinded rows: whatever followed, they are the same, and nothing leads back to it."""

from dataclasses import replace

import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.blinded import blinded
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

WORLD = make_histories(500, seed=3)
OUTCOMES = ["y", "harm", "harm_capped", "serious_count"]


def rows_of(**outcome):
    task = Task(offences=WORLD.offences, outcome=Outcome(horizon_days=365, **outcome))
    dates = ["2021", "2023", "2023-09"]
    return build_snapshots(WORLD.histories, task, as_of=dates, late_allowance_days=0)


def test_no_outcome_and_no_records_are_left():
    rows = rows_of().labelled
    assert rows.y.sum() > 0
    hidden = blinded(rows)
    assert all(getattr(hidden, name).isna().all() for name in OUTCOMES)
    assert hidden.totals.isna().all(axis=None)
    assert hidden.between.shape[1] == 0
    assert not hidden.observed.any()
    assert hidden.follow_up["days_at_risk"].isna().all()
    assert (hidden.follow_up["event"] == 0).all()
    with pytest.raises(SchemaError, match="not built from histories"):
        hidden.relabelled(pd.Timestamp("2021"))
    assert not len(hidden.learnable)


def test_what_a_model_reads_stays_and_the_rows_given_are_as_they_were():
    rows = rows_of().labelled
    hidden = blinded(rows)
    pd.testing.assert_frame_equal(hidden.X, rows.X)
    pd.testing.assert_frame_equal(hidden.rules, rows.rules)
    assert hidden.person_id.tolist() == rows.person_id.tolist()
    assert rows.observed.all()


def test_whatever_followed_they_are_the_same():
    rows = rows_of().labelled
    others = {name: getattr(rows, name)[::-1].reset_index(drop=True) for name in OUTCOMES}
    other = replace(rows, **others, totals=rows.totals + 1)
    assert other.y.tolist() != rows.y.tolist()
    pd.testing.assert_frame_equal(blinded(other).to_frame(), blinded(rows).to_frame())


def test_weights_that_tell_when_an_offence_came_are_hidden():
    """Of weighted outcomes an early offence has a lower weight than none."""
    rows = rows_of(censored="weighted")
    now = rows.subset((rows.as_of == "2023-01-01") & rows.observed)
    assert now.y.corr(now.weight) < -0.1
    assert blinded(now).weight.nunique() == 1


def test_ready_made_rows_are_blinded_as_well():
    hidden = blinded(Snapshots.from_table(pd.DataFrame({"priors": [0, 3]}), [0, 1]))
    assert hidden.y.isna().all()
    assert hidden.X["priors"].tolist() == [0, 3]
