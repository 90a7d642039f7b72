"""Read the CCRB allegations into histories: officers, complainants, findings; month by month."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import riskmodel as rm

DATA_END = "2016-01-01"
SERIOUS_AT = 30.0
SEVERITY = Path(__file__).with_name("severity.csv")
MONTH_DAY = 15  # every date in the file: a month is known, no day
EVIDENCE_OF_DISPOSITION = {
    "Substantiated": "conviction",
    "Unsubstantiated": "no_action",
    "Exonerated": "acquitted",
}
NOT_SAID = ("(Missing)", "Unknown", "Refused", "Not described")
OFFICER = {"mos_ethnicity": "ethnicity", "mos_gender": "gender"}
COMPLAINANT = {
    "complainant_ethnicity": "ethnicity",
    "complainant_gender": "gender",
    "complainant_yob": "birth_year",
}


def load_rows(folder: Path) -> pd.DataFrame:
    """Return one row an allegation as text, with ids, in an order of its own.

    ``source_id`` numbers the allegations of one officer in one complaint. The file has no id of a
    complainant: within a complaint, those of one ethnicity, gender and year of birth are one.
    """
    rows = pd.read_csv(folder / "allegations.csv.gz", dtype=str)
    rows = rows.sort_values(list(rows.columns), ignore_index=True, na_position="last")
    for name in ("unique_mos_id", "complaint_id"):
        rows[name] = rows[name].str.removesuffix(".0")
    check_month_day(rows)
    case = rows["complaint_id"] + "-" + rows["unique_mos_id"]
    number = rows.groupby(["complaint_id", "unique_mos_id"]).cumcount() + 1
    complainant = rows.groupby(["complaint_id", *COMPLAINANT], dropna=False).ngroup()
    return rows.assign(
        source_id=case + "-" + number.astype(str),
        victim_id="c" + complainant.astype(str),
        offence=offence_name(rows["fado_type"], rows["allegation"]),
    )


def check_month_day(rows: pd.DataFrame) -> None:
    """Refuse dates that are not the 15th: the reading of a date as its month would be wrong."""
    problems = []
    for name in ("date_received", "date_closed"):
        days = pd.to_datetime(rows[name].dropna()).dt.day
        if count := int((days != MONTH_DAY).sum()):
            problems.append(f"allegations.{name}: not the {MONTH_DAY}th in {count} rows")
    if problems:
        raise rm.SchemaError(problems, advice="This study reads each date as a month.")


def check_first_of_month(as_of: pd.Timestamp) -> None:
    """Refuse dates inside a month, half of which would be known before it happened.

    As of the 1st every complaint of the months before is known, and none of the month that begins.
    """
    if as_of != as_of.normalize().replace(day=1):
        raise rm.LeakageError(
            f"as_of: {as_of} given; the records know months only, so the 1st of a month is allowed"
        )


def offence_name(fado_type: pd.Series, allegation: pd.Series) -> pd.Series:
    """Return the key of the severity scale; the file writes some kinds in two ways.

    A kind that is missing (one row of the file) is read as the "other" of its type.
    """
    return (fado_type + ": " + allegation.fillna("Other")).str.lower()


def load_offences() -> rm.OffenceTable:
    """Return the severity scale made for this data; an analogy, not an official index."""
    scale = pd.read_csv(SEVERITY)
    table = scale.assign(offence=offence_name(scale["fado_type"], scale["allegation"]))
    return rm.OffenceTable.from_frame(
        table[["offence", "harm", "group"]],
        edition="ccrb-severity-1",
        source="made for this data by analogy; weapons, blows, chokeholds, guns drawn or pointed, "
        "strip searches and retaliatory arrests are serious",
        serious_at=SERIOUS_AT,
    )


def load_histories(rows: pd.DataFrame) -> rm.EventHistories:
    """Return the allegations as histories; a board's disposition is known from its closing on."""
    events = pd.DataFrame(
        {
            "source_id": rows["source_id"],
            "person_id": rows["unique_mos_id"],
            "event_time": rows["date_received"],  # when it happened is not in the file
            "recorded_time": rows["date_received"],
            "offence": rows["offence"],
            "victim_id": rows["victim_id"],
            "incident_id": rows["complaint_id"],
            "place": rows["precinct"],
        }
    )
    closed = rows[rows["date_closed"].notna() & rows["disposition"].notna()]
    updates = pd.DataFrame(
        {
            "source_id": closed["source_id"],
            "recorded_time": closed["date_closed"],
            "evidence": closed["disposition"].map(EVIDENCE_OF_DISPOSITION),
        }
    )
    return rm.EventHistories(
        events,
        officers(rows)[["person_id", "birth_year"]],
        updates=updates,
        victims=complainants(rows),
        data_end=DATA_END,
        dates_only=True,
    )


def officers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row an officer: year of birth, and what only the audit reads."""
    one = rows.drop_duplicates("unique_mos_id").rename(columns={"unique_mos_id": "person_id"})
    born = pd.to_numeric(one["mos_yob"])
    table = one.rename(columns=OFFICER).assign(birth_year=born)
    return table[["person_id", "birth_year", *OFFICER.values()]].reset_index(drop=True)


def complainants(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a complainant; what was not said is missing, and so a group of its own."""
    table = rows.drop_duplicates("victim_id").rename(columns=COMPLAINANT)
    table = table[["victim_id", "ethnicity", "gender"]].reset_index(drop=True)
    return table.mask(~table.apply(is_said))


def is_said(values: pd.Series) -> pd.Series:
    """Return which values say something."""
    return values.notna() & ~values.isin(NOT_SAID)


def load_groups(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the officers' characteristics that only the audit reads."""
    return officers(rows).drop(columns="birth_year")


def make_task() -> rm.Task:
    """Return the task: every officer ever complained of, serious allegations in two years."""
    return rm.Task(
        cohort=rm.Cohort(lookback_days=None),
        outcome=rm.Outcome(horizon_days=730),
        offences=load_offences(),
        features=rm.default_features(age=False),
    )
