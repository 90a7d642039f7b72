"""Each date's estimates come from what was known then, and all dates are judged as one."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.baselines.catalogue import default_baselines
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.rolling.rolling_backtest import rolling_backtest
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.table import Snapshots

CHEAP = RepeatHarmEstimator(n_estimators=8, n_bags=2, min_child_samples=10, n_jobs=1)
DATE = pd.Timestamp("2021-01-01")
OUTCOMES = ["y", "serious_count", "harm"]
OPTIONS = {"estimator": CHEAP, "n_replicates": 20, "ks": (10, 50)}
QUICK = tuple(one for one in default_baselines() if one.name != "explainable_boosting")


@dataclass(frozen=True)
class Known:
    """Says a number for each person and date that was written down beforehand."""

    name: str
    values: dict
    refuses: pd.Timestamp | None = None

    def fit(self, snapshots, *, seed=0):
        if self.refuses is not None and snapshots.known_at == self.refuses:
            raise SchemaError("nothing to count")
        return self

    def predict_margin(self, snapshots):
        keys = zip(snapshots.as_of, snapshots.person_id, strict=True)
        return np.array([self.values[key] for key in keys])

    def predict_proba(self, snapshots):
        return 1 / (1 + np.exp(-self.predict_margin(snapshots)))


def oracle(snapshots, **options):
    keys = zip(snapshots.as_of, snapshots.person_id, strict=True)
    values = dict(zip(keys, snapshots.serious_count, strict=True))
    return Known("oracle", values, **options)


@pytest.fixture(scope="module")
def found(snapshots):
    return rolling_backtest(snapshots, baselines=(oracle(snapshots),), **OPTIONS)


def altered(world, date):
    """The same world, but other people did other things by all that is recorded from a date on."""
    tables = {name: table for name, table in world.tables.items() if name != "groups"}
    events, rng = tables["events"].copy(), np.random.default_rng(0)
    later = (events["recorded_time"] >= date).to_numpy()
    for column in ("person_id", "offence", "victim_id"):
        events.loc[later, column] = rng.permutation(events.loc[later, column].to_numpy())
    planted = events[later & events["person_id"].notna()].sample(150, random_state=0)
    planted = planted.assign(  # they happened long before, and were heard of later
        source_id=[f"planted{i}" for i in range(len(planted))],
        event_time=pd.Timestamp("2018-01-15") + pd.to_timedelta(7 * np.arange(150), unit="D"),
        offence=world.offences.frame.query("serious")["offence"].iloc[0],
    )
    updates = tables["updates"]
    changed = updates["recorded_time"] >= date
    spells = tables["spells"]
    return EventHistories(
        **tables
        | {
            "events": pd.concat([events, planted], ignore_index=True),
            "updates": updates.assign(evidence=updates["evidence"].mask(changed, "conviction")),
            "spells": spells[spells["recorded_time"] < date],
        },
        data_start=world.start,
        data_end=world.end,
        on_invalid="set_aside",
    )


def test_nothing_recorded_from_a_date_on_changes_a_bit_of_its_scores(world, build, snapshots):
    other = build(altered(world, DATE))
    one, two = (
        rolling_backtest(rows, dates=DATE, baselines=QUICK, **OPTIONS)
        for rows in (snapshots, other)
    )
    assert {one.name for one in QUICK} <= set(two.predictions.columns), "all of them are compared"
    differ = one.predictions["y"].to_numpy() != two.predictions["y"].to_numpy()
    assert differ.any(), "the outcomes themselves are others"
    pd.testing.assert_frame_equal(
        one.predictions.drop(columns=OUTCOMES),
        two.predictions.drop(columns=OUTCOMES),
        check_exact=True,
    )
    pd.testing.assert_frame_equal(one.learnt, two.learnt)
    pd.testing.assert_frame_equal(
        one.base_rates.drop(columns=["observed", "covered"]),
        two.base_rates.drop(columns=["observed", "covered"]),
        check_exact=True,
    )


def test_the_pooled_evaluation_is_that_of_the_predictions(snapshots, found):
    judged = snapshots.subset(snapshots.as_of.isin(found.dates) & snapshots.observed)
    table = found.predictions
    names = [name for name in found.evaluation.models if name != "model"]
    scores = {"model": table["margin"], **{name: table[name] for name in names}}
    chances = {"model": table["probability"], "oracle": 1 / (1 + np.exp(-table["oracle"]))}
    by_hand = evaluate_scores(
        judged, scores, probabilities=chances, n_replicates=20, ks=(10, 50), seed=0
    )
    pd.testing.assert_frame_equal(found.evaluation.table, by_hand.table)
    pd.testing.assert_frame_equal(found.evaluation.by_date, by_hand.by_date)
    assert found.evaluation.baselines[0] == "v100_sum"
    assert "oracle" in found.evaluation.baselines


def test_who_knows_the_outcome_beats_everything_on_every_date(found):
    values = found.evaluation.by_date.query("metric == 'mean_captured'")
    by_model = values.pivot(index="as_of", columns="model", values="value")
    assert (by_model.le(by_model["oracle"] + 1e-12, axis=0)).all(axis=None)
    assert found.evaluation.best_baseline == "oracle"
    assert found.evaluation.value("auc", "oracle") == 1.0


def test_ratios_and_their_geometric_mean_are_those_of_the_dates(found):
    values = found.evaluation.by_date.query("metric == 'mean_captured'")
    by_model = values.pivot(index="as_of", columns="model", values="value")
    ratios = (by_model["model"] / by_model["v100_sum"]).tolist()
    assert found.by_date["captured_ratio"].tolist() == pytest.approx(ratios)
    assert found.geometric_mean_ratio() == pytest.approx(math.prod(ratios) ** (1 / len(ratios)))
    assert found.geometric_mean_ratio(dates=DATE) == pytest.approx(
        ratios[list(found.dates).index(DATE)]
    )
    back = found.geometric_mean_ratio(over="model", model="v100_sum")
    assert found.geometric_mean_ratio() * back == pytest.approx(1)
    assert found.worst_date == by_model.index[int(np.argmin(ratios))]


def test_every_date_is_tested_or_said_to_be_left_out(snapshots, found):
    assert set(found.dates) | {pd.Timestamp(date) for date in found.left_out} == set(
        snapshots.dates
    )


def test_dates_asked_for_that_cannot_be_tested_are_an_error_with_each_reason(snapshots):
    asked = ["2018-01-01", "2021-01-01", "2021-02-01", "2024-01-01"]
    with pytest.raises(SchemaError) as error:
        rolling_backtest(snapshots, dates=asked, **OPTIONS)
    assert error.value.problems == [
        "2018-01-01: no outcome window had closed by then",
        "2021-02-01: no rows of that date",
        "2024-01-01: its outcomes are not known yet",
    ]


def test_rows_of_one_class_teach_nothing(snapshots):
    first = pd.Timestamp("2019-01-01")
    known = (snapshots.as_of == first) | (snapshots.relabelled(first).y == 0)
    with pytest.raises(SchemaError, match=r"2019-01-01: 0 of \d+ rows to learn from had the"):
        rolling_backtest(snapshots.subset(known), **OPTIONS)


def test_what_cannot_be_asked_of_ready_made_rows_or_other_outcomes_is_refused(snapshots):
    table = Snapshots.from_table(pd.DataFrame({"priors": [0, 1]}), [0, 1])
    with pytest.raises(SchemaError, match="no task"):
        rolling_backtest(table, **OPTIONS)
    harm = replace(snapshots.task, outcome=Outcome(kind="harm"))
    with pytest.raises(SchemaError, match='kind "harm"'):
        rolling_backtest(replace(snapshots, task=harm), **OPTIONS)


def test_a_baseline_that_fails_once_is_not_compared_and_says_why(snapshots):
    dates = [DATE, pd.Timestamp("2022-01-01")]
    partly = oracle(snapshots, refuses=DATE)
    found = rolling_backtest(snapshots, dates=dates, baselines=(partly,), **OPTIONS)
    assert "oracle" not in found.evaluation.models
    assert found.baselines_left_out == {"oracle": "as of 2021-01-01: 1 problem: - nothing to count"}
    assert "Not compared: oracle, as of 2021-01-01: 1 problem: - nothing to count." in str(found)


def test_the_same_input_gives_the_same_result_and_progress_is_told(snapshots):
    told = []
    dates = [DATE, pd.Timestamp("2022-01-01")]
    one, two = (
        rolling_backtest(
            snapshots,
            dates=dates,
            baselines=(),
            progress=lambda *step: told.append(step),
            **OPTIONS,
        )
        for _ in range(2)
    )
    assert one.to_dict() == two.to_dict()
    pd.testing.assert_frame_equal(one.predictions, two.predictions, check_exact=True)
    assert told == 2 * [(0, 2, dates[0]), (1, 2, dates[1]), (2, 2, dates[1])]


def test_the_order_of_rows_does_not_matter(snapshots):
    order = np.random.default_rng(0).permutation(len(snapshots))
    parts = {
        name: part.take(order).reset_index(drop=True)
        for name, part in vars(snapshots).items()
        if isinstance(part, pd.Series | pd.DataFrame) and len(part) == len(snapshots)
    }
    shuffled = replace(snapshots, **parts)
    found = rolling_backtest(shuffled, dates=DATE, baselines=(), **OPTIONS)
    rows = shuffled.subset((shuffled.as_of == DATE) & shuffled.observed)
    assert found.predictions["person_id"].tolist() == rows.person_id.tolist()
    assert found.predictions["y"].tolist() == rows.y.tolist()
    assert found.predictions["v100_sum"].tolist() == rows.rules["harm_1y"].fillna(0).tolist()
