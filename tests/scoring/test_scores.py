import datetime
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import (
    ModelExpiredError,
    ModelMismatchError,
    RiskModelWarning,
    SchemaError,
)
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable, Unmapped
from riskmodel.model.bundle import load_bundle, save_bundle
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.schema import SCORE_COLUMNS
from riskmodel.scoring.scores import score
from riskmodel.snapshots.build import build_snapshots, features_at
from riskmodel.snapshots.table import Snapshots

AS_OF = "2022-07-01"
NUMBERS = ["probability", "low", "high", "margin", "expected_harm", "evidence_share"]


def again(trained, *, histories=None, **options):
    options = {"as_of": AS_OF, "use": "prioritise"} | options
    return score(histories or trained.histories, options.pop("model", trained.model), **options)


def test_columns_and_one_row_for_everyone_known(trained, scores):
    assert list(scores.columns) == SCORE_COLUMNS[:-4]
    assert scores["person_id"].tolist() == trained.histories.persons.tolist()
    assert scores["as_of"].dtype == "datetime64[us]"
    assert all(scores[name].dtype == "float64" for name in NUMBERS)


def test_who_has_no_estimate_keeps_a_row_of_nan_and_a_reason(trained, scores):
    scored = scores["status"] == "scored"
    assert 0 < scored.sum() < len(scores)
    unscored = scores[~scored]
    assert unscored[[*NUMBERS, "band"]].isna().all(axis=None)
    assert set(unscored["status"]) <= {
        "no record before as_of",
        "not in the cohort",
        "died before as_of",
        "left before as_of",
    }
    assert scores.loc[scored, [*NUMBERS[:5], "band"]].notna().all(axis=None)
    assert (
        scores[["model", "version", "digest", "edition", "thresholds_version"]]
        .notna()
        .all(axis=None)
    )


def test_the_same_numbers_as_the_model_gives_for_the_snapshots(trained, scores):
    rows = build_snapshots(trained.histories, trained.task, as_of=AS_OF, late_allowance_days=0)
    scored = scores[scores["status"] == "scored"].reset_index(drop=True)
    assert scored["person_id"].tolist() == rows.person_id.tolist()
    np.testing.assert_array_equal(scored["margin"], trained.model.predict_margin(rows.X))
    np.testing.assert_array_equal(scored["probability"], trained.model.predict_proba(rows.X))
    np.testing.assert_array_equal(
        scored["expected_harm"], trained.model.predict_expected_harm(rows.X)
    )
    np.testing.assert_array_equal(scored["evidence_share"], rows.rules["evidence_share"])
    low, high = trained.model.predict_interval(rows.X)
    np.testing.assert_array_equal(scored["low"], low)
    np.testing.assert_array_equal(scored["high"], high)
    bands = trained.model.thresholds.band(scored["probability"])
    assert scored["band"].tolist() == bands.tolist()


def test_columns_of_x_in_another_order_give_the_same_bits(trained):
    X = features_at(trained.histories, trained.task, AS_OF).X
    mixed = X.sample(frac=1, axis=1, random_state=3)
    pd.testing.assert_frame_equal(trained.model.estimates(X), trained.model.estimates(mixed))


def test_what_is_recorded_later_changes_no_bit(trained, scores):
    tables = trained.world.tables
    known = tables["events"].query("recorded_time < @AS_OF and person_id.notna()")
    late = known.sample(300, random_state=0).assign(
        source_id=lambda rows: "late-" + rows["source_id"],
        recorded_time=pd.Timestamp(AS_OF) + pd.Timedelta(seconds=1),
    )
    withdrawn = known.sample(300, random_state=1)[["source_id"]].assign(
        recorded_time=pd.Timestamp(AS_OF), evidence="cancelled"
    )
    planted = EventHistories(
        pd.concat([tables["events"], late]),
        tables["people"],
        updates=pd.concat([tables["updates"], withdrawn]),
        spells=tables["spells"],
        data_start=trained.world.start,
        data_end=trained.world.end,
    )
    pd.testing.assert_frame_equal(again(trained, histories=planted), scores)


def test_a_force_that_stops_at_the_date_has_the_same_estimates(trained, scores):
    then = again(trained, histories=trained.histories.before(AS_OF))
    both = scores.merge(then, on="person_id", suffixes=("", "_then"))
    scored = both["status"] == "scored"
    assert scored.sum() == (scores["status"] == "scored").sum()
    for name in NUMBERS:
        np.testing.assert_array_equal(both.loc[scored, name], both.loc[scored, f"{name}_then"])


def test_people_asked_for_come_in_their_order_and_unknown_ones_keep_a_row(trained, scores):
    some = scores["person_id"].sample(20, random_state=4).tolist()
    asked = [some[0], "no-such-person", *some[1:]]
    part = again(trained, people=iter(asked))
    assert part["person_id"].tolist() == asked
    assert part["status"].tolist()[1] == "unknown person"
    assert part.iloc[1][NUMBERS].isna().all()
    whole = scores.set_index("person_id").loc[some]
    pd.testing.assert_frame_equal(part.drop(index=1).set_index("person_id"), whole)


def test_nobody_scored_is_a_table_too(trained):
    part = again(trained, people=["no-such-person"])
    assert part["status"].tolist() == ["unknown person"]
    assert part.dtypes.equals(again(trained, people=[]).dtypes)
    both = "has learnt outcomes", "reach back 0 days"
    with (
        pytest.warns(RiskModelWarning, match=both[0]),
        pytest.warns(RiskModelWarning, match=both[1]),
    ):
        first = again(trained, as_of=trained.histories.data_start)
    assert first["margin"].isna().all()


def test_people_listed_twice_are_refused_without_naming_them(trained, scores):
    someone = scores["person_id"].iloc[0]
    with pytest.raises(SchemaError, match="1 ids are listed more than once") as caught:
        again(trained, people=[someone, someone])
    assert someone not in str(caught.value)


def test_another_use_and_the_day_after_the_expiry_are_refused(trained):
    with pytest.raises(ModelExpiredError, match="does not permit"):
        again(trained, use="sentence")
    expires = trained.model.expires
    assert len(again(trained, today=expires, people=[])) == 0
    with pytest.raises(ModelExpiredError, match="expired on"):
        again(trained, today=expires + datetime.timedelta(days=1))


def test_dates_outside_the_data(trained):
    start, end = trained.histories.data_start, trained.histories.data_end
    with pytest.raises(SchemaError, match="before there are data"):
        again(trained, as_of=start - pd.Timedelta(days=1))
    assert len(again(trained, as_of=end + pd.Timedelta(days=31)))
    with pytest.warns(RiskModelWarning, match="newest records may be missing"):
        again(trained, as_of=end + pd.Timedelta(days=32))


def with_an_odd_offence(trained):
    tables = trained.world.tables
    events = tables["events"].copy()
    events.loc[events.index[:3], "offence"] = "no-such-code"
    return EventHistories(
        events,
        tables["people"],
        updates=tables["updates"],
        spells=tables["spells"],
        data_start=trained.world.start,
        data_end=trained.world.end,
    )


def test_an_offence_that_the_edition_lacks_is_an_error_or_is_counted(trained):
    odd = with_an_odd_offence(trained)
    with pytest.raises(SchemaError, match="no-such-code"):
        again(trained, histories=odd)
    group = trained.task.groups[0]
    task = replace(trained.task, unmapped=Unmapped(harm=1.0, group=group))
    named = int((odd.events["offence"] == "no-such-code").sum())
    found = again(trained, histories=odd, model=replace(trained.model, task=task))
    assert found.attrs["unmapped_offences"] == {"no-such-code": named}
    assert again(trained).attrs["unmapped_offences"] == {}


def test_a_model_of_a_ready_made_table_cannot_read_histories(trained):
    priors = np.arange(200) % 5
    table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 3)
    estimator = RepeatHarmEstimator(n_estimators=3, n_jobs=1)
    model = train(table, estimator=estimator, n_replicates=5)
    with pytest.raises(ModelMismatchError, match="ready-made table"):
        again(trained, model=model)


def test_people_without_the_dates_of_birth_that_the_model_reads_get_the_fallback(trained, scores):
    tables = trained.world.tables
    bare = EventHistories(
        tables["events"], updates=tables["updates"], data_start=trained.world.start
    )
    found = again(trained, histories=bare)
    told = found[found["status"] == "fallback"]
    assert len(told) and not (found["status"] == "scored").any()
    assert told[["probability", "low", "high", "margin", "band"]].notna().all(axis=None)
    assert told["expected_harm"].isna().all()
    assert told["warnings"].str.contains("birth_date not given").all()
    agreed = np.corrcoef(
        told.set_index("person_id")["margin"],
        scores.set_index("person_id")["margin"].reindex(told["person_id"]).fillna(-3),
    )
    assert agreed[0, 1] > 0.3
    with pytest.raises(ModelMismatchError, match="birth_date"):
        again(trained, histories=bare, missing="refuse")
    with pytest.raises(ModelMismatchError, match="birth_date"):
        again(trained, histories=bare, model=replace(trained.model, fallback=None))


def test_a_value_that_was_always_known_is_never_read_as_nothing(trained):
    """A tree that met no missing value would take one for 0: fewer records, a lower estimate."""
    with pytest.warns(RiskModelWarning):
        early = again(trained, as_of="2017-01-01")
    assert (early["status"] == "fallback").any() and not (early["status"] == "scored").any()
    with pytest.warns(RiskModelWarning):
        refused = again(trained, as_of="2017-01-01", missing="refuse")
    lacking = refused["status"] == "lacks what the model needs"
    assert (lacking == (early["status"] == "fallback")).all()
    assert refused.loc[lacking, NUMBERS[:5]].isna().all(axis=None)
    assert refused.loc[lacking, "warnings"].str.contains("always known").all()
    mixed = pd.concat([early, refused])
    assert mixed["warnings"].str.startswith("as_of 2017-01-01 lies before").all()


def test_a_cohort_restricted_by_a_published_rule_reads_the_groups_table(trained, scores):
    groups = trained.world.groups
    value = groups["sex"].dropna().iloc[0]
    cohort = replace(trained.task.cohort, only=("sex", value))
    model = replace(trained.model, task=replace(trained.task, cohort=cohort))
    with pytest.raises(SchemaError, match="groups="):
        again(trained, model=model)
    part = again(trained, model=model, groups=groups)
    inside = groups.set_index("person_id")["sex"].reindex(scores["person_id"]).eq(value).to_numpy()
    expected = scores["margin"].where(inside)
    np.testing.assert_array_equal(part["margin"], expected)


def test_a_saved_and_loaded_model_gives_the_same_bits(trained, scores, tmp_path):
    digest = save_bundle(trained.model, tmp_path / "bundle")
    loaded = load_bundle(tmp_path / "bundle", digest)
    pd.testing.assert_frame_equal(again(trained, model=loaded), scores)


def test_the_edition_is_the_tasks(trained, scores):
    assert set(scores["edition"]) == {OffenceTable.cambridge("ashby-2017").edition}


def test_the_light_path_loads_nothing_heavy():
    code = (
        "import json, sys; import riskmodel.scoring.scores, riskmodel.scoring.contributions; "
        "heavy = {'mlflow', 'shap', 'fairlearn', 'matplotlib'}; "
        "print(json.dumps(sorted(heavy & {name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_offences_recorded_later_are_not_counted_as_unmapped(trained):
    tables = trained.world.tables
    moment = pd.Timestamp(AS_OF)
    later = tables["events"].dropna(subset="person_id").head(1)
    later = later.assign(
        source_id="later", offence="no-such-code", event_time=moment, recorded_time=moment
    )
    histories = EventHistories(
        pd.concat([tables["events"], later]),
        tables["people"],
        updates=tables["updates"],
        spells=tables["spells"],
        data_start=trained.world.start,
        data_end=trained.world.end,
    )
    group = trained.task.groups[0]
    task = replace(trained.task, unmapped=Unmapped(harm=1.0, group=group))
    found = again(trained, histories=histories, model=replace(trained.model, task=task))
    assert found.attrs["unmapped_offences"] == {}


def test_histories_that_reach_back_less_far_than_those_learnt_from_are_told(trained):
    tables, start = trained.world.tables, pd.Timestamp("2020-07-01")
    events = tables["events"][tables["events"]["recorded_time"] >= start]
    updates = tables["updates"][tables["updates"]["source_id"].isin(events["source_id"])]
    short = EventHistories(
        events, tables["people"], updates=updates, data_start=start, data_end=trained.world.end
    )
    with pytest.warns(RiskModelWarning, match="730 days .* at least 912"):
        again(trained, histories=short)


def test_a_date_whose_outcomes_were_learnt_is_warned_of(trained):
    with pytest.warns(RiskModelWarning, match="has learnt outcomes"):
        score(trained.histories, trained.model, as_of="2022-06-30", use="prioritise")
