"""`riskmodel score` and `explain` write the tables that the library makes, or say why not."""

import pandas as pd
import pytest

from riskmodel.schema import SCORE_COLUMNS

AS_OF = "2024-01-01"


def score(riskmodel_cli, bundle, histories, out, *more):
    return riskmodel_cli(
        "score", bundle, "--histories", histories, "--as-of", AS_OF, "--use", "prioritise",
        "--out", out, *more,
    )  # fmt: skip


def test_scores_have_the_documented_columns_and_everyone_known(
    riskmodel_cli, bundle, world_folder, tmp_path
):
    answer = score(riskmodel_cli, bundle, world_folder / "riskmodel.toml", tmp_path / "scores.csv")
    assert answer.code == 0
    table = pd.read_csv(tmp_path / "scores.csv")
    assert table.columns.tolist() == SCORE_COLUMNS
    people = pd.read_csv(world_folder / "tables" / "people.csv")
    assert set(people["person_id"]) <= set(table["person_id"])
    scored = table["status"] == "scored"
    assert table.loc[scored, "rank"].tolist() == list(range(1, scored.sum() + 1))
    assert table.loc[~scored, "probability"].isna().all()
    assert f"{scored.sum()} scored" in answer.out


def test_a_list_of_k_is_the_head_of_the_ranking(riskmodel_cli, bundle, world_folder, tmp_path):
    tables = world_folder / "riskmodel.toml"
    score(riskmodel_cli, bundle, tables, tmp_path / "all.csv")
    score(riskmodel_cli, bundle, tables, tmp_path / "top.csv", "--k", 10)
    everyone, top = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("all", "top"))
    assert top["person_id"].tolist() == everyone["person_id"].head(10).tolist()
    assert top["near_cut"].notna().all()


def test_a_folder_and_its_task_file_are_read_alike(riskmodel_cli, bundle, world_folder, tmp_path):
    score(riskmodel_cli, bundle, world_folder / "riskmodel.toml", tmp_path / "a.csv")
    score(riskmodel_cli, bundle, world_folder / "tables", tmp_path / "b.csv")
    a, b = (pd.read_csv(tmp_path / f"{name}.csv") for name in "ab")
    assert a["margin"].round(9).equals(b["margin"].round(9))


def test_a_use_that_is_not_permitted_is_refused(riskmodel_cli, bundle, world_folder, tmp_path):
    answer = riskmodel_cli(
        "score", bundle, "--histories", world_folder / "tables", "--as-of", AS_OF,
        "--use", "sentencing", "--out", tmp_path / "scores.csv",
    )  # fmt: skip
    assert answer.code == 3
    assert "does not permit the use 'sentencing'" in answer.err
    assert not (tmp_path / "scores.csv").exists()


@pytest.mark.parametrize("cut", [0, 100, -1])
def test_an_altered_bundle_is_refused(cut, riskmodel_cli, bundle, world_folder, tmp_path):
    copy = tmp_path / "bundle"
    copy.mkdir()
    for file in bundle.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    trees = copy / "trees_0.txt"
    content = trees.read_bytes()
    trees.write_bytes(content[:cut] + b"#" + content[cut:][1:])
    answer = score(riskmodel_cli, copy, world_folder / "tables", tmp_path / "scores.csv")
    assert answer.code == 3
    assert "trees_0.txt" in answer.err
    assert not (tmp_path / "scores.csv").exists()


@pytest.mark.parametrize("missing", ["bundle", "histories"])
def test_a_path_that_is_not_there_is_one_line(
    missing, riskmodel_cli, bundle, world_folder, tmp_path
):
    places = {"bundle": bundle, "histories": world_folder / "tables", missing: tmp_path / "none"}
    answer = score(riskmodel_cli, places["bundle"], places["histories"], tmp_path / "scores.csv")
    assert answer.code == 1
    assert answer.err.splitlines()[-1].startswith("error: No such")


def test_reasons_are_written_with_the_records_behind_them(
    riskmodel_cli, bundle, world_folder, tmp_path
):
    answer = riskmodel_cli(
        "explain", bundle, "--histories", world_folder / "riskmodel.toml", "--as-of", AS_OF,
        "--top", 5, "--reasons", 3, "--out", tmp_path / "reasons.csv",
    )  # fmt: skip
    assert answer.code == 0
    table = pd.read_csv(tmp_path / "reasons.csv")
    assert table["person_id"].nunique() == 5
    assert table.groupby("person_id")["order"].apply(list).map(max).max() <= 3
    events = pd.read_csv(world_folder / "tables" / "events.csv")
    cited = set("; ".join(table["source_ids"].dropna()).split("; "))
    assert cited <= set(events["source_id"])
    assert cited
