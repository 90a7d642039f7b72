"""`riskmodel audit` writes what a committee reads, and says no with a code when promises fail."""

import pandas as pd
import pytest

from riskmodel.audit.audit_file import load_audit

AS_OF = "2022-01-01"
STRICT = """
name = "promises that no list keeps"
use = "prioritise"

[[criteria]]
metric = "selection_rate"
tolerance = 0.001
characteristics = ["half"]
"""


def audit(riskmodel_cli, bundle, world_folder, groups, out, *more):
    return riskmodel_cli(
        "audit", bundle, "--task", world_folder / "riskmodel.toml", "--groups", groups,
        "--as-of", AS_OF, "--k", 40, "--out", out, *more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def audited(riskmodel_cli, bundle, world_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("audited") / "audit"
    answer = audit(riskmodel_cli, bundle, world_folder, world_folder / "groups.csv", folder)
    return answer, folder


def test_audit_report_card_and_record_are_written(audited):
    answer, folder = audited
    found = load_audit(folder / "audit.json")
    assert answer.code == (3 if found.verdict == "fail" else 0)
    assert f"verdict on all: {found.verdict}" in answer.out
    assert "note: " in answer.err  # of the cells withheld
    for name in ("fairness.html", "model_card.md", "transparency_record.json"):
        assert (folder / name).stat().st_size > 100


def test_a_report_is_made_again_from_the_audit_alone(audited, riskmodel_cli):
    _, folder = audited
    again = folder.parent / "again.html"
    assert riskmodel_cli("report", folder / "audit.json", "--out", again).code == 0
    first, second = ((path).read_text() for path in (folder / "fairness.html", again))
    assert first.replace("fairness_tables", "") == second.replace("again_tables", "")


def test_exact_counts_are_only_in_a_report_marked_internal(audited, riskmodel_cli):
    _, folder = audited
    page = folder.parent / "internal.html"
    answer = riskmodel_cli("report", folder / "audit.json", "--out", page, "--internal")
    assert answer.code == 0
    assert "INTERNAL" in page.read_text()
    assert "INTERNAL" not in (folder / "fairness.html").read_text()


def test_promises_that_fail_close_the_gate(riskmodel_cli, bundle, world_folder, tmp_path):
    """The list itself is made a characteristic: then no gap could be wider."""
    riskmodel_cli(
        "score", bundle, "--histories", world_folder / "riskmodel.toml", "--as-of", AS_OF,
        "--use", "prioritise", "--k", 40, "--out", tmp_path / "top.csv",
    )  # fmt: skip
    top = set(pd.read_csv(tmp_path / "top.csv")["person_id"])
    people = pd.read_csv(world_folder / "groups.csv")[["person_id"]]
    people["half"] = ["listed" if person in top else "other" for person in people["person_id"]]
    people.to_csv(tmp_path / "groups.csv", index=False)
    (tmp_path / "policy.toml").write_text(STRICT)
    answer = audit(
        riskmodel_cli, bundle, world_folder, tmp_path / "groups.csv", tmp_path / "audit",
        "--policy", tmp_path / "policy.toml",
    )  # fmt: skip
    assert answer.code == 3
    assert "verdict on all: fail" in answer.out
    assert load_audit(tmp_path / "audit" / "audit.json").verdict == "fail"


def test_what_is_no_audit_makes_no_report(riskmodel_cli, tmp_path):
    (tmp_path / "audit.json").write_text("{}")
    answer = riskmodel_cli("report", tmp_path / "audit.json", "--out", tmp_path / "a.html")
    assert answer.code == 1
    assert "is no audit" in answer.err
    assert not (tmp_path / "a.html").exists()


def test_a_date_whose_outcomes_are_not_known_is_refused(
    riskmodel_cli, bundle, world_folder, tmp_path
):
    answer = riskmodel_cli(
        "audit", bundle, "--task", world_folder / "riskmodel.toml",
        "--groups", world_folder / "groups.csv", "--as-of", "2023-06-01",
        "--out", tmp_path / "audit",
    )  # fmt: skip
    assert answer.code == 1
    assert "outcome" in answer.err
