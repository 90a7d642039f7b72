"""Words are reviewed like code: a score is an estimate, not a finding about a person."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PEOPLE = r"(person|persons|people|man|men|woman|women|individual|individuals|offender|offenders)"
BANNED = {
    rf"\bdangerous\s+{PEOPLE}\b": "people listed",
    rf"\b(high|low)[- ]risk\s+{PEOPLE}\b": "people with a high estimate",
    r"\bunbiased\b": "name the bias that was measured, and its size",
    r"\bbias[- ]free\b": "name the bias that was measured, and its size",
    r"\bfair\s+models?\b": "name the criterion that the model meets",
    r"\b(will|shall|going to)\s+re-?offend\b": "is estimated to",
    r"\bpredicted\s+(re-?)?offenders?\b": "people listed",
    r"\bpre-?crime\b": "an estimate for putting attention in order",
}
MACHINE = re.compile(r"(?<![\w.:/<{}$\"'])/(home|root|work|Users|opt|mnt)/\w+")

TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "experiments/**/*.md",
        "notebooks/*.py",
        "riskmodel/**/*.md",
    )
    for path in ROOT.glob(pattern)
)
TEMPLATES = sorted(
    path
    for suffix in ("j2", "html", "jinja", "css", "js", "toml", "json", "csv", "txt")
    for path in ROOT.glob(f"riskmodel/**/*.{suffix}")
)
SOURCES = sorted(ROOT.glob("riskmodel/**/*.py"))


def found(text: str) -> list[str]:
    return [
        f"{match.group()!r}: say {instead!r}"
        for pattern, instead in BANNED.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def strings_of(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return "\n".join(texts)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_rules_find_what_they_are_for():
    assert len(found("An unbiased, fair model finds each dangerous person who will reoffend.")) == 4
    assert not found("The estimate is associated with more reports; people listed are few.")


@pytest.mark.parametrize("path", TEXTS + TEMPLATES, ids=name_of)
def test_words_of_texts_and_templates(path):
    assert not found(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_words_of_what_the_package_says(path):
    assert not found(strings_of(path))


@pytest.mark.parametrize("path", TEXTS + TEMPLATES + SOURCES, ids=name_of)
def test_no_folder_of_one_machine_is_named(path):
    assert not MACHINE.search(path.read_text(encoding="utf-8"))
