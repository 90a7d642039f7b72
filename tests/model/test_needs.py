import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.model.needs import lacking, lacking_names, say_lacking

NUMBERS = st.one_of(st.floats(allow_infinity=False, width=32), st.just(np.nan))


@given(
    arrays(np.float32, (5, 3), elements=NUMBERS), arrays(np.float64, 3, elements=st.floats(0, 1))
)
def test_a_row_lacks_what_is_missing_here_and_never_was(table, missing):
    reference = {"missing": missing}
    by_row = [
        [bool(np.isnan(value)) and share == 0 for value, share in zip(row, missing, strict=True)]
        for row in table
    ]
    assert lacking(table, reference).tolist() == by_row


def test_rows_that_were_learnt_from_lack_nothing(world_model, world_snapshots):
    assert not lacking(world_snapshots.learnable.X.to_numpy(), world_model.reference).any()


def test_a_value_that_trees_would_read_as_0_is_lacking(world_model, world_snapshots):
    """The reason for it all: trees that never met a missing value take it for 0."""
    column = world_model.feature_names.index("incidents_1y")
    rows = world_snapshots.learnable.X.to_numpy()[:300]
    absent, zero = rows.copy(), rows.copy()
    absent[:, column], zero[:, column] = np.nan, 0.0
    assert (world_model.scorer.margin(absent)[0] == world_model.scorer.margin(zero)[0]).all()
    assert lacking(absent, world_model.reference)[:, column].all()


def test_names_are_of_one_row_or_of_any_of_several():
    mask = np.array([[True, False, False], [True, False, True]])
    assert lacking_names(["a", "b", "c"], mask) == ("a", "c")
    assert lacking_names(["a", "b", "c"], mask[0]) == ("a",)
    assert lacking_names(["a", "b", "c"], np.zeros((0, 3), dtype=bool)) == ()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["age"], "age is not known here"),
        (["age", "b"], "age and b are not known here"),
        (["age", "b", "c"], "age, b and c are not known here"),
    ],
)
def test_the_sentence_names_what_is_lacking(names, said):
    assert say_lacking(names) == (
        f"{said} and {'was' if len(names) == 1 else 'were'} always known where the model learnt"
    )
