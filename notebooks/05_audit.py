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
