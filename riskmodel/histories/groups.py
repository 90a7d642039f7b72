"""The table of protected characteristics: read by the audit, and by nothing else."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.checks import CheckedTable, check_table
from riskmodel.histories.coercion import Values, coerce
from riskmodel.histories.frames import text_dtype
from riskmodel.schema import NOT_RECORDED


def check_groups(groups: Any) -> pd.DataFrame:
    """Check a table of groups and make every characteristic text.

    Parameters
    ----------
    groups : DataFrame or pyarrow.Table
        person_id (unique) and one column per protected characteristic; self-defined and
        officer-perceived may stand side by side.

    Returns
    -------
    DataFrame
        Sorted by person_id. Missing values are the group "Not recorded"; whole numbers are their
        digits, other values their text.

    Raises
    ------
    SchemaError
        All mistakes at once; no value is shown.

    Examples
    --------
    >>> groups = pd.DataFrame({"person_id": [2, 1], "sex": ["F", None]})
    >>> check_groups(groups).to_dict(orient="list")
    {'person_id': ['1', '2'], 'sex': ['Not recorded', 'F']}
    """
    checked = check_table("groups", groups)
    _check_characteristics(checked)
    if checked.problems:
        raise SchemaError([str(problem) for problem in checked.problems])
    table = checked.frame
    texts = {name: _group_names(table[name]) for name in table.columns if name != "person_id"}
    return table.assign(**texts).sort_values("person_id").reset_index(drop=True)


def _check_characteristics(checked: CheckedTable) -> None:
    if list(checked.frame.columns) == ["person_id"] and not checked.structural:
        checked.refuse("", "no column of a characteristic beside person_id")


def _group_names(values: Values) -> Values:
    """Return one name a person; "12.0" and 12 are one group, and so are blank and missing."""
    text = coerce(values, "text")
    other = text.bad & values.notna().to_numpy(dtype=bool)
    names = text.values.mask(other, values.reset_index(drop=True).astype(object).map(str))
    return names.str.strip().astype(text_dtype()).fillna(NOT_RECORDED)
