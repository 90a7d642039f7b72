# %% [markdown]
# # 4. Score and explain
#
# A score is an estimate for putting attention in order. It says what made it, how sure it is, and
# why; and the model refuses a use that it was not made for.

# %%
import pandas as pd

import riskmodel as rm

pd.set_option("display.max_colwidth", None)
world = rm.make_histories(n_people=2_000, seed=0)
histories = world.histories
snapshots = rm.build_snapshots(
    histories,
    rm.Task(offences=world.offences),
    as_of=rm.every("6MS", "2017-01-01", "2022-01-01"),
    known_at="2024-01-01",
    late_allowance_days=0,
)
train, test = rm.split_at(snapshots, "2021-01-01")
model = rm.train(train, permitted_uses=("prioritise",), seed=0)

scores = rm.score(histories, model, as_of="2024-01-01", use="prioritise")
scores["status"].value_counts()

# %% [markdown]
# Everyone known stays in the table. Who cannot be scored has a reason in `status` and no number.

# %%
top = rm.rank(scores, k=20)
columns = ["rank", "rank_best", "rank_worst", "near_cut", "probability", "low", "high", "band"]
top[columns].head(10).round(3)

# %% [markdown]
# `near_cut` marks those whose rank could lie on either side of the line: between them the order is
# close to a coin toss, and should be treated as one. `evidence_share` is the share of the harm in
# the lookback that rests on allegations alone.

# %%
print(f"near the cut: {top['near_cut'].sum()} of {len(top)}")
top["evidence_share"].describe().round(2)

# %%
try:
    rm.score(histories, model, as_of="2024-01-01", use="sentencing")
except rm.ModelExpiredError as error:
    print(error)

# %% [markdown]
# Reasons add up to the margin and lead back to the records, with what each record stands as. A
# reason is what the estimate is associated with, not a cause.

# %%
why = rm.reasons(histories, model, top.head(3), top=3)
why[["order", "sentence", "contribution", "evidence"]].round(2)

# %%
first = why.iloc[0]
records = first["source_ids"].split("; ")
print(f"{first['sentence']}: rests on {len(records)} records, such as {records[0]}")

# %% [markdown]
# For people who plot there is `shap.Explanation`. A dot per person is record-level data: not for
# publication.

# %%
explanation = rm.explain(histories, model, top)
print(explanation.values.shape, explanation.feature_names[:3])
