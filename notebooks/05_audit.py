# %% [markdown]
# # 5. Audit
#
# Two questions, not one. Whom does the list single out on weaker grounds, and whom does it leave
# unprotected? The synthetic world has both sides planted: some suspects' minor offences are
# recorded more often, some victims' reports less often, and behaviour itself does not differ
# between groups.

# %%
import warnings

import riskmodel as rm

world = rm.make_histories(n_people=2_000, seed=0)
snapshots = rm.build_snapshots(
    world.histories,
    rm.Task(offences=world.offences),
    as_of=rm.every("6MS", "2017-01-01", "2022-01-01"),
    known_at="2024-01-01",
    late_allowance_days=0,
)
train, test = rm.split_at(snapshots, "2021-01-01")
model = rm.train(train, permitted_uses=("prioritise",), seed=0)

# %% [markdown]
# The policy is chosen before the figures are seen. A list with consequences for those on it
# promises like precision; a list that protects promises like recall and coverage of victims.

# %%
policy = rm.Policy.default("prioritise")
[criterion.describe() for criterion in policy.criteria]

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore", rm.SmallGroupWarning)  # a small world has many small cells
    audit = rm.audit_fairness(
        model, test, world.histories, world.groups, k=100, policy=policy, n_replicates=200
    )
audit.verdict

# %% [markdown]
# A verdict is pass, fail, or insufficient evidence. The third is an answer: with few people in a
# group, a gap of nothing and a gap of twenty points look alike. It does not pass the gate.

# %%
for verdict in audit.verdicts:
    print(f"{verdict.characteristic:20} {verdict.verdict:22} {verdict.reason}")

# %% [markdown]
# Rates of small cells are withheld, and undefined is undefined: a group without anyone who went on
# to harm has no recall, rather than a recall of 0.

# %%
audit.listed.query("characteristic == 'ethnicity'").head(8)

# %% [markdown]
# Verdicts are of a longer list than the published one: 5 % of each date, dates pooled. Beside each
# gap stands an interval that holds for all groups at once, and the smallest gap so much data could
# show.

# %%
gaps = audit.gate_gaps.query("metric == 'precision' and status == 'measured'")
columns = ["difference", "simultaneous_low", "simultaneous_high", "detectable"]
gaps.set_index(["characteristic", "group"])[columns].round(2).head(8)

# %% [markdown]
# The other side: whose later harm the list covers. Where a victim's characteristic was not
# recorded, the gap could be anything between two bounds. A bound is no interval: more data does not
# narrow it.

# %%
audit.victim_bounds.query("metric == 'coverage'").round(2).head(6)

# %% [markdown]
# Why: the features that make the gap in mean score, and how well all features together tell a group
# (0.5: not at all).

# %%
audit.score_gaps.query("characteristic == 'ethnicity'").round(3).head(5)

# %%
audit.proxy_models[["characteristic", "group", "auc", "auc_low", "auc_high"]].round(2).head(6)

# %% [markdown]
# A model that is no worse and has a smaller gap? Picked on earlier dates, judged on the last.

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore", rm.SmallGroupWarning)
    found = rm.find_alternatives(
        model, train, test, world.groups, n_models=2, n_replicates=100, k="10%"
    )
found.frontier[["name", "precision", "gap", "not_worse", "on_frontier"]].round(2)

# %% [markdown]
# The report is one page for people who read no Python; small counts are withheld, and none can be
# worked out by subtraction. `rm.fairness_report(audit, "fairness.html")` writes it.
