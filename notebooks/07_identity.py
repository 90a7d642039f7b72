# %% [markdown]
# # 7. Identity
#
# One person under two ids is two short histories, and neither reaches the list. One report entered
# twice is harm that happened once. Before a list is believed, someone must ask how far that goes.
#
# `riskmodel` reports likely duplicates and what they would do to the list. Finding who is who by
# name is record linkage, and is left to a tool made for it: here
# [Splink](https://moj-analytical-services.github.io/splink/), which runs on this machine alone.
#
# The world is synthetic. Here 150 persons in it get a second id for about half of their records,
# and 60 reports are entered twice, so that what is found can be held against the truth.

# %%
import numpy as np
import pandas as pd

import riskmodel as rm

world = rm.make_histories(n_people=2_000, seed=0)
events, people = world.tables["events"], world.tables["people"]
rng = np.random.default_rng(0)

busy = events["person_id"].value_counts().loc[lambda n: n >= 4].index
dated = people.loc[people["birth_date"].notna(), "person_id"]
split = sorted(rng.choice(sorted(set(busy) & set(dated)), 150, replace=False))
torn = events["person_id"].isin(split) & (rng.random(len(events)) < 0.5)
events = events.assign(person_id=events["person_id"].mask(torn, events["person_id"] + "B"))
second = people[people["person_id"].isin(split)].assign(person_id=lambda t: t["person_id"] + "B")
twice = events[events["victim_id"].notna() & events["person_id"].notna()].tail(60)
events = pd.concat([events, twice.assign(source_id=twice["source_id"] + "B")], ignore_index=True)

# %% [markdown]
# The second entry is not a copy. Some names are misspelt, some dates of birth mistyped. The names
# are made from syllables; they live in a table of their own, which no model reads.

# %%
SYLLABLES = ["ba", "den", "do", "fi", "ka", "lo", "mer", "nu", "pa", "ri", "sol", "ti", "vo", "zu"]


def made_up_names(n, parts):
    """Names of people who do not exist."""
    return ["".join(rng.choice(SYLLABLES, parts)).title() for _ in range(n)]


def misspelt(name):
    """The name without one of its letters."""
    gap = rng.integers(1, len(name))
    return name[:gap] + name[gap + 1 :]


first = pd.DataFrame(
    {
        "unique_id": people["person_id"],
        "first_name": made_up_names(len(people), 2),
        "surname": made_up_names(len(people), 3),
        "birth_date": people["birth_date"],
    }
)
again = first[first["unique_id"].isin(split)].assign(unique_id=lambda t: t["unique_id"] + "B")
for column, share in (("first_name", 0.2), ("surname", 0.2)):
    wrong = rng.random(len(again)) < share
    again.loc[wrong, column] = again.loc[wrong, column].map(misspelt)
mistyped = rng.random(len(again)) < 0.1
again.loc[mistyped, "birth_date"] += pd.DateOffset(years=1)
names = pd.concat([first, again], ignore_index=True)
second = second.assign(birth_date=again["birth_date"].to_numpy())

histories = rm.EventHistories(
    events,
    pd.concat([people, second], ignore_index=True),
    updates=world.tables["updates"],
    spells=world.tables["spells"],
    victims=world.tables["victims"],
    data_start=world.start,
    data_end=world.end,
)
histories

# %% [markdown]
# ## What the records alone show
#
# Our tables hold no names. What they hold is enough for some plain rules: two ids with one date of
# birth, and records against the same victim, at the same moment, on the same day, or at the same
# place. The report says how often each rule fires, and prints no id.

# %%
task = rm.Task(offences=world.offences)
report = rm.identity_report(histories, task, as_of="2024-01-01", k=100)
report

# %%
planted = {(person, person + "B") for person in split}


def found_of(pairs):
    """How many pairs there are, and how many of them were planted."""
    found = set(zip(pairs["person_id_l"], pairs["person_id_r"], strict=True))
    return {"pairs": len(found), "planted": len(found & planted), "of": len(planted)}


found_of(report.pairs)

# %% [markdown]
# Hardly a pair is false, but many are missed: the rules need a victim in common and the same date
# of birth. They are a sign that there is something to link, and no linkage.
#
# ## To Splink
#
# The table of names goes over with the id as `unique_id`. Splink learns from the table itself how
# much an agreement on each column is worth, and gives each pair a probability.

# %%
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

settings = SettingsCreator(
    link_type="dedupe_only",
    comparisons=[
        cl.JaroWinklerAtThresholds("first_name", [0.9]),
        cl.JaroWinklerAtThresholds("surname", [0.9]),
        cl.DateOfBirthComparison("birth_date", input_is_string=False),
    ],
    blocking_rules_to_generate_predictions=[
        block_on("surname"),
        block_on("first_name"),
        block_on("birth_date"),
    ],
)
linker = Linker(DuckDBAPI().register(names), settings, log_level="ERROR")
train = linker.training
train.estimate_probability_two_random_records_match([block_on("surname", "birth_date")], recall=0.7)
train.estimate_u_using_random_sampling(max_pairs=2e5, seed=0)
train.estimate_parameters_using_expectation_maximisation(block_on("birth_date"))
train.estimate_parameters_using_expectation_maximisation(block_on("surname"))
predictions = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
list(predictions.columns)

# %% [markdown]
# ## And back
#
# The predictions are taken as they come. With them the report shows what merging would do to the
# list: who enters, who leaves, and how many places one person holds twice. What was entered under
# both ids is surplus once they are one.

# %%
linked = rm.identity_report(histories, task, as_of="2024-01-01", k=100, links=predictions)
linked

# %%
pd.DataFrame(
    {
        "by rules": found_of(report.pairs),
        "by Splink": found_of(linked.pairs[linked.pairs["linked"]]),
        "by either": found_of(linked.pairs),
    }
)

# %% [markdown]
# `merge_persons` gives one id to all that are linked. It does not merge across a contradiction: a
# mistyped date of birth, an event after a death. It says how many, and someone has to look.

# %%
try:
    rm.merge_persons(histories, predictions, threshold=0.95)
except rm.SchemaError as error:
    print(error)

# %%
merged = rm.merge_persons(histories, predictions, threshold=0.95, on_conflict="keep_apart")
reviewed = rm.merge_persons(histories, predictions, threshold=0.95, on_conflict="merge")
print(f"{len(histories.persons):,} ids before, {len(merged.persons):,} with contradictions apart,")
print(f"{len(reviewed.persons):,} with all merged; {len(people):,} persons in truth")

# %% [markdown]
# The histories given are as they were; the new ones go where the old ones went. From here on each
# person has one history, and the list is another. What is on it twice goes last: a few more reports
# than were planted, since two of a day can both be true. Likely is not certain.

# %%
linked.changes.query("scenario == 'persons merged' and change != 'stayed'").groupby(
    "change"
).size().rename("of the first 100")

# %%
clean = linked.without_surplus(reviewed)
after = rm.identity_report(clean, task, as_of="2024-01-01", k=100)
print(f"{len(linked.pairs)} pairs before, {len(after.pairs)} left by the rules")
print(f"{len(histories) - len(clean)} surplus records removed, {len(twice)} were planted")
