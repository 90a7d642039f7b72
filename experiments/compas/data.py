"""Read the COMPAS tables, and let through only what was known before the screening.

Every column of ``two_years`` is refused unless it is listed in `KNOWN`; the worst are listed with
the reason, and `leaks` counts how much some of them tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.schema import is_protected

CUT = pd.Timestamp("2014-04-01")
"""People screened from here on could be in the file only by being arrested again."""
JAIL_FROM = pd.Timestamp("2013-01-01")
"""The jail spells begin here: a window that reaches further back is missing, not empty."""

OUTCOME = "two_year_recid"
DECILE = "decile_score"
LISTED_FROM = 5  # deciles that the published analysis reads as "will be arrested again"
COUNTS = ("priors_count", "juv_fel_count", "juv_misd_count", "juv_other_count")
CHARGE = ("c_charge_degree", "c_charge_desc", "c_offense_date", "c_arrest_date")
KNOWN = (*COUNTS, *CHARGE)
AGE = "age"
AGE_JUSTIFICATION = (
    "New arrests fall steeply with age, whoever is arrested; the score that this is compared with "
    "reads age, and so do the actuarial scales in use. What it changes is shown without it too."
)

_LATER = "it is read off the time after the screening"
_DATES = "with the way the file was drawn, the date alone gives away the outcome of whole months"
_RULE = "it is what the estimates are compared with"
REFUSED = {
    **dict.fromkeys(("two_year_recid", "is_recid", "event"), "it is the outcome"),
    **dict.fromkeys(("violent_recid", "is_violent_recid"), "it is a part of the outcome"),
    **dict.fromkeys(("start", "end"), "time at risk ends with the new arrest"),
    **dict.fromkeys(("in_custody", "out_custody"), "the spell is mostly that of the new arrest"),
    **dict.fromkeys(("compas_screening_date", "screening_date", "v_screening_date"), _DATES),
    **dict.fromkeys(("c_jail_in", "c_jail_out"), _LATER),
    "days_b_screening_arrest": "above 0, or missing, it tells of arrests after the screening",
    "c_days_from_compas": "it has lost its sign: before and after the screening look the same",
    **dict.fromkeys((DECILE, "score_text", "v_decile_score", "v_score_text"), _RULE),
}


@dataclass(frozen=True)
class Tables:
    """The people who are modelled, and every custody spell on record.

    ``people`` is `two_years` before `CUT`, with ``screened``; ``jail`` and ``prison`` hold
    person_id, in_custody and out_custody, and still reach beyond each screening.
    """

    people: pd.DataFrame
    jail: pd.DataFrame
    prison: pd.DataFrame


def load_two_years(folder: Path) -> pd.DataFrame:
    """Return everyone in the two-year file, with the date of screening as ``screened``."""
    table = pd.read_csv(folder / "two_years.csv.gz")
    if table["id"].duplicated().any():
        raise SchemaError("two_years.id: a person stands in two rows")
    return table.assign(screened=pd.to_datetime(table["compas_screening_date"]))


def load_tables(folder: Path) -> Tables:
    """Return those screened before `CUT` and all spells; the key between them is checked."""
    people = load_two_years(folder)
    people = people[people["screened"] < CUT].reset_index(drop=True)
    jail, prison = (_load_spells(folder / f"{name}history.csv.gz") for name in ("jail", "prison"))
    known_ids = pd.read_csv(folder / "people.csv.gz", usecols=["id"])["id"]
    check_key(people, known_ids, jail, prison)
    return Tables(people, jail, prison)


def _load_spells(path: Path) -> pd.DataFrame:
    spells = pd.read_csv(path, usecols=["person_id", "in_custody", "out_custody"])
    times = {name: pd.to_datetime(spells[name]) for name in ("in_custody", "out_custody")}
    return spells.assign(**times)


def check_key(
    people: pd.DataFrame, known_ids: pd.Series, jail: pd.DataFrame, prison: pd.DataFrame
) -> float:
    """Check that ``person_id`` of the spells is ``id`` of the people; return the share matched.

    The jail intake that `two_years` states must be a spell of the same person, to the second.
    """
    for name, spells in (("jailhistory", jail), ("prisonhistory", prison)):
        if not spells["person_id"].isin(known_ids).all():
            raise SchemaError(f"{name}.person_id: not every id is in people.id")
    stated = people.loc[people["c_jail_in"].notna(), ["id", "c_jail_in"]]
    keys = pd.MultiIndex.from_arrays([jail["person_id"], jail["in_custody"].dt.floor("s")])
    intake = pd.MultiIndex.from_arrays([stated["id"], pd.to_datetime(stated["c_jail_in"])])
    share = float(intake.isin(keys).mean())
    if share < 0.99:
        raise SchemaError(f"jailhistory.person_id: {share:.0%} of the stated intakes are found")
    return share


def known_columns(
    people: pd.DataFrame, extra: Sequence[str] = (), *, age_justification: str = ""
) -> pd.DataFrame:
    """Return the only columns that a feature may read: `KNOWN`, and age if it is justified.

    Raises
    ------
    LeakageError
        See `check_extra`.
    """
    check_extra(extra, age_justification=age_justification)
    return people[[*KNOWN, *(name for name in extra if name not in KNOWN)]]


def check_extra(extra: Sequence[str], *, age_justification: str = "") -> None:
    """Refuse columns that no feature may read, all in one error.

    Raises
    ------
    LeakageError
        A column tells of the time after the screening, is protected, or is not known to be safe.
    """
    refusals = [f"  - {name}: {why}" for name in extra if (why := refusal(name, age_justification))]
    if refusals:
        lines = [f"{len(refusals)} of the columns asked for are refused as features:", *refusals]
        raise LeakageError("\n".join([*lines, f"Allowed are {', '.join(KNOWN)}."]))


def refusal(name: str, age_justification: str) -> str:
    """Return why a column may not be a feature; "" if it may."""
    plain = name.removesuffix(".1")  # how pandas names a column that the file holds twice
    if plain.startswith(("r_", "vr_", "num_r_", "num_vr_")):
        return "it describes the new arrest"
    if name == AGE:
        return "" if age_justification.strip() else "age is protected: declare a justification"
    if is_protected(name) or name == "age_cat":
        return "it is a protected characteristic"
    return REFUSED.get(plain, "" if name in KNOWN else "it is not known to be safe")


def leaks(two_years: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return how often the outcome stands beside what is refused: people, positives, share."""
    before = two_years[two_years["screened"] < CUT]
    days = before["days_b_screening_arrest"]
    groups = {
        f"screened from {CUT:%Y-%m-%d}": two_years[two_years["screened"] >= CUT],
        f"screened before {CUT:%Y-%m-%d}": before,
        "days_b_screening_arrest missing": before[days.isna()],
        "days_b_screening_arrest above 0": before[days > 0],
        "days_b_screening_arrest 0 or less": before[days <= 0],
        "in_custody before the screening": before[
            pd.to_datetime(before["in_custody"]) < before["screened"]
        ],
    }
    return {name: _counts(rows[OUTCOME].to_numpy(dtype=float)) for name, rows in groups.items()}


def _counts(outcome: np.ndarray) -> dict[str, float]:
    share = float(outcome.mean()) if len(outcome) else float("nan")
    return {"people": len(outcome), "with_the_outcome": int(outcome.sum()), "share": share}
