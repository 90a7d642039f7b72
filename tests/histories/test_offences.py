import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.offences import OffenceTable, Unmapped

EDITIONS = OffenceTable.editions().index.tolist()


def ours(**columns):
    frame = pd.DataFrame({"offence": ["a", "b", "c"], "harm": [400, 2, None]} | columns)
    return OffenceTable.from_frame(frame, edition="ours", source="made up")


def test_lookup_gives_harm_group_and_serious_in_the_order_asked():
    table = ours(group=["x", "y", "x"])
    harm, group, serious = table.lookup(["b", "a", "b"])
    assert harm.tolist() == [2, 400, 2]
    assert [table.groups[code] for code in group] == ["y", "x", "y"]
    assert serious.tolist() == [False, True, False]
    assert (harm.dtype, group.dtype, serious.dtype) == (np.float64, np.int32, np.bool_)


def test_lookup_of_nothing_is_empty():
    assert [values.size for values in ours().lookup([])] == [0, 0, 0]


def test_offences_without_a_value_are_listed():
    with pytest.raises(SchemaError) as caught:
        ours().lookup(["a", "z", "c", "y", "z"])
    assert caught.value.problems == [
        "offences: edition ours does not hold y, z",
        "offences: edition ours publishes no value for c",
    ]


def test_offences_without_a_value_count_what_is_said():
    unmapped = Unmapped(harm=7, group="other", serious=True)
    harm, group, serious = ours().lookup(["z", "a", "c"], unmapped)
    assert harm.tolist() == [7, 400, 7]
    assert group.tolist() == [0, 0, 0]
    assert serious.tolist() == [True, True, True]
    with pytest.raises(SchemaError, match="not a group"):
        ours().lookup(["z"], Unmapped(harm=7, group="new"))


def test_a_missing_name_is_unmapped():
    with pytest.raises(SchemaError):
        ours().lookup([None])


def test_serious_is_given_or_follows_from_harm():
    assert ours().frame["serious"].tolist() == [True, False, False]
    given_flags = ours(serious=[False, True, None])
    assert given_flags.frame["serious"].tolist() == [False, True, False]
    frame = pd.DataFrame({"offence": ["a", "b"], "harm": [400, 2]})
    lower = OffenceTable.from_frame(frame, edition="ours", source="made up", serious_at=2)
    assert lower.frame["serious"].tolist() == [True, True]
    assert lower.source == "made up. Serious: harm of 2 or more"
    complete = frame.assign(serious=["yes", "no"])
    assert OffenceTable.from_frame(complete, edition="e", source="s").source == "s"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"harm": [1, -2, 3]}, "offences.harm: less than 0, in 1 row"),
        ({"harm": [1, np.inf, 3]}, "offences.harm: not a finite number, in 1 row"),
        ({"harm": [1, "many", 3]}, "offences.harm: not a number, in 1 row"),
        ({"offence": ["a", "a", "b"]}, "offences.offence: occurs more than once"),
        ({"offence": ["a", None, "b"]}, "offences.offence: missing, in 1 row"),
        ({"serious": [1, 0, "maybe"]}, "offences.serious: not true or false, in 1 row"),
        ({"offence": ["a", 4.1, "b"]}, "offences.offence: not text or a whole number"),
    ],
)
def test_mistakes_are_told_by_column_and_rule(columns, message):
    with pytest.raises(SchemaError) as caught:
        ours(**columns)
    assert message in str(caught.value)


def test_an_edition_and_a_source_are_needed():
    frame = pd.DataFrame({"offence": ["a"], "harm": [1]})
    with pytest.raises(SchemaError) as caught:
        OffenceTable(frame.iloc[:, :1], " ", "")
    assert len(caught.value.problems) == 3


def test_other_names_for_columns():
    frame = pd.DataFrame({"category": ["a"], "days": [3], "harm": [9], "description": ["A"]})
    assert OffenceTable.from_frame(
        frame[["category", "harm"]], edition="e", source="s"
    ).frame["offence"].tolist() == ["a"]  # fmt: skip
    mapped = OffenceTable.from_frame(frame, edition="e", source="s", columns={"harm": "days"})
    assert mapped.frame["harm"].tolist() == [3]
    assert mapped.labels == {"a": "A"}


def test_csv_files_keep_codes_as_written(tmp_path):
    path = tmp_path / "harm.csv"
    path.write_text("category,label,harm,serious\n4.10,One,5,False\n007,Two,400,True\n")
    table = OffenceTable.from_csv(path, edition="e", source="s")
    assert table.frame["offence"].tolist() == ["007", "4.10"]
    assert table.frame["serious"].tolist() == [True, False]
    assert table.labels["4.10"] == "One"
    assert len(table) == 2


@pytest.mark.parametrize("edition", EDITIONS)
def test_tables_go_through_json_unchanged(edition):
    table = OffenceTable.cambridge(edition)
    again = OffenceTable.from_dict(json.loads(json.dumps(table.to_dict(), allow_nan=False)))
    assert again == table
    assert hash(again) == hash(table)
    assert again.labels == table.labels
    pd.testing.assert_frame_equal(again.frame, table.frame)


def test_from_dict_needs_its_keys():
    with pytest.raises(SchemaError, match="edition, offences are missing"):
        OffenceTable.from_dict({"source": "s"})


@given(st.permutations(range(3)))
def test_the_order_of_rows_does_not_matter(order):
    frame = pd.DataFrame({"offence": ["a", "b", "c"], "harm": [1, 2, 3]}).iloc[list(order)]
    table = OffenceTable.from_frame(frame, edition="e", source="s")
    assert table.frame["harm"].tolist() == [1, 2, 3]
    assert table == OffenceTable.from_frame(frame.sort_index(), edition="e", source="s")


def test_the_digest_reads_values_and_names_but_not_labels():
    frame = pd.DataFrame({"offence": ["a"], "harm": [1.0]})
    tables = [
        OffenceTable.from_frame(frame, edition="e", source="s"),
        OffenceTable.from_frame(frame, edition="f", source="s"),
        OffenceTable.from_frame(frame, edition="e", source="t"),
        OffenceTable.from_frame(frame.assign(harm=2.0), edition="e", source="s"),
        OffenceTable.from_frame(frame.assign(group="g"), edition="e", source="s"),
        OffenceTable.from_frame(frame.assign(serious=True), edition="e", source="s"),
    ]
    assert len({table.digest() for table in tables}) == len(tables)
    labelled = OffenceTable.from_frame(frame.assign(label="A"), edition="e", source="s")
    assert labelled == tables[0]
    assert tables[0] != "e"


def test_a_table_shows_itself_briefly():
    assert repr(ours()) == "OffenceTable('ours', 3 offences)"
