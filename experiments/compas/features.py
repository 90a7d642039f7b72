"""Features as of the day of screening: priors, the charge, and custody begun before that day.

A date means its midnight: what happened on the day of screening is not known as of it. Of a spell
that began before, the end is known only if it lies before too; a spell still open counts up to
the screening, and whether it ever ended is not read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from data import AGE, COUNTS, JAIL_FROM, Tables, known_columns

WINDOWS = (30, 90, 365)
ADULT_AT = 17
CHARGE_KINDS = {
    "drug_possession": r"poss.*(?:coc|cann|meth|hero|oxy|alpr|hydro|contr|amphet|morph|drug|benz)"
    r"|^pos cann|paraph",
    "drug_supply": r"deliver|^del |intent|w/i|sale|sell|traffick|manufac|purchase",
    "theft": r"theft|stolen|shoplift|pawn",
    "burglary": r"burgl|prowl|tress?pass",
    "robbery": r"robbery",
    "violence": r"batt|assault|strang|stalk|kidnap|imprison|murder|homicide|manslau",
    "drink_driving": r"dui|under the influence|blood alc|level 0",
    "licence": r"lic|susp|revok|dl\b|tag|regist",
    "fraud": r"fraud|forg|instrument|personal id|false|impers|check|credit",
    "resisting": r"resist|obstruct|flee|elud|law enf|leo|escape|tamper",
    "weapon": r"firearm|weapon|wea|f/arm|conceal",
    "public_order": r"disord|mischief|loiter|intox|prostit",
    "family": r"dom|injunc|child|pretrial",
    "sexual": r"lewd|sex|lasc",
}
"""Words in the charge, chosen by what they mean and not by any outcome; a charge may be several."""


def make_features(
    tables: Tables, *, extra: Sequence[str] = (), age_justification: str = ""
) -> pd.DataFrame:
    """Return one row of numbers per person in ``tables.people``, indexed by id.

    Parameters
    ----------
    extra : sequence of str
        Further columns of `two_years`: refused, but for those that are read anyway and ``"age"``,
        which brings the rate of priors over adult years with it.
    age_justification : str
        Why age is read; it is refused without.

    Raises
    ------
    LeakageError
        See `data.check_extra`.
    """
    known = known_columns(tables.people, extra, age_justification=age_justification)
    ids, screened = tables.people["id"], tables.people["screened"]
    parts = [
        known[[*COUNTS, *({AGE} & set(extra))]],
        charge_features(known, screened),
        spell_features(tables.jail, ids, screened, "jail", data_start=JAIL_FROM),
        spell_features(tables.prison, ids, screened, "prison"),
    ]
    if AGE in extra:
        adult_years = (known[AGE] - ADULT_AT).clip(lower=1)
        parts.append((known["priors_count"] / adult_years).to_frame("priors_per_adult_year"))
    return pd.concat(parts, axis=1).astype(float).set_axis(pd.Index(ids, name="id"))


def charge_features(known: pd.DataFrame, screened: pd.Series) -> pd.DataFrame:
    """Return what the charge was for, where it is dated before the day of screening."""
    dated = pd.to_datetime(known["c_offense_date"].fillna(known["c_arrest_date"]))
    seen = dated < screened
    text = known["c_charge_desc"].where(seen, "").fillna("").str.lower()
    columns = {
        "charge_felony": (known["c_charge_degree"] == "F").where(seen),
        "charge_days_ago": np.log1p((screened - dated).dt.days.where(seen)),
    }
    for kind, words in CHARGE_KINDS.items():
        columns[f"charge_{kind}"] = text.str.contains(words, regex=True)
    return pd.DataFrame(columns).astype(float)


def spell_features(
    spells: pd.DataFrame,
    ids: pd.Series,
    screened: pd.Series,
    name: str,
    *,
    data_start: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Return how often, how long and how lately each person was in custody before screening.

    Days are held as log(1 + days). A window that reaches before `data_start` is missing.
    """
    past = known_spells(spells, ids, screened)
    each = past.groupby("person_id")
    columns = {
        f"{name}_spells": each.size().reindex(ids, fill_value=0),
        f"{name}_days": np.log1p(each["days"].sum().reindex(ids, fill_value=0.0)),
        f"{name}_open": each["open"].max().reindex(ids, fill_value=False),
        f"{name}_days_since_start": np.log1p(each["since_start"].min().reindex(ids)),
        f"{name}_days_since_end": np.log1p(each["since_end"].min().reindex(ids)),
    }
    for window in WINDOWS if data_start is not None else ():
        recent = past[past["since_start"] <= window].groupby("person_id").size()
        covered = (screened - data_start).dt.days >= window
        columns[f"{name}_spells_{window}d"] = (
            recent.reindex(ids, fill_value=0).astype(float).where(covered.to_numpy())
        )
    return pd.DataFrame({key: column.to_numpy(dtype=float) for key, column in columns.items()})


def known_spells(spells: pd.DataFrame, ids: pd.Series, screened: pd.Series) -> pd.DataFrame:
    """Return the spells begun before each person's screening, with nothing of what came after.

    Columns person_id, open, days, since_start, since_end (NaN while open), in days. The ends that
    stand for "not released" (2020-01-01) lie after every screening, so such spells are open.
    """
    day = pd.DataFrame({"person_id": ids, "screened": screened})
    past = spells.merge(day, on="person_id")
    past = past[past["in_custody"] < past["screened"]]
    ended = past["out_custody"] < past["screened"]
    end = past["out_custody"].where(ended, past["screened"])
    length = _days(end - past["in_custody"])
    return pd.DataFrame(
        {
            "person_id": past["person_id"],
            "open": ~ended,
            "days": length.clip(lower=0),  # a few spells end hours before they begin
            "since_start": _days(past["screened"] - past["in_custody"]),
            "since_end": _days(past["screened"] - past["out_custody"]).where(ended),
        }
    )


def _days(span: pd.Series) -> pd.Series:
    return span.dt.total_seconds() / 86_400
