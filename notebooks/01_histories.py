# %% [markdown]
# # 1. Histories
#
# Everything starts from dated records: a report, an arrest, a charge. Each has two times, when it
# happened and when it became known (`recorded_time`). The second is what keeps a model honest: as
# of a date, only what was recorded *before* it may be used.
#
# The world below is synthetic. Nobody in it is real, and what truly happened in it is known, so
# that every claim made here can be checked.

# %%
import pandas as pd

import riskmodel as rm

world = rm.make_histories(n_people=2_000, seed=0)
world.tables["events"].head()

# %% [markdown]
# One row is one event and one suspect. `person_id` is empty where no suspect is named: such rows
# teach nothing about a person, but they count in the denominators, so that "share of all serious
# harm" means all of it.
#
# What becomes of a record is not written over it. It comes as dated updates, and a snapshot reads
# the last one that was known by then.

# %%
world.tables["updates"]["evidence"].value_counts()

# %% [markdown]
# `EventHistories` checks the tables once, here. All mistakes are told at once, by column, rule and
# number of rows, and never with a value from a row.

# %%
histories = rm.EventHistories(
    world.tables["events"],
    world.tables["people"],
    updates=world.tables["updates"],
    spells=world.tables["spells"],
    victims=world.tables["victims"],
    data_start=world.start,
    data_end=world.end,
)
histories.summary()

# %%
broken = world.tables["events"].copy()
broken.loc[[3, 5], "recorded_time"] = broken["event_time"].min() - pd.Timedelta(days=1)
broken = broken.drop(columns="offence")
try:
    rm.EventHistories(broken, world.tables["people"])
except rm.SchemaError as error:
    print(error)

# %% [markdown]
# How late do records come in? An outcome window that has only just closed looks better than it
# was: late reports are still missing from it. The upper quantiles say how long to wait.

# %%
histories.reporting_lag()

# %% [markdown]
# As of a date, the histories are smaller. `before` shows them as they were known then; everything
# in this library works as if on that.

# %%
then = histories.before("2020-01-01")
print(f"{len(histories):,} events in all, {len(then):,} of them known on 1 January 2020")

# %% [markdown]
# Harm is counted in days, by a named edition of a published index, and the edition travels with
# everything that is made from it. An offence that an edition does not value stays empty and is an
# error until someone says what it shall count.

# %%
world.offences.frame.sort_values("harm", ascending=False).head()

# %% [markdown]
# Protected characteristics live in a table of their own. No feature can read it; the audit does.
# Much of it is missing, as in real records, and "Not recorded" is a group of its own.

# %%
world.groups.drop(columns="person_id").isna().mean().rename("share not recorded")
