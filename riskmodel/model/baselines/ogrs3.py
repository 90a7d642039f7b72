"""OGRS3: the published formula for reconviction, and a score that it gives from the rules' columns.

Source: Howard, Francis, Soothill & Humphreys (2009), "OGRS 3: the revised Offender Group
Reconviction Scale", Ministry of Justice Research Summary 7/09.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.rules import filled
from riskmodel.statistics.arrays import FloatArray, as_floats

YEAR_DAYS: Final = 365.25
STAND_IN_AGE: Final = 30.0
"""The age of who has no date of birth: it decides only the term of the age band."""

INTERCEPTS: Final[Mapping[int, float]] = MappingProxyType({1: 1.402562384, 2: 2.121705678})
COPAS: Final = 1.251124464
"""Of the log of sanctions per year since the first (the Copas rate, with ten years added)."""

BANDS: Final = (10, 12, 14, 16, 18, 21, 25, 30, 35, 40, 50)
"""The youngest age of each band; the last has no end."""

AGE_AND_SEX: Final[Mapping[str, tuple[float, ...]]] = MappingProxyType(
    {
        "male": (
            0.0, 0.083922902, 0.075775765, -0.061594199, -0.625103618, -1.051515067,
            -1.166679288, -1.325976554, -1.368045933, -1.499690953, -2.025261458,
        ),
        "female": (
            -0.785038489, -0.613852078, -0.669521331, -0.959179629, -0.897480934, -1.028488454,
            -1.052777806, -1.129127959, -1.42187494, -1.524652221, -2.44983716,
        ),
    }
)  # fmt: skip

STATUS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "convicted_first_time": 0.126142106,
        "convicted_again": 0.463062792,
        "first_caution": 0.0,
        "second_caution": 0.083100501,
        "later_caution": 0.34859587,
    }
)

OFFENCE: Final[Mapping[str, float]] = MappingProxyType(
    {
        "violence": 0.0,
        "robbery": -0.634795912,
        "public_order": 0.181917975,
        "sexual_not_child": 0.003276327,
        "sexual_child": -0.653434071,
        "soliciting": 0.760608858,
        "burglary_domestic": -0.12394352,
        "burglary_other": 0.240604429,
        "theft_non_motor": 0.661244321,
        "handling": 0.351866973,
        "fraud": 0.159910192,
        "absconding_or_bail": 0.733378677,
        "taking_and_driving_away": 0.380059431,
        "theft_from_vehicle": 0.427225615,
        "drink_driving": 0.262228428,
        "other_motoring": -0.121439408,
        "criminal_damage": 0.204960477,
        "drug_import_or_production": -0.795556373,
        "drug_possession_or_supply": 0.077165871,
        "other": -0.060667525,
    }
)


def ogrs3(
    sanctions: npt.ArrayLike,
    *,
    age: npt.ArrayLike,
    age_at_sanction: npt.ArrayLike,
    age_at_first: npt.ArrayLike,
    years: int = 2,
    sex: str = "male",
    status: str | npt.ArrayLike | None = None,
    offence: str | npt.ArrayLike = "violence",
) -> FloatArray:
    """Return the published probability of a proven reoffence within one year or two.

    Parameters
    ----------
    sanctions : array (n,)
        Convictions and cautions up to and including the current one, above 0.
    age, age_at_sanction, age_at_first : array (n,) or number
        In years: when at risk, at the current sanction and at the first; from 10 up.
    years : {1, 2}
    sex : {"male", "female"}
    status : name or array of names of `STATUS`, optional
        By default convicted, for the first time where there is one sanction.
    offence : name or array of names of `OFFENCE`
        Of the current sanction.

    Returns
    -------
    float64 array (n,)

    Raises
    ------
    SchemaError
        Names or ages outside of these, all at once.

    Notes
    -----
    Fitted on people sanctioned in England and Wales, and on reoffending of any kind: recalibrate
    before comparing it with anything that was fitted on other people or another outcome.

    Examples
    --------
    >>> ogrs3([1, 2], age=20, age_at_sanction=20, age_at_first=20).round(3)
    array([0.221, 0.487])
    """
    count = as_floats(sanctions, "sanctions")
    now, current, first = (
        as_floats(np.broadcast_to(np.asarray(ages, dtype=np.float64), count.shape), name)
        for name, ages in (
            ("age", age), ("age_at_sanction", age_at_sanction), ("age_at_first", age_at_first),
        )
    )  # fmt: skip
    _check(count, now, current, first, years, sex)
    if status is None:
        status = np.where(count > 1, "convicted_again", "convicted_first_time")
    band = np.searchsorted(BANDS, now, side="right") - 1
    return np.asarray(
        expit(
            INTERCEPTS[years]
            + np.asarray(AGE_AND_SEX[sex])[band]
            + _terms("status", status, STATUS, len(count))
            + COPAS * np.log(count / (10 + current - first))
            + _terms("offence", offence, OFFENCE, len(count))
        )
    )


def ogrs3_score(rules: pd.DataFrame, as_of: pd.Series) -> FloatArray:
    """Return the probability of OGRS3 within two years, as far as the rules' columns go.

    Sanctions are the earlier incidents of any kind (half of one for people without any, so that
    they come after who has one); the current sanction is the latest record, and everyone counts
    as convicted. No model reads sex, so everyone has the term for men; the term for the offence
    is that of violence. Who has no date of birth gets the age band of `STAND_IN_AGE`.

    Examples
    --------
    >>> rules = pd.DataFrame({"prior_count": [1.0, 3.0], "days_since_first": [30.0, 900.0],
    ...     "days_since_last": [30.0, 30.0], "age": [20.5, np.nan]})
    >>> ogrs3_score(rules, pd.Series(["2010-01-01"] * 2)).round(2)
    array([0.22, 0.37])
    """
    count = filled(rules, "prior_count", as_of)
    since_first = filled(rules, "days_since_first", as_of, fill=0.0)
    since_last = filled(rules, "days_since_last", as_of, fill=0.0)
    age = np.maximum(filled(rules, "age", as_of, fill=STAND_IN_AGE), BANDS[0])
    # only the time between the two sanctions counts, and it needs no date of birth
    between = np.maximum(since_first - since_last, 0.0) / YEAR_DAYS
    return ogrs3(
        np.maximum(count, 0.5),
        age=age,
        age_at_sanction=BANDS[0] + between,
        age_at_first=BANDS[0],
    )


def _check(
    count: FloatArray,
    now: FloatArray,
    current: FloatArray,
    first: FloatArray,
    years: int,
    sex: str,
) -> None:
    wrong = {
        "sanctions: 0 or less": count <= 0,
        "age: under 10": now < BANDS[0],
        "age_at_first: under 10": first < BANDS[0],
        "age_at_first: above age_at_sanction": first > current,
    }
    problems = [f"{what} in {rows.sum()} rows" for what, rows in wrong.items() if rows.any()]
    if years not in INTERCEPTS:
        problems.append(f"years: {years} given, 1 or 2 is allowed")
    if sex not in AGE_AND_SEX:
        problems.append(f"sex: the formula has terms for {' and '.join(AGE_AND_SEX)}")
    if problems:
        raise SchemaError(problems)


def _terms(what: str, names: str | npt.ArrayLike, terms: Mapping[str, float], n: int) -> FloatArray:
    given = np.broadcast_to(np.asarray(names, dtype=object), (n,))
    if unknown := sorted({str(name) for name in given} - set(terms)):
        raise SchemaError(f"{what}: {', '.join(unknown)} given, allowed are {', '.join(terms)}")
    return np.array([terms[name] for name in given], dtype=np.float64)
