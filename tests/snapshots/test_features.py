import json
from pathlib import Path

import pytest

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.snapshots.features import Feature, default_features, describe_features


def test_every_default_feature_survives_json():
    features = default_features()
    written = json.loads(json.dumps([feature.to_dict() for feature in features]))
    assert tuple(Feature.from_dict(content) for content in written) == features


def test_names_and_sentences_are_distinct():
    features = [part for f in default_features() for part in f.expand(["violence", "theft"])]
    assert len({feature.name for feature in features}) == len(features)
    assert len({sentence for _, sentence in describe_features(features)}) == len(features)


@pytest.mark.parametrize(
    "parts",
    [
        {"measure": "guess"},
        {"measure": "age"},
        {"measure": "days_since_last", "window_days": 90},
        {"measure": "harm_sum", "group": "violence"},
        {"measure": "count", "evidence": "cancelled"},
        {"measure": "count", "group": "violence", "evidence": "charge"},
        {"measure": "count", "window_days": 0},
        {"measure": "covariate"},
        {"measure": "count", "column": "rank"},
    ],
)
def test_parts_that_do_not_fit_are_refused(parts):
    with pytest.raises(SchemaError):
        Feature(**parts)


@pytest.mark.parametrize("column", ["sex", "Ethnicity", "self_defined_ethnicity", "religion"])
def test_a_protected_column_is_refused(column):
    with pytest.raises(LeakageError, match="protected"):
        Feature("covariate", column=column)


def test_the_documented_list_is_the_list():
    text = (Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{name}` | {sentence} |" for name, sentence in describe_features(default_features())
    ]
