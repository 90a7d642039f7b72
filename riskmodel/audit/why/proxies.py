"""Features that may stand in for a characteristic: how much of each a group explains."""

from __future__ import annotations

import pandas as pd

from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.statistics.arrays import divide

PROXY_COLUMNS = ("characteristic", "feature", "share_explained")
FEATURES_SHOWN = 5


def proxy_table(X: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return, for each characteristic, the features whose ranks differ most between groups.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
    groups : DataFrame of str, shape (n, characteristics)

    Returns
    -------
    DataFrame
        ``PROXY_COLUMNS``; the `FEATURES_SHOWN` largest. ``share_explained`` is the share of the
        variance of a feature's ranks that lies between groups (eta squared): 0 where groups are
        alike, 1 where the feature tells them apart. A missing value ranks below all others.

    Examples
    --------
    >>> X = pd.DataFrame({"tells": [0, 0, 9, 9], "silent": [1, 2, 1, 2]})
    >>> groups = pd.DataFrame({"sex": ["f", "f", "m", "m"]})
    >>> proxy_table(X, groups)["share_explained"].tolist()
    [1.0, 0.0]
    """
    shares = shares_explained(X, groups)
    tables = [
        pd.DataFrame(
            {"characteristic": name, "feature": list(X.columns), "share_explained": share}
        ).sort_values("share_explained", ascending=False, kind="stable")
        for name, share in shares.to_dict("list").items()
    ]
    kept = [table.dropna().head(FEATURES_SHOWN) for table in tables]
    return pd.concat(kept, ignore_index=True)[list(PROXY_COLUMNS)]


def shares_explained(X: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return the share of the variance of each feature's ranks that lies between groups.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
    groups : DataFrame of str, shape (n, characteristics)

    Returns
    -------
    DataFrame, shape (p, characteristics)
        NaN where a feature has one value; intersections of characteristics are left out.

    Examples
    --------
    >>> X = pd.DataFrame({"tells": [0, 0, 9, 9], "one_value": [1, 1, 1, 1]})
    >>> shares_explained(X, pd.DataFrame({"sex": ["f", "f", "m", "m"]}))["sex"].tolist()
    [1.0, nan]
    """
    ranks = X.reset_index(drop=True).rank(na_option="top")
    centred = ranks - ranks.mean()
    total = (centred**2).sum()
    shares = {}
    for name in groups.columns:
        if INTERSECTION in name:
            continue
        grouped = centred.groupby(groups[name].to_numpy(dtype=object))
        between = (grouped.mean() ** 2).mul(grouped.size(), axis=0).sum()
        shares[str(name)] = divide(between, total)
    return pd.DataFrame(shares, index=X.columns)
