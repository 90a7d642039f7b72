"""Read the Chicago complaint records into histories, offences and groups."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import riskmodel as rm

DATA_START, DATA_END = "2000-01-01", "2012-01-01"
FIRST_DATE = "2001-01-01"
EVIDENCE_OF_FINDING = {
    "SU": "conviction",  # sustained
    "NS": "no_action",  # not sustained
    "DIS": "no_action",
    "UN": "acquitted",  # unfounded
    "EX": "acquitted",  # exonerated
    "NAF": "support_withdrawn",  # no affidavit was signed
    "NC": "support_withdrawn",  # the complainant did not cooperate
}
GROUP_OF_CATEGORY = {
    "01": "verbal",
    "02": "alcohol",
    "03": "search",
    "04": "lockup",
    "05": "force",
    "06": "corruption",
    "07": "traffic",
    "08": "crime",
    "09": "off_duty",
    "10": "conduct",
    "12": "supervision",
}
UNKNOWN = "unknown"
AGE_JUSTIFICATION = (
    "Complaints fall with age and length of service. Both stand for exposure to street work, which "
    "the records do not hold; the ablation in the report shows what age changes."
)


def load_offences(folder: Path) -> rm.OffenceTable:
    """Return the severity scale made for this data; an analogy, not an official index."""
    scale = pd.read_csv(folder / "harm_weights.csv", dtype={"category": str})
    scale["group"] = scale["category"].str[:2].map(GROUP_OF_CATEGORY).fillna("other")
    unknown = pd.DataFrame([{"category": UNKNOWN, "harm": 1.0, "serious": False, "group": "other"}])
    table = pd.concat([scale, unknown]).rename(columns={"category": "offence"})
    return rm.OffenceTable.from_frame(
        table[["offence", "harm", "group", "serious"]],
        edition="chicago-severity-1",
        source="made for this data by analogy; use-of-force and serious complaints are serious",
    )


def load_histories(folder: Path) -> rm.EventHistories:
    """Return the complaints as histories; rows recorded before they happened are set aside."""
    rows = pd.read_csv(folder / "events.csv.gz", dtype=str)
    rows["source_id"] = rows["complaint_id"] + "-" + rows["person_id"]
    events = pd.DataFrame(
        {
            "source_id": rows["source_id"],
            "person_id": rows["person_id"],
            "event_time": rows["event_date"],
            "recorded_time": rows["recorded_date"],
            "offence": rows["category"].fillna(UNKNOWN),
            "incident_id": rows["complaint_id"],
            "place": rows["beat"],
        }
    )
    closed = rows[rows["closed_date"].notna() & rows["finding"].notna()]
    updates = pd.DataFrame(
        {
            "source_id": closed["source_id"],
            "recorded_time": closed["closed_date"],
            "evidence": closed["finding"].map(EVIDENCE_OF_FINDING),
        }
    )
    return rm.EventHistories(
        events,
        load_people(folder)[["person_id", "birth_year", "left_date", "appointed_date"]],
        updates=updates,
        data_start=DATA_START,
        data_end=DATA_END,
        dates_only=True,
        on_invalid="set_aside",
    )


def load_people(folder: Path) -> pd.DataFrame:
    """Return one row for each officer."""
    people = pd.read_csv(
        folder / "people.csv.gz",
        dtype={"person_id": str, "race": str, "gender": str},
        parse_dates=["appointed_date", "resignation_date"],
    )
    return people.rename(columns={"resignation_date": "left_date"})


def load_groups(folder: Path) -> pd.DataFrame:
    """Return the characteristics that only the audit reads."""
    return load_people(folder)[["person_id", "race", "gender"]]


def make_task(folder: Path, horizon_days: int) -> rm.Task:
    """Return the task: every officer ever complained of, serious complaints to come."""
    return rm.Task(
        cohort=rm.Cohort(lookback_days=None),
        outcome=rm.Outcome(horizon_days=horizon_days),
        offences=load_offences(folder),
        features=(
            *rm.default_features(age_justification=AGE_JUSTIFICATION),
            rm.Feature("days_since_date", column="appointed_date"),
        ),
    )
