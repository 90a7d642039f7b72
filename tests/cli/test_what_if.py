"""`riskmodel what-if` and `compare` show what the library finds, or say why not."""

import json

import pandas as pd
import pytest
from typer.main import get_command

from riskmodel.cli.app import app
from riskmodel.cli.what_if import read_scores

FIRST, SECOND = "2024-01-01", "2024-06-01"


@pytest.fixture(scope="module")
def lists(riskmodel_cli, bundle, world_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    for as_of in (FIRST, SECOND):
        answer = riskmodel_cli(
            "score", bundle, "--histories", world_folder / "riskmodel.toml", "--as-of", as_of,
            "--use", "prioritise", "--out", folder / f"{as_of}.csv", "--k", 20,
        )  # fmt: skip
        assert answer.code == 0, answer.err
    return folder


def ask(riskmodel_cli, bundle, world_folder, *more):
    return riskmodel_cli(
        "what-if", bundle, "--histories", world_folder / "riskmodel.toml", "--as-of", FIRST,
        "--use", "prioritise", *more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def someone(lists, world_folder):
    person = read_scores(lists / f"{FIRST}.csv")["person_id"].iloc[0]
    events = pd.read_csv(world_folder / "tables" / "events.csv", dtype="str")
    known = events[(events["person_id"] == person) & (events["recorded_time"] < FIRST)]
    return person, known


def test_a_record_left_out(riskmodel_cli, bundle, world_folder, someone, tmp_path):
    person, known = someone
    sources = known["source_id"].iloc[[-1, -2]]
    options = [word for source in sources for word in ("--without", source)]
    out = tmp_path / "what_if.json"
    answer = ask(
        riskmodel_cli, bundle, world_folder, "--person", person, *options, "--out", out
    )  # fmt: skip
    assert answer.code == 0, answer.err
    reply = json.loads(out.read_text())
    assert {row["source_id"] for row in reply["left_out"]} >= set(sources)
    assert f"What if, for {person}" in answer.out and "was not retrained" in answer.out
    assert f"{reply['known_then']['before']['margin']:.4f}" in answer.out


def test_a_record_added_from_a_file(riskmodel_cli, bundle, world_folder, someone, tmp_path):
    person, known = someone
    more = known.tail(1).assign(source_id="hypothetical", incident_id=None, person_id=None)
    more.to_csv(tmp_path / "more.csv", index=False)
    answer = ask(
        riskmodel_cli, bundle, world_folder, "--person", person, "--add", tmp_path / "more.csv"
    )
    assert answer.code == 0, answer.err
    assert "Left out: 0 records; added: 1" in answer.out


def test_what_cannot_be_asked(riskmodel_cli, bundle, world_folder, someone):
    person, _ = someone
    wrong = ask(riskmodel_cli, bundle, world_folder, "--person", person, "--without", "zzz9")
    assert wrong.code == 1 and "1 of 1 ids" in wrong.err and "zzz9" not in wrong.err
    nobody = ask(riskmodel_cli, bundle, world_folder, "--person", "zzz9")
    assert nobody.code == 1 and "1 of 1 people" in nobody.err


def test_two_lists_with_reasons(riskmodel_cli, bundle, world_folder, lists, tmp_path):
    out = tmp_path / "changes.csv"
    answer = riskmodel_cli(
        "compare", lists / f"{FIRST}.csv", lists / f"{SECOND}.csv", "--bundle", bundle,
        "--histories", world_folder / "riskmodel.toml", "--out", out,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    table = pd.read_csv(out)
    moved = table[table["change"] != "stayed"]
    assert all(person in answer.out for person in moved["person_id"])
    assert moved["why"].notna().all()
    assert f"as_of: {FIRST} -> {SECOND}" in answer.out


def test_two_lists_alone(riskmodel_cli, bundle, lists):
    both = lists / f"{FIRST}.csv", lists / f"{SECOND}.csv"
    answer = riskmodel_cli("compare", *both)
    assert answer.code == 0, answer.err
    assert "cannot be told apart" in answer.out
    half = riskmodel_cli("compare", *both, "--bundle", bundle)
    assert half.code == 1 and "--histories and --bundle both" in half.err


def test_a_table_that_is_no_list_is_refused(riskmodel_cli, world_folder, lists):
    events = world_folder / "tables" / "events.csv"
    answer = riskmodel_cli("compare", events, lists / f"{SECOND}.csv")
    assert answer.code == 1 and "riskmodel score" in answer.err


def test_a_table_is_read_back_as_it_was_written(lists):
    table = read_scores(lists / f"{FIRST}.csv")
    margin = (lists / f"{FIRST}.csv").read_text().splitlines()[1].split(",")
    assert table["margin"].iloc[0] == pytest.approx(float(margin[6]), rel=1e-14)
    assert table["person_id"].dtype == "str" and str(table["rank"].dtype) == "Int64"


def test_both_are_commands():
    assert {"what-if", "compare"} <= set(get_command(app).commands)
