"""Places beside later harm, group by group, in one sentence."""

from __future__ import annotations

import pandas as pd

from riskmodel.report.words import count_text, share_text
from riskmodel.schema import NOT_RECORDED


def share_sentence(rates: pd.DataFrame) -> str:
    """Return, of one characteristic, whose places and later harm lie furthest apart.

    In words such as: women hold 2 of 100 places and account for 12 % of later harm.
    """
    _, sentences = furthest_apart(rates)
    return " ".join(sentences)


def furthest_apart(rates: pd.DataFrame) -> tuple[float, list[str]]:
    """Return how far the share of later harm exceeds that of places, at most, and who is said.

    First the group with the fewest places for its harm, then the one with the most.
    """
    known = rates[rates["group"] != NOT_RECORDED]
    parts = known.pivot(index="group", columns="metric", values="value")
    harm = next((m for m in ("share_of_harm_days", "share_of_later_harm") if m in parts), None)
    if harm is None or "share_of_list" not in parts:
        return 0.0, []
    apart = (parts[harm] - parts["share_of_list"]).dropna()
    if apart.empty or apart.max() <= 0:
        return 0.0, []
    what = "days of later harm" if harm == "share_of_harm_days" else "people who went on"
    ends = dict.fromkeys([apart.idxmax(), apart.idxmin()])
    shares = {str(group): share_text(parts.at[str(group), harm]) for group in ends}
    said = [_held(rates, group, share, what) for group, share in shares.items()]
    return float(apart.max()), said


def _held(rates: pd.DataFrame, group: str, harm: str, what: str) -> str:
    row = rates[(rates["group"] == group) & (rates["metric"] == "share_of_list")].iloc[0]
    places = f"{count_text(row['numerator'])} of {count_text(row['denominator'])} places"
    return (
        f"“{group}” holds {places} ({share_text(row['value'])}) and accounts for {harm} of {what}."
    )
