import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.scoring.explanations import explain
from riskmodel.scoring.scores import rank, score
from riskmodel.snapshots.build import features_at


def test_each_row_adds_up_to_its_margin(trained, scores):
    top = rank(scores, 50)
    why = explain(trained.histories, trained.model, top)
    assert why.shape == (50, len(trained.task.feature_names))
    assert list(why.feature_names) == trained.task.feature_names
    total = why.base_values + why.values.sum(axis=1)
    np.testing.assert_allclose(total, top["margin"], rtol=0, atol=1e-9)


def test_rows_are_the_scored_people_in_their_order_with_their_features(trained, scores):
    mixed = scores.sample(200, random_state=2)
    why = explain(trained.histories, trained.model, mixed)
    table = features_at(trained.histories, trained.task, scores["as_of"].iloc[0])
    X = table.X.set_axis(table.person_id[table.scored])
    asked = mixed.loc[mixed["status"] == "scored", "person_id"]
    assert 0 < len(asked) < len(mixed)
    np.testing.assert_array_equal(why.data, X.loc[asked].to_numpy(dtype=float))
    assert why[0].values.shape == (X.shape[1],)


def test_other_tables_are_found(trained, scores):
    tables = trained.world.tables
    fewer = EventHistories(
        tables["events"].iloc[::2],
        tables["people"],
        data_start=trained.world.start,
        data_end=trained.world.end,
    )
    with pytest.raises(ModelMismatchError, match="histories"):
        explain(fewer, trained.model, rank(scores, 50))
    changed = scores.assign(margin=scores["margin"] + 1e-6)
    with pytest.raises(ModelMismatchError, match="another margin"):
        explain(trained.histories, trained.model, changed)


def test_scores_of_another_model_or_none_are_refused(trained, scores):
    with pytest.raises(ModelMismatchError, match="another model"):
        explain(trained.histories, trained.model, scores.assign(digest="0" * 64))
    with pytest.raises(SchemaError, match="no row has an estimate"):
        explain(trained.histories, trained.model, scores[scores["margin"].isna()])
    with pytest.raises(SchemaError, match="no columns digest"):
        explain(trained.histories, trained.model, scores.drop(columns="digest"))
    options = {"as_of": "2022-08-01", "use": "prioritise"}
    earlier = score(trained.histories, trained.model, **options)
    with pytest.raises(SchemaError, match="one date"):
        explain(trained.histories, trained.model, pd.concat([scores, earlier]))
