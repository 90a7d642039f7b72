"""A task file tells all of its mistakes at once, and what is allowed."""

from datetime import date
from pathlib import Path

import pytest

from riskmodel.cli.task_file import KEYS, TaskFile
from riskmodel.errors import RiskModelError

GOOD = """
[histories]
folder = "tables"
dates_only = true
data_end = 2012-01-01

[cohort]
lookback_days = "ever"
min_incidents = 2

[outcome]
horizon_days = 730
evidence = ["charge", "conviction"]
min_harm = 365

[offences]
edition = "ashby-2017"
unmapped = { harm = 1.0, group = "other", serious = false }

[features]
windows = [90, 365, "ever"]
age = false

[train]
first = 2003-01-01
last = 2010-01-01
every = "6MS"
known_at = 2012-01-01
seed = 3
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "riskmodel.toml"
    path.write_text(text)
    return path


def test_a_good_file_is_read_as_it_stands(tmp_path):
    file = TaskFile.read(written(tmp_path, GOOD))
    assert file.require("train")["first"] == date(2003, 1, 1)
    assert file.section("cohort")["lookback_days"] == "ever"
    assert file.resolve("tables") == tmp_path / "tables"


def test_an_absent_section_is_empty(tmp_path):
    assert TaskFile.read(written(tmp_path, "")).section("cohort") == {}


def test_all_mistakes_are_told_at_once(tmp_path):
    text = """
    [histories]
    dates_only = "yes"
    [cohrot]
    lookback_days = 365
    [outcome]
    horizont_days = 730
    [train]
    first = "2003"
    seed = true
    """
    with pytest.raises(RiskModelError) as caught:
        TaskFile.read(written(tmp_path, text))
    message = str(caught.value)
    assert message.startswith("riskmodel.toml cannot be used:\n")
    assert "[histories] dates_only: must be true or false" in message
    assert "[cohrot]: no such section; did you mean cohort?" in message
    assert "[outcome] horizont_days: no such key; did you mean horizon_days?" in message
    assert "[train] first: must be a date such as 2012-01-01" in message
    assert "[train] seed: must be a whole number" in message
    assert len(message.splitlines()) == 6


@pytest.mark.parametrize("section", KEYS)
def test_an_unknown_key_names_every_allowed_one(section, tmp_path):
    edition = '\nedition = "ashby-2017"' if section == "offences" else ""
    with pytest.raises(RiskModelError) as caught:
        TaskFile.read(written(tmp_path, f"[{section}]\nzzz = 1{edition}\n"))
    assert all(key in str(caught.value) for key in KEYS[section])


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("cohort", "lookback_days", "1.5"),
        ("cohort", "lookback_days", '"never"'),
        ("cohort", "only", '["sex", 3]'),
        ("outcome", "min_harm", '"365"'),
        ("features", "windows", '[90, "always"]'),
        ("train", "permitted_uses", '"prioritise"'),
        ("train", "every", "6"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(section, key, value, tmp_path):
    with pytest.raises(RiskModelError, match=rf"\[{section}\] {key}: must be "):
        TaskFile.read(written(tmp_path, f"[{section}]\n{key} = {value}\n"))


def test_what_unmapped_offences_count_is_checked_too(tmp_path):
    text = '[offences]\nedition = "ashby-2017"\nunmapped = { harm = "much", grp = "x" }\n'
    with pytest.raises(RiskModelError) as caught:
        TaskFile.read(written(tmp_path, text))
    assert "[offences.unmapped] harm: must be a number" in str(caught.value)
    assert "[offences.unmapped] grp: no such key" in str(caught.value)


def test_offences_need_the_name_of_their_edition(tmp_path):
    with pytest.raises(RiskModelError, match="edition: is missing"):
        TaskFile.read(written(tmp_path, '[offences]\ncsv = "offences.csv"\n'))


def test_missing_dates_are_named_together(tmp_path):
    file = TaskFile.read(written(tmp_path, "[train]\nfirst = 2003-01-01\n"))
    with pytest.raises(RiskModelError) as caught:
        file.require("train")
    assert "[train] last: is missing" in str(caught.value)
    assert "[train] known_at: is missing" in str(caught.value)


def test_a_section_written_as_a_key_is_explained(tmp_path):
    with pytest.raises(RiskModelError, match=r"write \[train\] on a line of its own"):
        TaskFile.read(written(tmp_path, "train = 3\n"))


@pytest.mark.parametrize("content", [b"[train\n", b"\xff\xfe\x00"])
def test_what_is_no_toml_is_an_error_of_one_sentence(content, tmp_path):
    path = tmp_path / "riskmodel.toml"
    path.write_bytes(content)
    with pytest.raises(RiskModelError, match="it is not a TOML file"):
        TaskFile.read(path)
