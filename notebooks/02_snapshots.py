# %% [markdown]
# # 2. Snapshots
#
# A snapshot is who was known for what on a date, and what came after it. Features read what was
# recorded before the date; the outcome is what happened from that date on. No event is in both.

# %%
import pandas as pd

import riskmodel as rm

world = rm.make_histories(n_people=2_000, seed=0)
histories = world.histories
pd.set_option("display.max_colwidth", None)

task = rm.Task(
    cohort=rm.Cohort(lookback_days=365, min_incidents=1),
    outcome=rm.Outcome(horizon_days=730),
    offences=world.offences,
    features=rm.default_features(),
)
print("Ranked: ", task.cohort.describe())
print("Outcome:", task.outcome.describe())

# %% [markdown]
# A feature is data, not code, and carries its own sentence. Age is protected: it is a feature only
# with a declared justification, and the report shows what it changes.

# %%
sentences = pd.DataFrame(rm.describe_features(task.columns), columns=["feature", "sentence"])
sentences.sample(8, random_state=1)

# %%
try:
    rm.Feature("covariate", column="ethnicity")
except rm.LeakageError as error:
    print(error)

# %% [markdown]
# Features of one's own come from a small closed grammar, and travel in the model as JSON: here the
# number of different victims in the last two years among serious reports, per year at risk.

# %%
victims = rm.Feature("victims", 730, serious=True, per_year_at_risk=True)
alleged = rm.Feature("harm_sum", 365, evidence="allegation")
mine = (victims, rm.Ratio(alleged, rm.Feature("harm_sum", 365)))
print(victims.to_dict())
pd.DataFrame(rm.describe_features(mine), columns=["feature", "sentence"])

# %% [markdown]
# Labels have a date too: `known_at`. A window that closed before it is observed; one that did not
# is not observed, which is something other than "nothing happened".

# %%
snapshots = rm.build_snapshots(
    histories,
    task,
    as_of=rm.every("6MS", "2017-01-01", "2023-07-01"),
    known_at="2024-01-01",
    late_allowance_days=0,
)
snapshots.follow_up_report()

# %% [markdown]
# How late serious events come in is measured, beside the allowance that was stated.

# %%
snapshots.reporting_lag()

# %% [markdown]
# What happened before a date and was recorded after it is neither feature nor outcome. It is
# counted, so that nobody has to guess how much it is.

# %%
snapshots.between

# %% [markdown]
# The promise that holds everything up: nothing recorded at or after a date changes that date's
# row by one bit. Here everything known later is taken away, and the features stay as they were.

# %%
date = pd.Timestamp("2020-01-01")
whole = rm.build_snapshots(histories, task, as_of=date, late_allowance_days=0)
past = rm.build_snapshots(histories.before(date), task, as_of=date, late_allowance_days=0)
pd.testing.assert_frame_equal(whole.X, past.X, check_exact=True)
print(f"{len(whole):,} rows, {whole.X.shape[1]} columns: equal, bit for bit")

# %% [markdown]
# Splitting is by time. Training windows close before the test starts; what crosses the line is in
# neither part.

# %%
train, test = rm.split_at(snapshots, "2021-01-01")
for name, part in (("train", train), ("test", test)):
    print(f"{name:5}  {len(part):5,} rows, {part.dates[0]:%Y-%m-%d} to {part.dates[-1]:%Y-%m-%d}")
