"""The COMPAS study: leaks are refused, nothing after the screening is read, everyone is estimated.

The tables here are made up, with the columns of the real ones.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import LeakageError, SchemaError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "compas"
NAMES = ("data", "known", "audited", "features", "judge", "run")
COLUMNS = """
id compas_screening_date sex age age_cat race juv_fel_count decile_score juv_misd_count
juv_other_count priors_count days_b_screening_arrest c_jail_in c_jail_out c_offense_date
c_arrest_date c_days_from_compas c_charge_degree c_charge_desc is_recid r_charge_degree
r_days_from_arrest r_offense_date r_charge_desc r_jail_in r_jail_out violent_recid
is_violent_recid vr_charge_degree vr_offense_date vr_charge_desc type_of_assessment
decile_score.1 score_text screening_date v_type_of_assessment v_decile_score v_score_text
v_screening_date in_custody out_custody priors_count.1 start end event two_year_recid
"""
HEADER = COLUMNS.split()
READ = {
    "priors_count", "juv_fel_count", "juv_misd_count", "juv_other_count",
    "c_charge_degree", "c_charge_desc", "c_offense_date", "c_arrest_date",
}  # fmt: skip
SENTINEL = pd.Timestamp("2020-01-01")
DAY = pd.Timedelta(days=1)


@pytest.fixture
def compas(modules_of):
    """The study's modules, forgotten afterwards: their names are common."""
    return modules_of(FOLDER, NAMES)


@pytest.fixture
def folder(tmp_path):
    """Two hundred and fifty made-up people, of whom those screened late all have the outcome."""
    for name, table in made_up(n=250, seed=0).items():
        table.to_csv(tmp_path / f"{name}.csv.gz", index=False)
    return tmp_path


def made_up(*, n, seed):
    rng = np.random.default_rng(seed)
    screened = pd.Series(pd.Timestamp("2013-01-02") + rng.integers(0, 600, n) * DAY)
    age, priors = rng.integers(18, 70, n), rng.poisson(2, n)
    chance = 1 / (1 + np.exp(0.06 * (age - 35) - 0.4 * (priors - 2)))
    outcome = np.where(screened >= "2014-04-01", 1, rng.random(n) < chance).astype(int)
    arrested = screened - rng.integers(1, 5, n) * DAY + 9 * pd.Timedelta(hours=1)
    people = pd.DataFrame("", index=range(n), columns=HEADER).assign(
        id=np.arange(n) + 1,
        compas_screening_date=screened.dt.strftime("%Y-%m-%d"),
        sex=rng.choice(["Male", "Female"], n),
        age=age,
        race=rng.choice(["African-American", "Caucasian", "Other"], n),
        decile_score=np.clip(np.round(10 * chance + rng.normal(0, 1, n)), 1, 10).astype(int),
        priors_count=priors,
        days_b_screening_arrest=np.where(rng.random(n) < 0.2, np.nan, rng.integers(-3, 9, n)),
        c_jail_in=arrested.dt.strftime("%Y-%m-%d %H:%M:%S"),
        c_offense_date=arrested.dt.strftime("%Y-%m-%d"),
        c_charge_degree=rng.choice(["F", "M"], n),
        c_charge_desc=rng.choice(["Battery", "Possession of Cocaine", "Petit Theft"], n),
        two_year_recid=outcome,
        **dict.fromkeys(("juv_fel_count", "juv_misd_count", "juv_other_count"), 0),
    )
    jail = pd.DataFrame({"in_custody": arrested, "out_custody": arrested + 2 * DAY})
    jail = jail.assign(person_id=people["id"])
    later = jail.assign(in_custody=screened + 90 * DAY, out_custody=SENTINEL)[outcome == 1]
    prison = jail.assign(in_custody=arrested - 900 * DAY, out_custody=arrested - 400 * DAY)
    return {
        "two_years": people,
        "people": people[["id"]],
        "jailhistory": pd.concat([jail, later], ignore_index=True),
        "prisonhistory": prison.iloc[::5],
    }


def bits(frame):
    return [*frame.columns], frame.to_numpy().tobytes()


@pytest.mark.parametrize("name", [name for name in HEADER if name not in READ | {"age"}])
def test_every_column_that_is_not_known_to_be_safe_is_refused(compas, folder, name):
    tables = compas.data.load_tables(folder)
    with pytest.raises(LeakageError, match=f"- {name}: "):
        compas.features.make_features(tables, extra=(name,), age_justification="said")


def test_all_refusals_come_at_once_with_their_reasons(compas):
    with pytest.raises(LeakageError, match="3 of the columns") as refused:
        compas.data.check_extra(["r_offense_date", "priors_count", "race", "end"])
    assert "- r_offense_date: it describes the new arrest" in str(refused.value)
    assert "- race: it is a protected characteristic" in str(refused.value)
    assert "- end: time at risk ends with the new arrest" in str(refused.value)


def test_the_command_line_refuses_a_leak_before_it_reads_anything(
    compas, tmp_path, monkeypatch, capsys
):
    asked = ["run.py", "--data", "nowhere", "--out", str(tmp_path), "--extra", "in_custody"]
    monkeypatch.setattr(sys, "argv", asked)
    with pytest.raises(SystemExit):
        compas.run.main()
    assert "in_custody: the spell is mostly that of the new arrest" in capsys.readouterr().err


def test_age_needs_a_justification_and_brings_its_rate_with_it(compas, folder):
    tables = compas.data.load_tables(folder)
    with pytest.raises(LeakageError, match="declare a justification"):
        compas.features.make_features(tables, extra=("age",), age_justification=" ")
    aged = compas.features.make_features(tables, extra=("age",), age_justification="said")
    plain = compas.features.make_features(tables)
    assert set(aged) - set(plain) == {"age", "priors_per_adult_year"}
    assert bits(aged[plain.columns]) == bits(plain)


def test_only_people_screened_before_the_cut_are_modelled(compas, folder):
    everyone = compas.data.load_two_years(folder)
    people = compas.data.load_tables(folder).people
    assert people["screened"].max() < pd.Timestamp("2014-04-01")
    assert len(people) == (everyone["compas_screening_date"] < "2014-04-01").sum()
    counts = compas.data.leaks(everyone)
    assert counts["screened from 2014-04-01"]["share"] == 1
    assert counts["screened before 2014-04-01"]["people"] == len(people) < len(everyone)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_came_after_the_screening_changes_a_bit(compas, folder, seed):
    tables = compas.data.load_tables(folder)
    before = compas.features.make_features(tables, extra=("age",), age_justification="said")
    rng = np.random.default_rng(seed)
    people, changed = tables.people.copy(), {}
    for name in set(HEADER) - READ - {"id", "age"}:
        people[name] = rng.permutation(people[name].to_numpy())
    for name in ("jail", "prison"):
        spells = getattr(tables, name)
        changed[name] = with_another_future(spells, people, rng)
    other = compas.data.Tables(people, **changed)
    after = compas.features.make_features(other, extra=("age",), age_justification="said")
    assert bits(before) == bits(after)


def with_another_future(spells, people, rng):
    """Move every end that was not yet known, drop the later spells, and plant others."""
    screened = spells["person_id"].map(people.set_index("id")["screened"])
    past, still_in = spells["in_custody"] < screened, spells["out_custody"] >= screened
    other_end = screened + rng.integers(0, 500, len(spells)) * DAY
    kept = spells.assign(out_custody=spells["out_custody"].mask(still_in, other_end))[past]
    starts = people["screened"] + rng.integers(0, 300, len(people)) * DAY
    planted = pd.DataFrame(
        {"person_id": people["id"], "in_custody": starts, "out_custody": starts + 5 * DAY}
    )
    return pd.concat([planted, kept, planted], ignore_index=True)


def test_a_spell_of_the_day_before_is_read_and_one_of_the_day_itself_is_not(compas, folder):
    tables = compas.data.load_tables(folder)
    before = compas.features.make_features(tables)
    screened = tables.people["screened"]
    for hours, changes in ((-1, True), (0, False), (9, False)):
        begun = screened + pd.Timedelta(hours=hours)
        more = pd.DataFrame(
            {"person_id": tables.people["id"], "in_custody": begun, "out_custody": begun + DAY}
        )
        jail = pd.concat([tables.jail, more])
        after = compas.features.make_features(
            compas.data.Tables(tables.people, jail, tables.prison)
        )
        assert (bits(after) != bits(before)) is changes


def test_what_the_spells_of_one_person_say(compas):
    spells = pd.DataFrame(
        {
            "person_id": [7, 7, 7, 8],
            "in_custody": pd.to_datetime(["2013-01-11", "2013-02-19", "2013-06-01", "2013-02-01"]),
            "out_custody": pd.to_datetime(["2013-01-15", "2020-01-01", "2013-06-02", "2013-02-01"]),
        }
    )
    found = compas.features.spell_features(
        spells,
        pd.Series([7, 8, 9]),
        pd.to_datetime(pd.Series(["2013-03-01"] * 3)),
        "jail",
        data_start=pd.Timestamp("2013-01-01"),
    )
    gone = np.nan
    expected = pd.DataFrame(
        {
            "jail_spells": [2.0, 1.0, 0.0],
            "jail_days": [4 + 10.0, 0.0, 0.0],  # the open one counts up to the screening
            "jail_open": [1.0, 0.0, 0.0],
            "jail_days_since_start": [10.0, 28.0, gone],
            "jail_days_since_end": [45.0, 28.0, gone],
            "jail_spells_30d": [1.0, 1.0, 0.0],
            "jail_spells_90d": [gone] * 3,  # the spells are on record for 59 days only
            "jail_spells_365d": [gone] * 3,
        }
    )
    logged = ["jail_days", "jail_days_since_start", "jail_days_since_end"]
    expected[logged] = np.log1p(expected[logged])
    pd.testing.assert_frame_equal(found, expected)


def test_a_charge_counts_from_the_day_after_it(compas):
    known = pd.DataFrame(
        {
            "c_charge_degree": ["F", "F", "M"],
            "c_charge_desc": ["Burglary Dwelling", "Burglary Dwelling", None],
            "c_offense_date": ["2013-02-28", "2013-03-01", None],
            "c_arrest_date": [None, None, "2013-02-27"],
        }
    )
    found = compas.features.charge_features(known, pd.to_datetime(pd.Series(["2013-03-01"] * 3)))
    assert found["charge_burglary"].tolist() == [1, 0, 0]
    assert found["charge_felony"].fillna(-1).tolist() == [1, -1, 0]
    assert np.expm1(found["charge_days_ago"]).round(6).fillna(-1).tolist() == [1, -1, 2]


def test_spells_under_another_persons_id_are_noticed(compas, folder):
    jail = pd.read_csv(folder / "jailhistory.csv.gz")
    jail.assign(person_id=jail["person_id"].to_numpy()[::-1]).to_csv(
        folder / "jailhistory.csv.gz", index=False
    )
    with pytest.raises(SchemaError, match="of the stated intakes are found"):
        compas.data.load_tables(folder)


def test_nobody_is_estimated_by_a_model_that_saw_them(compas):
    ids = pd.Index(np.repeat(np.arange(60), 2), name="id")
    X, y = pd.DataFrame({"x": np.arange(120.0)}, index=ids), np.tile([0.0, 1.0, 1.0], 40)
    folds = compas.judge.fold_numbers(y, ids, repeats=2)
    assert (folds.groupby(level=0).nunique() == 1).all(axis=None)

    def learn_who(rows, _):
        return lambda others: others.index.isin(rows.index).astype(float)

    assert (compas.judge.out_of_fold(X, y, folds, learn_who) == 0).all()


@pytest.mark.filterwarnings("ignore::riskmodel.errors.SmallGroupWarning")  # few made-up people
def test_the_study_runs_and_estimates_everyone_once(compas, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(compas.judge, "REPLICATES", 20)
    out = tmp_path / "out"
    compas.run.run(folder, out, repeats=1)
    table = pd.read_csv(out / "predictions.csv")
    assert table["id"].tolist() == compas.data.load_tables(folder).people["id"].tolist()
    assert table["probability"].between(0, 1, inclusive="neither").all()
    assert set(table["fold_1"]) == {1, 2, 3, 4, 5}
    results = json.loads((out / "results.json").read_text())
    assert results["people"]["modelled"] == len(table)
    aucs = {
        row["model"]: row["value"] for row in results["accuracy"]["table"] if row["metric"] == "auc"
    }
    assert set(aucs) == {
        "model", "model without age", "logistic", "decile_score", "prior_count",
    }  # fmt: skip
    assert aucs["model"] > 0.6  # age and priors made the outcome
    same = results["rates_at_the_same_number"]
    people = compas.data.load_tables(folder).people
    assert same["people_listed"] == (people["decile_score"] >= 5).sum()


def test_error_rates_are_the_counts_of_the_table(compas, folder):
    two_years = compas.data.load_two_years(folder)
    found = compas.known.known_figures(two_years)
    for race, rate in found["false_positive_rate"].items():
        rows = two_years[two_years["race"] == race]
        listed, y = rows["decile_score"] >= 5, rows["two_year_recid"] == 1
        assert rate == pytest.approx((listed & ~y).sum() / (~y).sum())
        missed = found["false_negative_rate"][race]
        assert missed == pytest.approx((~listed & y).sum() / y.sum())
    assert not found["agrees"]  # it is not the published file


@pytest.fixture
def real():
    folder = Path(os.environ.get("RISKMODEL_DATA", "absent")) / "compas"
    if not (folder / "two_years.csv.gz").is_file():
        pytest.skip("RISKMODEL_DATA names no folder with compas/two_years.csv.gz: public records")
    return folder


@pytest.mark.realdata
def test_published_error_rates_are_reproduced(compas, real):
    """Angwin, Larson, Mattu & Kirchner, ProPublica, 23 May 2016."""
    found = compas.known.known_figures(compas.data.load_two_years(real))
    assert found["agrees"]
    rates = {group: round(100 * rate, 2) for group, rate in found["false_positive_rate"].items()}
    assert rates == {"African-American": 44.85, "Caucasian": 23.45}
    rates = {group: round(100 * rate, 2) for group, rate in found["false_negative_rate"].items()}
    assert rates == {"African-American": 27.99, "Caucasian": 47.72}


@pytest.mark.realdata
def test_those_screened_late_are_positives_by_construction(compas, real):
    counts = compas.data.leaks(compas.data.load_two_years(real))
    assert counts["screened before 2014-04-01"]["people"] == 6207
    late = counts["screened from 2014-04-01"]
    assert (late["people"], late["with_the_outcome"]) == (1007, 1004)
    assert len(compas.data.load_tables(real).people) == 6207  # every stated intake was found


@pytest.mark.realdata
def test_the_real_future_changes_no_feature(compas, real):
    tables = compas.data.load_tables(real)
    before = compas.features.make_features(tables)
    rng = np.random.default_rng(0)
    jail, prison = (
        with_another_future(
            spells[spells["person_id"].isin(tables.people["id"])], tables.people, rng
        )
        for spells in (tables.jail, tables.prison)
    )
    after = compas.features.make_features(compas.data.Tables(tables.people, jail, prison))
    assert bits(before) == bits(after)
