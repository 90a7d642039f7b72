import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.snapshots.table import Snapshots

X = pd.DataFrame({"priors": [0, 3, 1, 2], "gap": [1.5, np.nan, 2.0, 0.0]})
Y = [0, 1, np.nan, 1]


def test_a_ready_made_table_becomes_snapshots():
    table = Snapshots.from_table(X, Y, person_id=["a", "b", "c", "a"], harm=[0, 5, np.nan, 7])
    assert table.observed.tolist() == [True, True, False, True]
    assert len(table.labelled) == 3
    assert table.totals["harm_named"].tolist() == [12.0]
    assert table.X.dtypes.eq(np.float32).all()


@pytest.mark.parametrize("name", ["sex", "Race", "victim_ethnicity", "birth_year"])
def test_protected_columns_are_refused(name):
    with pytest.raises(LeakageError, match="groups table"):
        Snapshots.from_table(X.assign(**{name: 1}), Y)


@pytest.mark.parametrize(
    ("table", "outcome"),
    [
        (X.assign(text=["a", "b", "c", "d"]), Y),
        (X.assign(gap=np.inf), Y),
        (X, [0, 2, 1, 0]),
        (X, [0, 1]),
        (X.to_numpy(), Y),
    ],
)
def test_what_is_no_table_of_numbers_is_a_clear_error(table, outcome):
    with pytest.raises(SchemaError) as error:
        Snapshots.from_table(table, outcome)
    assert "1.5" not in str(error.value)


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_subset_keeps_all_parts_aligned(mask):
    dates = pd.to_datetime(["2020-01-01", "2020-01-01", "2021-01-01", "2021-01-01"])
    table = Snapshots.from_table(X, Y, person_id=["a", "b", "c", "d"], as_of=dates)
    part = table.subset(mask)
    assert list(part.person_id) == [p for p, keep in zip("abcd", mask, strict=True) if keep]
    assert len(part.X) == len(part.y) == len(part.rules) == sum(mask)
    assert set(part.totals.index) == set(part.as_of)


def test_labels_of_a_ready_made_table_cannot_be_remade():
    table = Snapshots.from_table(X, Y)
    with pytest.raises(SchemaError, match="not built from histories"):
        table.relabelled(pd.Timestamp("2020-01-01"))


def test_it_shows_itself_in_one_line_without_a_row():
    assert repr(Snapshots.from_table(X, Y)) == (
        "Snapshots(4 rows, 2 features, 1 date, 3 labelled, 2 with the outcome)"
    )


def test_the_flat_table_holds_every_row_once():
    frame = Snapshots.from_table(X, Y).to_frame()
    assert len(frame) == 4
    assert frame.columns.is_unique


def test_harm_of_rows_that_were_not_observed_is_in_no_denominator():
    table = Snapshots.from_table(X, Y, harm=[0, 5, 100, 7])
    assert np.isnan(table.harm[2])
    assert table.totals["harm_named"].tolist() == [12.0]


def test_totals_of_what_is_not_known_are_missing_not_zero():
    totals = Snapshots.from_table(X, Y).totals
    assert totals[["harm_capped_named", "harm_capped_all", "victims_named"]].isna().all(axis=None)
    unseen = Snapshots.from_table(X, [np.nan] * 4).totals
    assert unseen.isna().all(axis=None)
