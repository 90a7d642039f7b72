"""Each date's estimates come from what was known then, and all dates are judged as one."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.baselines.catalogue import default_baselines
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.rolling.rolling_backtest import rolling_backtest
from riskmodel.model.training import fit_calibrated
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import every

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
    seen: list = field(default_factory=list)
    refuses: pd.Timestamp | None = None

    def fit(self, snapshots, *, seed=0):
        if self.refuses is not None and snapshots.known_at == self.refuses:
            raise SchemaError("nothing to count")
        self.seen.append(snapshots)
        return self

    def predict_margin(self, snapshots):
        self.seen.append(snapshots)
        keys = zip(snapshots.as_of, snapshots.person_id, strict=True)
        return np.array([self.values[key] for key in keys])

    def predict_proba(self, snapshots):
        return 1 / (1 + np.exp(-self.predict_margin(snapshots)))


def oracle(snapshots, **options):
    keys = zip(snapshots.as_of, snapshots.person_id, strict=True)
    values = dict(zip(keys, snapshots.serious_count, strict=True))
    return Known("oracle", values, **options)


@pytest.fixture(scope="module")
def world():
    return make_histories(500, seed=3)


def build(world, histories):
    task = Task(offences=world.offences, outcome=Outcome(horizon_days=365))
    dates = every("6MS", "2018", "2024")
    return build_snapshots(histories, task, as_of=dates, late_allowance_days=0)


@pytest.fixture(scope="module")
def snapshots(world):
    return build(world, world.histories)


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


def test_nothing_recorded_from_a_date_on_changes_a_bit_of_its_scores(world, snapshots):
    other = build(world, altered(world, DATE))
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


def test_models_and_baselines_are_shown_no_outcome(snapshots):
    known = oracle(snapshots)
    rolling_backtest(snapshots, dates=DATE, baselines=(known,), **OPTIONS)
    train, *shown = known.seen
    assert (train.as_of + pd.Timedelta(days=365)).max() <= train.known_at == DATE
    for rows in shown:
        assert (rows.as_of == DATE).all()
        assert all(getattr(rows, name).isna().all() for name in OUTCOMES)
        assert rows.totals.isna().all(axis=None)
        assert not rows.observed.any()
        assert rows._histories is None


def test_a_date_has_the_estimates_of_the_recipe_carried_out_by_hand(snapshots, found):
    train, later = split_at(snapshots, DATE)
    test = later.subset(later.as_of == DATE)
    fitted, _ = fit_calibrated(train, CHEAP, seed=0, now=test)
    rows = found.predictions[found.predictions["as_of"] == DATE]
    assert rows["person_id"].tolist() == test.person_id.tolist()
    assert rows["margin"].tolist() == fitted.decision_function(test.X).tolist()
    assert rows["probability"].tolist() == fitted.predict_proba(test.X)[:, 1].tolist()
    assert rows["y"].tolist() == test.y.tolist()


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


def test_each_date_stands_beside_what_it_learnt_from(snapshots, found):
    horizon = pd.Timedelta(days=365)
    assert (found.learnt["learnt_from"] + horizon <= found.learnt["as_of"]).all()
    sums = found.learnt.groupby("as_of")["rows"].sum()
    assert found.by_date["train_rows"].tolist() == sums.tolist()
    judged = snapshots.labelled
    for row in found.by_date.itertuples():
        y = judged.y[judged.as_of == row.as_of]
        assert (row.n, row.base_rate) == (len(y), pytest.approx(y.mean()))
        mine = found.predictions[found.predictions["as_of"] == row.as_of]
        assert row.expected == pytest.approx(mine["probability"].mean())
        assert row.observed_over_expected == pytest.approx(y.sum() / mine["probability"].sum())
    assert found.base_rates["observed"].tolist() == found.by_date["base_rate"].tolist()


def test_every_date_is_tested_or_said_to_be_left_out(snapshots, found):
    assert set(found.dates) | {pd.Timestamp(date) for date in found.left_out} == set(
        snapshots.dates
    )
    assert found.left_out["2018-01-01"] == "no outcome window had closed by then"
    assert found.left_out["2024-01-01"] == "its outcomes are not known yet"


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
