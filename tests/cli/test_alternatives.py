"""`riskmodel alternatives` compares models that nobody has chosen, and leaves the choice open."""

import pandas as pd
import pytest

from riskmodel.audit.alternatives.alternatives import Alternatives

DATES = ("2021-01-01", "2022-01-01")


def alternatives(riskmodel_cli, bundle, world_folder, out, *more, dates=DATES):
    days = [word for date in dates for word in ("--as-of", date)]
    return riskmodel_cli(
        "alternatives", bundle, "--task", world_folder / "riskmodel.toml",
        "--groups", world_folder / "groups.csv", *days, "--out", out, *more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def compared(riskmodel_cli, bundle, world_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared") / "alternatives"
    answer = alternatives(
        riskmodel_cli, bundle, world_folder, folder,
        "--share", "40%", "--metric", "recall", "--models", 3, "--comparators",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    return answer, folder


def test_every_model_is_shown_with_intervals_and_kept(compared):
    answer, folder = compared
    found = Alternatives.load(folder / "alternatives.json")
    assert len(found.frontier) == 6 and len(found.candidates) == 3
    assert found.k == "40%" and found.metric == "recall"
    assert found.as_of == DATES and len(found.model_digest) == 64
    table = pd.read_csv(folder / "alternatives.csv")
    assert table["name"].tolist() == found.frontier["name"].tolist()
    for row in found.frontier.itertuples():
        assert row.name in answer.out
        assert f"{row.precision:.3f} [{row.precision_low:.3f}, {row.precision_high:.3f}]" in (
            answer.out
        )
    for note in found.notes:
        assert note.split()[0] in answer.out


def test_the_chosen_row_is_the_bundle_itself(compared):
    """The bundle was trained on what was known by the first date: nothing is learnt otherwise."""
    answer, _ = compared
    assert "learnt anew" not in answer.out


def test_comparators_are_marked_with_their_question(compared):
    answer, folder = compared
    found = Alternatives.load(folder / "alternatives.json").frontier
    theirs = found[found["kind"] == "comparator"]
    assert len(theirs) == 2 and not theirs["on_frontier"].any()
    assert " ".join(answer.out.split()).count("Equality Act 2010") == 2
    assert answer.out.count("  comparator ") == 2


def test_what_later_dates_say_is_a_table_of_its_own(compared):
    answer, folder = compared
    found = Alternatives.load(folder / "alternatives.json")
    assert found.later_as_of == DATES[1:]
    assert f"measured on {DATES[1]}" in answer.out
    assert len(pd.read_csv(folder / "alternatives_later.csv")) == len(found.later)


def test_a_search_gives_its_trials(riskmodel_cli, bundle, world_folder, tmp_path):
    answer = alternatives(
        riskmodel_cli, bundle, world_folder, tmp_path / "a", "--search", 2, "--k", 100,
        dates=DATES[1:],
    )  # fmt: skip
    assert answer.code == 0, answer.err
    found = Alternatives.load(tmp_path / "a" / "alternatives.json")
    assert {candidate.name for candidate in found.candidates} <= {"trial 1"}
    assert not (tmp_path / "a" / "alternatives_later.csv").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--k", 50, "--share", "5%"), "not both"),
        (("--share", "0.05"), "written as 5%"),
        (("--metric", "auc"), "one of precision"),
    ],
)
def test_what_cannot_be_asked_says_so(riskmodel_cli, bundle, world_folder, tmp_path, more, words):
    answer = alternatives(riskmodel_cli, bundle, world_folder, tmp_path / "a", *more)
    assert answer.code == 1
    assert words in answer.err
    assert not (tmp_path / "a").exists()


def test_dates_whose_outcomes_are_not_known_are_named(
    riskmodel_cli, bundle, world_folder, tmp_path
):
    answer = alternatives(
        riskmodel_cli, bundle, world_folder, tmp_path / "a", dates=("2022-01-01", "2023-06-01")
    )
    assert answer.code == 1
    assert "no outcome is known on 2023-06-01" in answer.err
