"""Read the Georgia parole tables: numbers from bands, and neither race nor gender among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.schema import is_protected

ID, OUTCOME = "ID", "Recidivism_Within_3years"
GROUPS = ["Gender", "Race"]
AGE_JUSTIFICATION = (
    "Re-arrest falls steeply with age, and a count of earlier arrests says little without the "
    "years in which it could grow. Results without age stand beside."
)
AGE = "age_at_release"
AGE_IN_BAND = {
    "18-22": 20.0,
    "23-27": 25.0,
    "28-32": 30.0,
    "33-37": 35.0,
    "38-42": 40.0,
    "43-47": 45.0,
    "48 or older": 53.0,
}
FIRST_YEAR = 15.0  # arrests are spread over the years since this age
ORDERED = {
    "Education_Level": {
        "Less than HS diploma": 0.0,
        "High School Diploma": 1.0,
        "At least some college": 2.0,
    },
    "Supervision_Level_First": {"Standard": 0.0, "Specialized": 1.0, "High": 2.0},
    "Prison_Years": {
        "Less than 1 year": 0.5,
        "1-2 years": 1.5,
        "Greater than 2 to 3 years": 2.5,
        "More than 3 years": 5.0,
    },
}
OFFENCES = {
    "Drug": "offence_drug",
    "Other": "offence_other",
    "Property": "offence_property",
    "Violent/Non-Sex": "offence_violent",
    "Violent/Sex": "offence_violent_sexual",
    "": "offence_unknown",
}
ARRESTS, CONVICTIONS = "Prior_Arrest_Episodes_", "Prior_Conviction_Episodes_"
ARREST_KINDS = (
    *("Felony", "Misd", "Violent", "Property", "Drug"),
    *("PPViolationCharges", "DVCharges", "GunCharges"),
)
CONVICTION_KINDS = (
    *("Felony", "Misd", "Prop", "Drug", "Viol"),
    *("PPViolationCharges", "DomesticViolenceCharges", "GunCharges"),
)
COUNTS = [
    "Dependents",
    *(ARRESTS + kind for kind in ARREST_KINDS),
    *(CONVICTIONS + kind for kind in CONVICTION_KINDS),
    *("Prior_Revocations_Parole", "Prior_Revocations_Probation"),
    *("Condition_MH_SA", "Condition_Cog_Ed", "Condition_Other"),
]
AREA, RISK, GANG, OFFENCE = (
    "Residence_PUMA",
    "Supervision_Risk_Score_First",
    "Gang_Affiliated",
    "Prison_Offense",
)
RECORDED = [
    *(AGE, "gang_recorded", *(name.lower() for name in ORDERED), *OFFENCES.values()),
    *(name.lower() for name in (RISK, AREA, *COUNTS)),
]
WORKED_OUT_WITH_AGE = [
    "arrests_a_year",
    "felony_arrests_a_year",
    "misd_arrests_a_year",
    "violation_arrests_a_year",
    "risk_score_for_years",
]
NEEDED = [ID, "Age_at_Release", *ORDERED, *COUNTS, AREA, RISK, GANG, OFFENCE]


def read_people(path: Path) -> pd.DataFrame:
    """Return a table as the text that it is: a blank is a value here.

    Raises
    ------
    SchemaError
        Columns are absent, or an id is there twice.
    """
    people = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [f"{path.name} lacks {name}" for name in NEEDED if name not in people.columns]
    if absent:
        raise SchemaError(absent)
    if people[ID].duplicated().any():
        raise SchemaError(f"{path.name}.{ID}: {int(people[ID].duplicated().sum())} rows repeat one")
    return people


def outcome_of(people: pd.DataFrame) -> np.ndarray:
    """Return 1 for an arrest for a felony or misdemeanour within three years of release, else 0."""
    return numbers(people, OUTCOME).to_numpy()


def make_features(people: pd.DataFrame) -> pd.DataFrame:
    """Return one number a column: what is recorded, then what is worked out from it."""
    X = pd.concat([recorded(people), worked_out(recorded(people))], axis=1)
    refused = [name for name in X.columns if is_protected(name) and name != AGE]
    if refused:
        raise SchemaError(f"protected characteristics among the features: {', '.join(refused)}")
    return X


def recorded(people: pd.DataFrame) -> pd.DataFrame:
    """Return the columns as numbers; "3 or more" is 3, and blanks are missing."""
    # gang membership is blank for every woman and for nobody else: read as a value of its own it
    # would be gender under another name, so a blank counts as no record of it
    columns = {
        AGE: matched(people, "Age_at_Release", AGE_IN_BAND),
        "gang_recorded": (people[GANG].str.lower() == "true").astype(float),
        **{name.lower(): matched(people, name, values) for name, values in ORDERED.items()},
        **{name: (people[OFFENCE] == value).astype(float) for value, name in OFFENCES.items()},
        # the score runs from 1 to 10; 0 is what the publisher of this copy put for missing
        RISK.lower(): numbers(people, RISK).replace(0.0, np.nan),
        AREA.lower(): numbers(people, AREA),
        **{name.lower(): numbers(people, name) for name in COUNTS},
    }
    return pd.DataFrame(columns)


def matched(people: pd.DataFrame, name: str, values: dict[str, float]) -> pd.Series:
    """Return the number of each band; a blank is missing, and an unknown band is an error."""
    unknown = sorted(set(people[name]) - set(values) - {""})
    if unknown:
        raise SchemaError(f"{name}: {len(unknown)} bands are unknown; known: {', '.join(values)}")
    return people[name].map(values).astype(float)


def numbers(people: pd.DataFrame, name: str) -> pd.Series:
    """Return the first number in each text: of "10 or more" the 10."""
    return people[name].str.extract(r"(\d+)", expand=False).astype(float)


def worked_out(X: pd.DataFrame) -> pd.DataFrame:
    """Return sums, arrests for each year since the age of 15, and convictions for each arrest."""
    years = X[AGE] - FIRST_YEAR
    felony, misd, violent, property_, drug, violation = (
        X[(ARRESTS + kind).lower()] for kind in ARREST_KINDS[:6]
    )
    convicted_of = {kind.lower(): X[(CONVICTIONS + kind).lower()] for kind in CONVICTION_KINDS}
    arrests, convictions = felony + misd, convicted_of["felony"] + convicted_of["misd"]
    return pd.DataFrame(
        {
            "arrests": arrests,
            "convictions": convictions,
            "arrests_by_type": violent + property_ + drug + violation,
            "revocations": X["prior_revocations_parole"] + X["prior_revocations_probation"],
            "conditions": X.filter(like="condition_").sum(axis=1),
            "arrests_a_year": arrests / years,
            "felony_arrests_a_year": felony / years,
            "misd_arrests_a_year": misd / years,
            "violation_arrests_a_year": violation / years,
            "convictions_an_arrest": convictions / (arrests + 1),
            "felony_convictions_an_arrest": convicted_of["felony"] / (felony + 1),
            "misd_convictions_an_arrest": convicted_of["misd"] / (misd + 1),
            "property_convictions_an_arrest": convicted_of["prop"] / (property_ + 1),
            "drug_convictions_an_arrest": convicted_of["drug"] / (drug + 1),
            "risk_score_for_years": X[RISK.lower()] + years / 5,
        }
    )
