"""The package can be installed by anyone, from what is in the repository alone."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import riskmodel

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)


def declared() -> list[Requirement]:
    texts = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    return [Requirement(text) for text in texts]


def pins() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in PIN.finditer(LOCK):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def test_the_lock_names_no_address_and_no_machine():
    for line in LOCK.splitlines():
        assert "://" not in line
        assert not re.search(r"https?:|(?<!no-emit-)index-url|find-links", line)
        assert not re.search(r"(^|[\s=])(/|~/|[A-Za-z]:\\)", line), line


def test_every_pin_has_a_hash():
    entries = re.split(r"\n(?=\S)", LOCK)
    pinned = [entry for entry in entries if PIN.match(entry)]
    assert len(pinned) > len(declared())
    assert all("--hash=sha256:" in entry for entry in pinned)


@pytest.mark.parametrize("requirement", declared(), ids=lambda requirement: requirement.name)
def test_the_lock_satisfies_what_is_declared(requirement):
    versions = pins()[canonicalize_name(requirement.name)]
    assert all(requirement.specifier.contains(version, prereleases=True) for version in versions)


def test_the_tests_test_this_checkout_and_not_an_older_install():
    assert Path(riskmodel.__file__).parent == ROOT / "riskmodel"


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "riskmodel" / "py.typed").is_file()


def test_the_licence_is_apache_in_full():
    text = (ROOT / "LICENSE").read_text()
    assert PROJECT["license"] == "Apache-2.0"
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert PROJECT["license-files"] == ["LICENSE"]


def test_the_command_is_the_one_that_the_package_exposes():
    module, function = PROJECT["scripts"]["riskmodel"].split(":")
    assert callable(getattr(__import__(module, fromlist=[function]), function))


@pytest.mark.parametrize("script", [".ci/run", ".ci/soak"])
def test_scripts_can_be_run_and_stop_at_the_first_fault(script):
    path = ROOT / script
    assert path.stat().st_mode & 0o100, f"{script} is not executable"
    text = path.read_text()
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text


def test_the_run_script_uses_the_readme_s_own_commands():
    run, readme = (ROOT / ".ci/run").read_text(), (ROOT / "README.md").read_text()
    for command in ("pip install .", "riskmodel demo", "pip install '.[test]'", "pytest"):
        assert command in run
        assert command in readme
