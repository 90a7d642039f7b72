"""The library's own synthetic world, with its declared biases off, on and strong.

Behaviour does not differ by group: what is recorded does. The list is that of the rule that counts
a year's records, so whoever is recorded more often for the same conduct is listed more often.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rows import World

import riskmodel as rm
from riskmodel.histories.synthetic import WorldSpec
from riskmodel.schema import NOT_RECORDED

PEOPLE = 8_000
YEARS = 5
DATES = ("2020-07-01", "2021-03-01", "2022-01-01")
KNOWN_AT = "2024-01-01"
HORIZON_DAYS = 730
CHARACTERISTIC = "ethnicity"
PLANTED = "Black"
_FACTORS = {"off": (1.0, 1.0, 1.0), "on": (1.6, 2.0, 2.0), "strong": (3.3, 6.0, 10.0)}
"""Of minor offences recorded, of what police find themselves, of false allegations."""
SETTINGS = tuple(_FACTORS)


def spec_of(setting: str) -> WorldSpec:
    """Return the world's parameters: the factors hold for suspects of one ethnicity."""
    recording, proactive, false = ({PLANTED: factor} for factor in _FACTORS[setting])
    spec = WorldSpec(
        recording_minor=0.30,
        proactive_rate=0.15,
        recording_by_suspect_ethnicity=recording,
        proactive_by_suspect_ethnicity=proactive,
        false_allegations_by_suspect_ethnicity=false,
    )
    return spec.fair() if setting == "off" else spec


def draw(setting: str, seed: int, people: int) -> World:
    """Make a world, take its snapshots and rank them by the records of the last year."""
    world = rm.make_histories(people, seed=seed, years=YEARS, spec=spec_of(setting))
    task = rm.Task(
        cohort=rm.Cohort(lookback_days=365, min_incidents=1),
        outcome=rm.Outcome(horizon_days=HORIZON_DAYS),
        offences=world.offences,
        features=rm.default_features()[:2],
    )
    snapshots = rm.build_snapshots(
        world.histories, task, as_of=list(DATES), known_at=KNOWN_AT, late_allowance_days=0
    )
    recorded = world.groups.set_index("person_id")[CHARACTERISTIC].reindex(snapshots.person_id)
    group = recorded.where(recorded.isna() | (recorded == PLANTED), "others").fillna(NOT_RECORDED)
    return World(
        person=pd.factorize(snapshots.person_id)[0],
        as_of=snapshots.as_of.to_numpy(),
        y=np.where(snapshots.observed, snapshots.y, np.nan),
        margin=snapshots.rules["incidents_1y"].to_numpy(dtype=float),
        groups=pd.DataFrame({CHARACTERISTIC: group.to_numpy(dtype=object)}),
    )
