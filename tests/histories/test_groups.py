import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.groups import check_groups
from riskmodel.schema import NOT_RECORDED


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, "", "  "])
def test_what_is_missing_is_a_group(missing):
    groups = pd.DataFrame({"person_id": ["a", "b"], "sex": pd.Series(["F", missing], dtype=object)})
    assert check_groups(groups)["sex"].tolist() == ["F", NOT_RECORDED]


def test_numbers_flags_and_categories_become_text():
    groups = pd.DataFrame(
        {
            "person_id": [3, 1, 2],
            "code": [1.0, 2.0, np.nan],
            "share": [0.5, 1.5, 2.5],
            "disabled": [True, False, True],
            "race": pd.Categorical(["x", None, "y"]),
        }
    )
    table = check_groups(groups)
    assert table["person_id"].tolist() == ["1", "2", "3"]
    assert table["code"].tolist() == ["2", NOT_RECORDED, "1"]
    assert table["share"].tolist() == ["1.5", "2.5", "0.5"]
    assert table["disabled"].tolist() == ["False", "True", "True"]
    assert table["race"].tolist() == [NOT_RECORDED, "y", "x"]
    assert all(isinstance(dtype, pd.StringDtype) for dtype in table.dtypes)


def test_blanks_around_a_name_make_no_other_group():
    table = check_groups(pd.DataFrame({"person_id": ["a", "b"], "sex": ["F", " F "]}))
    assert table["sex"].nunique() == 1


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"person": ["a"], "sex": ["F"]}, "groups.person_id: the column is missing"),
        ({"person_id": ["a", "a"], "sex": ["F", "M"]}, "with different values, in 2 rows"),
        ({"person_id": ["a", "a"], "sex": ["F", "F"]}, "with the same values, in 1 row"),
        ({"person_id": ["a", None], "sex": ["F", "F"]}, "groups.person_id: missing, in 1 row"),
        ({"person_id": ["a"]}, "no column of a characteristic"),
    ],
)
def test_mistakes_are_errors_without_values(groups, message):
    with pytest.raises(SchemaError) as caught:
        check_groups(pd.DataFrame(groups))
    assert message in str(caught.value)


def test_nobody_is_a_table_too():
    table = check_groups(pd.DataFrame({"person_id": [], "sex": []}))
    assert list(table.columns) == ["person_id", "sex"]
    assert len(table) == 0
