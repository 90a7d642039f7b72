import doctest
import json
import re
from pathlib import Path

import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.offences import OffenceTable
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.default_features import (
    DEFAULT_WINDOWS,
    RULES,
    default_features,
    describe_features,
)
from riskmodel.snapshots.features import MEASURES, Feature
from riskmodel.snapshots.pairs import feature_from_dict
from tests.snapshots.grammar import bare

DOCS = (Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8")


def section(heading):
    """Return the lines of one section of the page."""
    return DOCS.split(f"## {heading}\n")[1].split("\n## ")[0].splitlines()


def test_they_survive_json():
    features = (*default_features(), *RULES.values())
    written = json.loads(json.dumps([feature.to_dict() for feature in features]))
    assert tuple(feature_from_dict(content) for content in written) == features


@pytest.mark.parametrize("edition", OffenceTable.editions().index)
def test_names_and_sentences_are_distinct(edition):
    groups = OffenceTable.cambridge(edition).groups
    features = [part for f in default_features() for part in f.expand(groups)]
    assert len({feature.name for feature in features}) == len(features)
    assert len({sentence for _, sentence in describe_features(features)}) == len(features)
    assert all(bare(feature.sentence) == feature.sentence for feature in features)


def test_what_can_be_left_out_is():
    whole = {feature.name for feature in default_features()}
    assert whole - {f.name for f in default_features(age=False)} == {"age"}
    without = {f.name for f in default_features(co_accused=False)}
    assert whole - without == {"co_accused_1y", "co_accused_ever"}
    short = default_features(windows=(30,))
    assert {"count_30d", "incidents_serious_30d"} <= {feature.name for feature in short}
    assert not any(feature.window_days in (90, 730) for feature in short)


def test_each_window_and_level_has_its_columns():
    names = {feature.name for feature in default_features()}
    for days in DEFAULT_WINDOWS:
        for measure in ("count", "incidents", "harm_sum", "harm_max", "victims"):
            assert Feature(measure, days).name in names
        assert Feature("incidents", days, serious=True).name in names
    for level in EVIDENCE[:-1]:
        assert f"count_{level}_1y" in names
    assert "count_cancelled_1y" not in names


def test_age_is_never_taken_without_saying_why():
    with pytest.raises(SchemaError, match="justification"):
        default_features(age_justification="")


def test_the_documented_list_is_the_list():
    rows = [line for line in section("The default features") if line.startswith("| `")]
    assert rows == [
        f"| `{name}` | {sentence} |" for name, sentence in describe_features(default_features())
    ]


def test_every_measure_is_defined_in_the_documentation():
    rows = [line for line in section("Measures") if line.startswith("| `")]
    named = [name for row in rows for name in row.split("|")[1].replace("`", "").split(",")]
    assert sorted(name.strip() for name in named) == sorted(MEASURES)


def test_the_documented_examples_run():
    blocks = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    example = doctest.DocTestParser().get_doctest("".join(blocks), {}, "features.md", None, 0)
    assert len(example.examples) >= 10
    assert doctest.DocTestRunner().run(example).failed == 0


def test_the_documented_json_is_the_feature():
    (written,) = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)
    wanted = Feature("victims", 730, serious=True, per_year_at_risk=True)
    assert feature_from_dict(json.loads(written)) == wanted
