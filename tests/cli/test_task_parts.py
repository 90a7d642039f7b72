"""From a task file to histories and a task: the file's words become the library's values."""

from pathlib import Path

import pandas as pd
import pytest

from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import groups_of, histories_of, read_histories, task_of
from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.histories.synthetic import make_histories


def file_of(tmp_path: Path, text: str) -> TaskFile:
    path = tmp_path / "riskmodel.toml"
    path.write_text(text)
    return TaskFile.read(path)


@pytest.fixture(scope="module")
def world():
    return make_histories(n_people=60, seed=1)


def write_csvs(world, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("events", "people", "updates", "spells", "victims"):
        world.tables[name].to_csv(folder / f"{name}.csv", index=False)


def options(world) -> str:
    return f"data_start = {world.start:%Y-%m-%d}\ndata_end = {world.end:%Y-%m-%d}\n"


def test_a_folder_of_csv_files_gives_the_same_histories(world, tmp_path):
    write_csvs(world, tmp_path / "tables")
    file = file_of(tmp_path, '[histories]\nfolder = "tables"\n' + options(world))
    assert histories_of(file).digest() == world.histories.digest()


def test_parquet_files_are_found_too(world, tmp_path):
    for name in ("events", "people", "updates", "spells", "victims"):
        world.tables[name].to_parquet(tmp_path / f"{name}.parquet")
    assert histories_of(file_of(tmp_path, "[histories]\n" + options(world))).digest() == (
        world.histories.digest()
    )


def test_a_database_is_read_by_its_address(world, tmp_path):
    import sqlalchemy

    address = f"sqlite:///{tmp_path / 'force.db'}"
    engine = sqlalchemy.create_engine(address)
    world.tables["events"].to_sql("crime_reports", engine, index=False)
    engine.dispose()
    text = f'[histories]\nurl = "{address}"\nevents = "crime_reports"\n'
    assert len(histories_of(file_of(tmp_path, text))) == len(world.histories)


def test_files_can_be_named_one_by_one(world, tmp_path):
    write_csvs(world, tmp_path / "tables")
    text = '[histories]\nevents = "tables/events.csv"\npeople = "tables/people.csv"\n'
    histories = histories_of(file_of(tmp_path, text))
    assert len(histories.events) == len(world.histories.events)
    assert histories.updates.empty


def test_histories_may_be_a_folder_or_a_task_file(world, tmp_path):
    write_csvs(world, tmp_path / "plain")
    write_csvs(world, tmp_path / "described")
    file_of(tmp_path / "described", "[histories]\n" + options(world))
    plain = read_histories(tmp_path / "plain")
    described = read_histories(tmp_path / "described")
    named = read_histories(tmp_path / "described" / "riskmodel.toml")
    assert len(plain) == len(described) == len(named)
    assert described.data_end == named.data_end == world.end


def test_what_is_neither_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_histories(tmp_path / "none")
    (tmp_path / "events.csv").write_text("source_id\n")
    with pytest.raises(RiskModelError, match="name a folder of tables, or a task file"):
        read_histories(tmp_path / "events.csv")
    (tmp_path / "events.csv").unlink()
    with pytest.raises(SchemaError, match="no file events"):
        read_histories(tmp_path)


def test_the_task_is_what_the_sections_say(tmp_path):
    task = task_of(
        file_of(
            tmp_path,
            """
            [cohort]
            lookback_days = "ever"
            only = ["sex", "male"]
            [outcome]
            horizon_days = 365
            evidence = ["charge", "conviction"]
            [offences]
            edition = "ashby-2017"
            unmapped = { harm = 1.0, group = "unmapped", serious = false }
            [features]
            windows = [365, "ever"]
            age = false
            evidence = ["conviction"]
            [[features.also]]
            measure = "victims"
            window_days = 730
            serious = true
            [[features.also]]
            ratio = [{ measure = "count", window_days = 90 }, { measure = "count" }]
            """,
        )
    )
    assert task.cohort.lookback_days is None
    assert task.cohort.only == ("sex", "male")
    assert task.outcome.evidence == ("charge", "conviction")
    assert task.unmapped is not None
    assert task.unmapped.group == "unmapped"
    assert task.feature_evidence == ("conviction",)
    assert "count_1y" in task.feature_names
    assert "count_90d" not in task.feature_names
    assert "age" not in task.feature_names
    assert task.feature_names[-2:] == ["victims_serious_2y", "count_90d_per_count_ever"]


def test_an_empty_file_asks_the_default_task(tmp_path):
    task = task_of(file_of(tmp_path, ""))
    assert task.cohort.lookback_days == 365
    assert task.outcome.horizon_days == 730
    assert task.offences.edition == "ashby-2017"


def test_own_offences_come_from_a_csv_beside_the_file(tmp_path):
    pd.DataFrame({"offence": ["a"], "harm": [2.0], "group": ["theft"], "serious": [True]}).to_csv(
        tmp_path / "offences.csv", index=False
    )
    text = '[offences]\nedition = "local-1"\ncsv = "offences.csv"\nsource = "the force"\n'
    offences = task_of(file_of(tmp_path, text)).offences
    assert (offences.edition, offences.source) == ("local-1", "the force")


def test_groups_are_text_and_gaps_stay_gaps(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_text("person_id,religion,disability\n007,None,\n8,NA,Yes\n")
    groups = groups_of(path)
    assert groups["person_id"].tolist() == ["007", "8"]
    assert groups["religion"].tolist() == ["None", "NA"]
    assert groups["disability"].isna().tolist() == [True, False]


def test_groups_without_person_id_are_refused(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_text("person,sex\n1,male\n")
    with pytest.raises(RiskModelError, match="no column person_id"):
        groups_of(path)
