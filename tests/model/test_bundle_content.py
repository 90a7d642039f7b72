"""What is written of a model, and what the manifest tells of it."""

import json
from dataclasses import replace

from riskmodel.model.bundle_content import content_of, said_of


def test_the_manifest_tells_what_the_files_hold(world_model):
    files, said = content_of(world_model), said_of(world_model)
    described = json.loads(files["model.json"])
    assert {name: said[name] for name in described} == described
    assert said["task"] == world_model.task.digest()
    assert said["thresholds"]["version"] == json.loads(files["thresholds.json"])["version"]
    assert said["training_data"] == json.loads(files["provenance.json"])["data"]["digest"]
    assert json.loads(json.dumps(said)) == said


def test_a_model_without_a_fallback_or_a_task_has_no_file_of_one(world_model, table_model):
    assert "fallback.json" in content_of(world_model)
    assert "fallback.json" not in content_of(replace(world_model, fallback=None))
    assert "fallback.json" not in content_of(table_model)
    assert json.loads(content_of(table_model)["task.json"]) is None
    assert said_of(table_model)["task"] is None


def test_the_self_test_is_of_these_very_files(table_model):
    other = replace(table_model, name="other")
    ours, theirs = (
        json.loads(content_of(model)["self_test.json"]) for model in (table_model, other)
    )
    assert ours["of"] != theirs["of"]
    assert ours["answers"] == theirs["answers"]
