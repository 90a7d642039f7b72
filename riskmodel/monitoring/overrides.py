"""When people did not do as the list said: how often, in which direction, with what outcome.

Where hardly anything is ever overridden the list decides, whatever the rules say of human
judgement: in one large system officers kept the automatic grade in 95 cases of 100. Where much is,
the list is not trusted, or those who override it know something that it should be told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.monitoring.past_scores import KEYS
from riskmodel.monitoring.shares import share_of_people

ADDED, REMOVED, KEPT, OVERRIDDEN = "added", "removed", "kept", "overridden"
NEEDED = ("person_id", "as_of", "direction")
KINDS = {
    "direction": "str",
    "n": "int64",
    "people": "int64",
    "share": "float64",
    "share_low": "float64",
    "share_high": "float64",
    "observed": "int64",
    "outcome_rate": "float64",
    "low": "float64",
    "high": "float64",
}


def check_overrides(overrides: pd.DataFrame) -> pd.DataFrame:
    """Return person_id, as_of and direction of a table of overrides, checked; nothing else is kept.

    Who decided, and in what words, is personal data that no table here needs.

    Parameters
    ----------
    overrides : DataFrame
        person_id, as_of (the date of the list) and direction: ``added`` (worked though not listed)
        or ``removed`` (listed and not worked). Other columns, such as a reason, are not read.

    Raises
    ------
    SchemaError
        Columns missing, other directions, a person twice on a date; no value is shown.
    """
    if missing := [name for name in NEEDED if name not in overrides.columns]:
        raise SchemaError(f"overrides: no columns {', '.join(missing)}")
    table = pd.DataFrame(
        {
            "person_id": overrides["person_id"].astype("str"),
            "as_of": pd.to_datetime(overrides["as_of"], errors="coerce").astype("datetime64[us]"),
            "direction": overrides["direction"].astype("str").str.strip().str.lower(),
        }
    ).reset_index(drop=True)
    wrong: dict[str, Any] = {
        "person_id: missing": table["person_id"].isna(),
        "as_of: no date": table["as_of"].isna(),
        f"direction: neither {ADDED} nor {REMOVED}": ~table["direction"].isin([ADDED, REMOVED]),
        "person_id, as_of: a person twice on a date": table.duplicated(KEYS),
    }
    problems = [f"overrides.{rule} in {int(bad.sum())} rows" for rule, bad in wrong.items()
                if bad.any()]  # fmt: skip
    if problems:
        raise SchemaError(problems)
    return table


def override_table(
    rows: pd.DataFrame, overrides: pd.DataFrame, *, level: float = 0.95
) -> pd.DataFrame:
    """Count what was kept, added and removed, with later outcomes.

    Parameters
    ----------
    rows : DataFrame
        From `riskmodel.monitoring.past_scores.past_scores`.
    overrides : DataFrame
        See `check_overrides`. Only those count that go against the list of their date: the
        removal of someone listed, the adding of someone not listed.
    level : float

    Returns
    -------
    DataFrame
        Rows kept, removed, added, overridden (removed or added): n decisions; different people;
        share of all decisions, with an interval that counts each person once; observed (whose
        outcome is known) and the outcome_rate among them, likewise. ``attrs["without_list"]`` is
        the number of overrides that go against no list here.

    Raises
    ------
    SchemaError
        See `check_overrides`.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_id": list("abc"), "as_of": pd.Timestamp("2012-01-01"),
    ...     "listed": [True, True, False], "y": [1.0, 0.0, 1.0]})
    >>> overrides = pd.DataFrame({"person_id": ["b"], "as_of": ["2012-01-01"],
    ...     "direction": ["removed"]})
    >>> override_table(rows, overrides)[["direction", "n", "outcome_rate"]].values.tolist()
    [['kept', 1, 1.0], ['removed', 1, 0.0], ['added', 0, nan], ['overridden', 1, 0.0]]
    """
    said = check_overrides(overrides)
    joined = rows.merge(said, on=KEYS, how="left", validate="one_to_one")
    removed = joined["listed"] & (joined["direction"] == REMOVED)
    added = ~joined["listed"] & (joined["direction"] == ADDED)
    decisions = joined[joined["listed"] | added]
    masks = {
        KEPT: ~(removed | added), REMOVED: removed, ADDED: added, OVERRIDDEN: removed | added,
    }  # fmt: skip
    table = pd.DataFrame(
        [
            {"direction": name, **_row(decisions, mask[decisions.index], level)}
            for name, mask in masks.items()
        ],
        columns=list(KINDS),
    ).astype(KINDS)
    table.attrs["without_list"] = len(said) - int((removed | added).sum())
    return table


def _row(decisions: pd.DataFrame, chosen: pd.Series, level: float) -> dict[str, float]:
    seen = decisions[chosen & decisions["y"].notna()]
    share_low, share_high = share_of_people(chosen, decisions["person_id"], level)
    low, high = share_of_people(seen["y"], seen["person_id"], level)
    return {
        "n": int(chosen.sum()),
        "people": decisions.loc[chosen, "person_id"].nunique(),
        "share": chosen.mean() if len(decisions) else np.nan,
        "share_low": share_low,
        "share_high": share_high,
        "observed": len(seen),
        "outcome_rate": seen["y"].mean(),
        "low": low,
        "high": high,
    }
