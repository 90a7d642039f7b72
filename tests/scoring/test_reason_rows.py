import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from riskmodel.scoring.reason_rows import largest, place_within, reasons_of
from riskmodel.scoring.reasons import reasons
from riskmodel.scoring.reply import Reason
from riskmodel.scoring.scored_rows import explained_rows
from riskmodel.snapshots.records import known_columns
from riskmodel.snapshots.windows import instant_us

AS_OF = "2022-07-01"
SIZES = st.sampled_from([0.0, -0.0, 0.5, -0.5, 0.25, -3.0, 1e-300])


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 8)), elements=SIZES),
       st.integers(1, 9))  # fmt: skip
def test_the_largest_of_each_row_the_first_of_equal_ones_first(values, top):
    row, column = largest(values, top)
    expected = [
        (i, j)
        for i, of_row in enumerate(values.tolist())
        for j in sorted(range(len(of_row)), key=lambda j: -abs(of_row[j]))[:top]
        if of_row[j] != 0
    ]
    assert list(zip(row.tolist(), column.tolist(), strict=True)) == expected


@given(st.lists(st.integers(0, 5)).map(sorted))
def test_places_within_a_row_count_from_nought(row):
    seen = {}
    expected = [seen.update({i: seen.get(i, -1) + 1}) or seen[i] for i in row]
    assert place_within(np.array(row, dtype=np.int64)).tolist() == expected


@pytest.fixture(scope="module")
def rows(trained, scores):
    (full,) = explained_rows(trained.histories, trained.model, scores.iloc[::7])
    return full


def alone(trained, rows, place, top):
    """Return the reasons of one row, without a table."""
    records, _ = known_columns(trained.histories, rows.task, AS_OF, [rows.person_id[place]])
    return reasons_of(
        trained.task.feature_names,
        trained.task.by_name,
        rows.X.to_numpy()[place],
        rows.values[place],
        records,
        instant_us(AS_OF),
        top=top,
    )


def test_one_person_without_a_table_has_the_reasons_of_the_table(trained, scores, rows):
    table = reasons(trained.histories, trained.model, scores, top=6)
    for place, person in enumerate(rows.person_id.tolist()):
        expected = table[table["person_id"] == person]
        found = alone(trained, rows, place, 6)
        for reason, row in zip(found, expected.itertuples(), strict=True):
            told = None if np.isnan(row.value) else row.value
            assert (reason.order, reason.feature, reason.sentence) == row[2:5]
            assert (reason.value, reason.contribution) == (told, row.contribution)
            assert "; ".join(reason.source_ids) == row.source_ids
            assert "; ".join(reason.evidence) == row.evidence


def test_a_reason_is_what_its_type_says(trained, rows):
    for place in range(20):
        for reason in alone(trained, rows, place, 150):
            assert Reason.model_validate(reason.model_dump()) == reason
            assert len(reason.source_ids) == len(reason.evidence)


def test_no_more_reasons_than_move_the_margin(trained, rows):
    moving = (rows.values != 0).sum(axis=1)
    for place in range(20):
        assert len(alone(trained, rows, place, 1_000)) == moving[place]
        assert len(alone(trained, rows, place, 2)) == min(2, moving[place])
