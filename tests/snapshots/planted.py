"""A synthetic world in which some persons have two ids and some events are entered twice."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.histories.events import EventHistories
from riskmodel.histories.synthetic import SyntheticWorld

AGAIN = "-again"


@dataclass(frozen=True)
class Planted:
    """The histories, the tables that make them, and what was planted."""

    histories: EventHistories
    tables: dict[str, pd.DataFrame]
    links: pd.DataFrame
    doubled: list[str]


def plant(world: SyntheticWorld, *, n_persons: int = 40, n_events: int = 60, seed: int = 0):
    """Give busy people a second id for half of their records; enter some records twice."""
    rng = np.random.default_rng(seed)
    events, people = world.tables["events"], world.tables["people"]
    named = events[events["person_id"].notna() & events["victim_id"].notna()]
    recent = named[named["recorded_time"] >= "2023-03-01"]
    dated = people.loc[people["birth_date"].notna(), "person_id"]
    chosen = recent.loc[recent["person_id"].isin(dated), "person_id"].drop_duplicates()
    chosen = chosen.sample(n_persons, random_state=seed).tolist()
    updates = world.tables["updates"]
    gone = updates.loc[updates["evidence"] == "cancelled", "source_id"]  # no more to be found twice
    others = recent[~recent["person_id"].isin(chosen) & ~recent["source_id"].isin(gone)]
    doubled = others.drop_duplicates("person_id").tail(n_events)
    second = doubled.assign(source_id=doubled["source_id"] + AGAIN)
    torn = events["person_id"].isin(chosen) & (rng.random(len(events)) < 0.5)
    events = events.assign(person_id=events["person_id"].mask(torn, events["person_id"] + AGAIN))
    again = people[people["person_id"].isin(chosen)]
    again = again.assign(person_id=again["person_id"] + AGAIN)
    tables = {
        "events": pd.concat([events, second], ignore_index=True),
        "people": pd.concat([people, again], ignore_index=True),
        **{name: world.tables[name] for name in ("updates", "spells", "victims")},
    }
    links = pd.DataFrame(
        {
            "unique_id_l": [f"{person}{AGAIN}" for person in chosen],
            "unique_id_r": chosen,
            "match_probability": 0.99,
        }
    )
    return Planted(built(tables, world), tables, links, second["source_id"].tolist())


def built(tables: dict[str, pd.DataFrame], world: SyntheticWorld) -> EventHistories:
    """Check the tables."""
    return EventHistories(**tables, data_start=world.start, data_end=world.end)
