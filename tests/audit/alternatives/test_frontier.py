"""The frontier is what brute force says; nobody is called not worse who is."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.alternatives.candidates import COMPARATOR, Described
from riskmodel.audit.alternatives.frontier import (
    FRONTIER_COLUMNS,
    frontier_table,
    non_dominated,
    within_interval,
)
from riskmodel.audit.alternatives.measures import measure
from riskmodel.audit.by_group.rates import Settings

LEVEL = 0.95
SHARES = st.one_of(st.sampled_from([0.0, 0.1, 0.2, 0.3, np.nan]), st.floats(0, 1))


def beats(one, other):
    """As precise or more, with a gap as small or smaller; and truly so in one of them."""
    (precise, gap), (their_precision, their_gap) = one, other
    return (
        precise >= their_precision
        and gap <= their_gap
        and (precise > their_precision or gap < their_gap)
    )


@given(st.lists(st.tuples(SHARES, SHARES), max_size=12))
def test_the_frontier_is_what_no_other_model_beats(models):
    precision, gap = (np.array([model[side] for model in models]) for side in (0, 1))
    known = [model for model in models if not np.isnan(model).any()]
    expected = [
        model in known and not any(beats(other, model) for other in known) for model in models
    ]
    assert non_dominated(precision, gap).tolist() == expected


def test_a_model_below_the_interval_or_surely_below_is_worse():
    rng = np.random.default_rng(0)
    noise = rng.normal(scale=0.02, size=(2000, 1))
    own = rng.normal(scale=0.005, size=(2000, 1))
    drawn = 0.30 + np.hstack([noise, noise - 0.005 + own, noise - 0.02 + own, noise - 0.06 + own])
    precision = np.array([0.30, 0.295, 0.28, 0.24])
    # as good within noise; within the interval, and yet surely a little worse; below the interval
    assert within_interval(precision, drawn, LEVEL).tolist() == [True, True, False, False]


def table_of(kinds, n=400, seed=0):
    rng = np.random.default_rng(seed)
    listed = rng.random((n, len(kinds))) < 0.5
    y, half = (rng.random(n) < 0.5).astype(float), pd.DataFrame({"half": ["a", "b"] * (n // 2)})
    measured = measure(
        listed, y, np.arange(n), half, metric="precision", settings=Settings(n_replicates=100)
    )
    described = [Described(name=str(i), kind=kind) for i, kind in enumerate(kinds)]
    return frontier_table(described, measured, metric="precision", level=LEVEL), measured


def test_a_comparator_is_never_on_the_frontier_and_pushes_nobody_off_it():
    kinds = ["chosen", "variation", "variation", COMPARATOR, COMPARATOR]
    with_them, _ = table_of(kinds)
    as_models, _ = table_of(["chosen", *["variation"] * 4])
    assert tuple(with_them.columns) == FRONTIER_COLUMNS
    assert not with_them["on_frontier"][3:].any()
    kept = with_them[:3][with_them["not_worse"][:3]]
    expected = non_dominated(kept["precision"], kept["gap"])
    assert with_them["on_frontier"][kept.index].tolist() == expected.tolist()
    same = ["precision", "gap", "not_worse"]
    pd.testing.assert_frame_equal(with_them[same], as_models[same])


def test_differences_are_paired_and_those_of_the_chosen_are_nothing():
    table, _ = table_of(["chosen", "variation"])
    chosen, other = table.iloc[0], table.iloc[1]
    for name in ("precision", "gap"):
        columns = [f"{name}_difference{end}" for end in ("", "_low", "_high")]
        assert chosen[columns].astype(float).tolist() == [0.0, 0.0, 0.0]
        assert other[columns[1]] <= other[columns[0]] <= other[columns[2]]
        assert np.isclose(other[columns[0]], other[name] - chosen[name])
        assert 0 <= table[f"{name}_low"][1] <= other[name] <= table[f"{name}_high"][1] <= 1
