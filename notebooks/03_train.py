# %% [markdown]
# # 3. Train, and test against the rule in use
#
# The rule in use adds up the harm of last year's allegations. It is arithmetic about the past. The
# question is whether an estimate of what is still to come puts limited attention in a better order,
# and by how much, and how sure that is.

# %%
import riskmodel as rm

world = rm.make_histories(n_people=2_000, seed=0)
task = rm.Task(offences=world.offences)
snapshots = rm.build_snapshots(
    world.histories,
    task,
    as_of=rm.every("6MS", "2017-01-01", "2022-01-01"),
    known_at="2024-01-01",
    late_allowance_days=0,
)
train, test = rm.split_at(snapshots, "2021-01-01")
model = rm.train(train, permitted_uses=("prioritise",), seed=0)
print(f"{model.name}: {len(model.feature_names)} features, for {', '.join(model.permitted_uses)}")

# %% [markdown]
# No number stands alone. Beside the model stand the rule in use (`v100_sum`), recency, frequency,
# gravity and victims (`rfgv`), the prior count, a decayed count of serious offences, and a plain
# logistic model; each with an interval from resampling *people*, since one person is in many rows.

# %%
evaluation = model.evaluate(test)
print(evaluation)

# %% [markdown]
# The leading figure is the mean share of serious offences captured over lists of 50 to 500. This
# world has only 2,000 people, so long lists hold most of the cohort and the intervals are wide.
# `riskmodel demo` runs the same at full size.

# %%
leading = evaluation.table.query("metric == 'mean_captured'")
figures = ["value", "low", "high", "difference", "difference_low", "difference_high"]
leading.set_index("model")[figures].round(3)

# %% [markdown]
# Dates differ more than resamples do. A claim that rests on one date rests on little.

# %%
dated = evaluation.by_date.query("metric == 'mean_captured'")
dated.pivot(index="as_of", columns="model", values="value").round(3)

# %% [markdown]
# So the whole recipe is carried out at date after date: features, training, calibration and what
# has to be beaten, each time on windows closed by then and with the labels known then. The base
# rate is stated before each date, with an interval.

# %%
rolled = rm.rolling_backtest(
    snapshots,
    dates=["2021-01-01", "2021-07-01", "2022-01-01"],
    baselines=[rm.baseline_named("logistic"), rm.baseline_named("explainable_boosting")],
    n_replicates=200,
)
print(rolled)

# %% [markdown]
# What the model gains as people: who enters the list, who leaves it, and what they went on to do.

# %%
judged = snapshots.subset(snapshots.as_of.isin(rolled.dates) & snapshots.observed)
print(rm.list_gain(judged, rolled.predictions["margin"], rolled.predictions["v100_sum"], k=100))

# %% [markdown]
# What `train` recorded decides about promotion: ahead of the rule in use beyond noise, and behind
# no baseline. On 2,000 people that may not be shown; then a person has to sign for it.

# %%
model.why_not_ahead

# %% [markdown]
# The estimator inside is an ordinary scikit-learn estimator. Folds that respect time come from the
# snapshots: each date is tested by a model that saw only windows closed before it.

# %%
from sklearn.model_selection import cross_val_score

cross_val_score(
    rm.RepeatHarmEstimator(n_estimators=50, random_state=0),
    snapshots.X,
    snapshots.y,
    cv=rm.temporal_folds(snapshots),
    scoring="roc_auc",
).round(3)
