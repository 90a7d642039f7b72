"""Stricter readings of the records change what the list was right about."""

import pytest

from riskmodel.audit.label_evidence import label_table


def test_only_one_of_the_three_was_convicted(tiny, tiny_rows):
    listed = tiny_rows.person_id.isin(["p2", "p3"]).to_numpy()
    found = label_table(tiny_rows, tiny, listed).set_index("label")
    # p1, p2 and p3 have a later serious record; only that of p3 became a conviction
    assert found["scored_later"].tolist() == [3, 1, 1]
    assert found["listed_later"].tolist() == [2, 1, 1]
    assert found["precision"].tolist() == [1.0, 0.5, 0.5]
    assert found["recall"].tolist() == pytest.approx([2 / 3, 1.0, 1.0])
