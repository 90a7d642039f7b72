"""The CCRB study: months are read as months, complainants are told apart, both sides are audited.

The allegations here are made up, with the columns of the real ones.
"""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import LeakageError, SchemaError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "nypd_ccrb"
NAMES = ("data", "sides", "run")
COLUMNS = """
unique_mos_id mos_ethnicity mos_gender mos_age_incident mos_yob rank_incident
rank_abbrev_incident command_at_incident complainant_ethnicity complainant_ethnicity5
complainant_gender complainant_gender4 complainant_age_incident complainant_yob complaint_id
date_received date_closed fado_type allegation precinct board_disposition disposition penalty
contact_reason outcome_description
"""
HEADER = COLUMNS.split()
KINDS = [
    ("Force", "Physical force"), ("Force", "Chokehold"), ("Force", "Flashlight As Club"),
    ("Abuse of Authority", "Stop"), ("Discourtesy", "Word"), ("Offensive Language", "Race"),
]  # fmt: skip
AS_OF = pd.Timestamp("2014-01-01")


@pytest.fixture
def ccrb(modules_of):
    """The study's modules, forgotten afterwards: their names are common."""
    return modules_of(FOLDER, NAMES)


def made_up(*, n_officers=120, n_complaints=600, seed=0):
    """Return allegations of 2002 to 2015, some complaints with two officers or complainants."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.7, 1, n_officers)
    n_rows = 2 * n_complaints
    complaint = rng.integers(0, n_complaints, n_rows)
    received = pd.PeriodIndex.from_ordinals(
        rng.integers(12 * 32, 12 * 46, n_complaints), freq="M"
    ).to_timestamp() + pd.Timedelta(days=14)
    months_open = rng.integers(0, 20, n_complaints)
    closed = pd.DatetimeIndex(
        [day + pd.DateOffset(months=int(n)) for day, n in zip(received, months_open, strict=True)]
    )
    officer = rng.choice(n_officers, n_rows, p=rate / rate.sum())
    kind = rng.integers(0, len(KINDS), n_rows)
    is_closed = closed[complaint] < "2016-01-01"
    found = rng.choice(["Substantiated", "Unsubstantiated", "Exonerated"], n_complaints)[complaint]
    rows = pd.DataFrame("", index=range(n_rows), columns=HEADER).assign(
        unique_mos_id=officer + 10_000.0,
        mos_ethnicity=np.where(officer % 3, "White", "Black"),
        mos_gender=np.where(officer % 5, "Male", "Female"),
        mos_yob=1960.0 + officer % 25,
        complainant_ethnicity=rng.choice(["Black", "Hispanic", "(Missing)"], n_rows),
        complainant_gender=rng.choice(["Male", "Female", "Not described"], n_rows),
        complainant_yob=np.where(rng.random(n_rows) < 0.2, np.nan, 1975.0),
        complaint_id=complaint + 1.0,
        date_received=received[complaint].strftime("%Y-%m-%d"),
        date_closed=np.where(is_closed, closed[complaint].strftime("%Y-%m-%d"), None),
        fado_type=[KINDS[i][0] for i in kind],
        allegation=[KINDS[i][1] for i in kind],
        disposition=np.where(is_closed, found, None),
    )
    return rows.astype({"date_closed": "str", "disposition": "str"})


@pytest.fixture
def write(tmp_path):
    def to_folder(rows):
        rows.to_csv(tmp_path / "allegations.csv.gz", index=False)
        return tmp_path

    return to_folder


def features_of(ccrb, folder):
    """The features as of the date: what a list would be made from."""
    histories = ccrb.data.load_histories(ccrb.data.load_rows(folder))
    rows = rm.build_snapshots(
        histories, ccrb.data.make_task(), as_of=AS_OF, known_at="2016-01-01", late_allowance_days=0
    )
    return rows.person_id.tolist(), rows.X.to_numpy().tobytes()


def test_the_order_of_the_file_makes_no_difference(ccrb, write):
    rows = made_up()
    first = ccrb.data.load_histories(ccrb.data.load_rows(write(rows))).digest()
    shuffled = rows.sample(frac=1, random_state=1)
    assert ccrb.data.load_histories(ccrb.data.load_rows(write(shuffled))).digest() == first


def test_nothing_received_or_closed_later_changes_a_feature(ccrb, write):
    rows = made_up()
    before = features_of(ccrb, write(rows))
    later, open_then = rows["date_received"] >= "2014-01-01", rows["date_closed"] >= "2014-01-01"
    changed = rows[~later].copy()
    changed.loc[open_then[~later], ["date_closed", "disposition"]] = [
        "2015-11-15",
        "Substantiated",
    ]
    planted = rows[later].assign(
        date_received="2014-01-15", date_closed="2014-01-15", disposition="Exonerated"
    )
    assert later.any()
    assert open_then[~later].any()
    assert features_of(ccrb, write(pd.concat([planted, changed]))) == before
    earlier = planted.assign(date_received="2013-12-15")
    assert features_of(ccrb, write(pd.concat([earlier, changed]))) != before


@pytest.mark.parametrize("day", ["2014-01-02", "2014-01-15", "2014-01-31", "2014-01-01 06:00"])
def test_a_date_inside_a_month_is_refused(ccrb, day, tmp_path):
    with pytest.raises(LeakageError, match="the 1st of a month is allowed"):
        ccrb.run.run(tmp_path, tmp_path / "out", pd.Timestamp(day))


def test_days_other_than_the_15th_are_refused(ccrb, write):
    rows = made_up()
    rows.loc[:4, "date_received"] = "2010-03-16"
    with pytest.raises(SchemaError, match="date_received: not the 15th in 5 rows"):
        ccrb.data.load_rows(write(rows))


def test_complainants_are_told_apart_within_a_complaint(ccrb, write):
    one = made_up().iloc[[0]]
    rows = pd.concat([one] * 4).assign(
        allegation=["Word", "Gesture", "Word", "Word"],
        fado_type="Discourtesy",
        complainant_ethnicity=["Black", "Black", "White", "Refused"],
        complainant_gender="Male",
        complainant_yob=1975.0,
        complaint_id=[1.0, 1.0, 1.0, 2.0],
    )
    read = ccrb.data.load_rows(write(rows))
    assert read["victim_id"].nunique() == 3
    assert read["source_id"].is_unique
    table = ccrb.data.complainants(read)
    assert sorted(table["ethnicity"].fillna("not recorded")) == ["Black", "White", "not recorded"]
    histories = ccrb.data.load_histories(read)
    assert histories.events["incident_id"].nunique() == 2


def test_a_disposition_is_known_from_its_closing_on(ccrb, write):
    one = (
        made_up()
        .iloc[[0]]
        .assign(date_received="2010-03-15", date_closed="2011-02-15", disposition="Substantiated")
    )
    histories = ccrb.data.load_histories(ccrb.data.load_rows(write(one)))
    assert histories.events["evidence"].tolist() == ["allegation"]
    assert len(histories.before("2011-02-01").updates) == 0
    assert histories.before("2011-03-01").updates["evidence"].tolist() == ["conviction"]


def test_the_scale_names_each_kind_once_and_an_unknown_kind_is_an_error(ccrb, write):
    table = ccrb.data.load_offences()
    harm, _, serious = table.lookup(["force: chokehold", "discourtesy: word", "force: slap"])
    assert harm.tolist() == [365.0, 1.0, 10.0]
    assert serious.tolist() == [True, False, False]
    rows = made_up().assign(allegation="Something new")
    histories = ccrb.data.load_histories(ccrb.data.load_rows(write(rows)))
    with pytest.raises(SchemaError, match="force: something new"):
        rm.build_snapshots(histories, ccrb.data.make_task(), as_of=AS_OF, known_at="2016-01-01")


@pytest.mark.filterwarnings("ignore::riskmodel.errors.RiskModelWarning")  # small made-up groups
def test_the_whole_machine_runs_and_says_what_it_cannot_show(ccrb, write, tmp_path, monkeypatch):
    monkeypatch.setattr(ccrb.run, "N_DATES", 2)  # each date is trained anew
    rows = made_up()
    out = tmp_path / "out"
    ccrb.run.run(write(rows), out, AS_OF)
    results = json.loads((out / "results.json").read_text())
    assert next(iter(results)) == "banner"
    assert any("still serving in June 2020" in limit for limit in results["cannot_show"])
    scores = pd.read_csv(out / "scores.csv", dtype={"person_id": str})
    known = rows.loc[rows["date_received"] < "2014-01-01", "unique_mos_id"].unique()
    assert set(scores["person_id"]) == {f"{officer:.0f}" for officer in known}
    assert scores["person_id"].is_unique
    assert_both_sides(results["audit"], ccrb.run.BANNER)
    for name in ("fairness.html", "exact.html"):
        page = (out / name).read_text()
        assert page.startswith("<!doctype html>")
        body = page[page.index("<body") :]
        # nothing but the link that skips to the summary stands above it
        assert body.index(ccrb.run.BANNER) < body.index("<h1>")


def assert_both_sides(audit, banner):
    """Both sides are there, by characteristic and intersection, with bounds and what is unsaid."""
    complainants, officers = audit["complainants"], audit["officers"]
    coverage = {
        (row["characteristic"], row["group"])
        for row in complainants["victims"]
        if row["metric"] == "coverage"
    }
    expected = {("ethnicity", "Black"), ("ethnicity", "Not recorded"), ("gender", "Male"),
                ("ethnicity x gender", "Black x Female")}  # fmt: skip
    assert expected <= coverage
    for row in complainants["victim_bounds"]:
        if row["difference"] is not None:
            assert row["low_bound"] - 1e-9 <= row["difference"] <= row["high_bound"] + 1e-9
            assert row["share_not_recorded"] > 0
    # when it happened is not in the file, nor is anybody unnamed in it
    metrics = {row["metric"] for row in complainants["reporting"]}
    assert metrics == {"share_of_offences", "charged_or_later"}
    assert {"White", "Black"} == {
        row["group"] for row in officers["suspects"] if row["characteristic"] == "ethnicity"
    }
    assert audit["notes"][0] == banner


def test_windows_of_the_audited_dates_do_not_overlap(ccrb):
    task = ccrb.data.make_task()
    dates = ccrb.run.audit_dates(task, AS_OF)
    assert dates[-1] == AS_OF
    horizon = pd.Timedelta(days=task.outcome.horizon_days)
    assert (dates[1:] >= dates[:-1] + horizon).all()
    assert all(date.day == 1 for date in dates)


def test_a_page_without_a_header_is_an_error_and_no_page_without_banner(
    ccrb, tmp_path, monkeypatch
):
    def bare(audit, path, *, internal):
        path.write_text("<html>no header</html>")

    monkeypatch.setattr(rm, "fairness_report", bare)
    with pytest.raises(rm.RiskModelError, match="header"):
        ccrb.run.write_page(None, tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_what_is_said_of_complainants_is_counted_by_finding(ccrb, write):
    rows = ccrb.data.load_rows(write(made_up()))
    found = {row["finding"]: row for row in ccrb.sides.recorded_by_finding(rows)}
    assert set(found) == {"Substantiated", "Unsubstantiated", "Exonerated", "still open"}
    assert sum(row["allegations"] for row in found.values()) == len(rows)
    missing = (rows["complainant_ethnicity"] == "(Missing)") & (rows["disposition"] == "Exonerated")
    share = missing.sum() / (rows["disposition"] == "Exonerated").sum()
    assert found["Exonerated"]["ethnicity_not_recorded"] == pytest.approx(share)


@pytest.fixture
def real():
    folder = Path(os.environ.get("RISKMODEL_DATA", "absent")) / "nypd_ccrb"
    if not (folder / "allegations.csv.gz").is_file():
        pytest.skip(
            "RISKMODEL_DATA names no folder with nypd_ccrb/allegations.csv.gz: public records"
        )
    return folder


@pytest.mark.realdata
def test_the_real_file_is_read_whole_and_every_kind_has_a_severity(ccrb, real):
    rows = ccrb.data.load_rows(real)
    histories = ccrb.data.load_histories(rows)
    assert len(histories.events) == len(rows) == 24_908
    assert len(histories.persons) == 3_294
    offences = ccrb.data.load_offences().frame["offence"]
    assert set(rows["offence"]) == set(offences)  # and the scale names nothing that is not there


@pytest.mark.realdata
def test_the_real_file_is_chosen_by_what_came_later(ccrb, real):
    counts = ccrb.run.chosen_afterwards(ccrb.data.load_rows(real), AS_OF)
    by_then = counts["of_them_with_a_finding_against_them_by_the_date"]
    assert by_then < 0.7 * counts["complained_of_by_the_date"]
