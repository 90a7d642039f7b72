"""make_histories(seed): a V100-sized world whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.errors import RiskModelError
from riskmodel.histories import synthetic_tables as write
from riskmodel.histories.synthetic_offences import at_large, draw_offences
from riskmodel.histories.synthetic_people import (
    draw_known_victims,
    draw_population,
    draw_victim_traits,
)
from riskmodel.histories.synthetic_records import draw_false_allegations, draw_records
from riskmodel.histories.synthetic_spec import NEVER, WorldSpec
from riskmodel.histories.synthetic_truth import SyntheticWorld, Truth, truth_of

__all__ = ["SyntheticWorld", "Truth", "WorldSpec", "make_histories"]

MOST_PEOPLE = 200_000
_STAGES = ("people", "known", "offences", "victims", "records", "false", "ids", "tables", "gaps")


def make_histories(
    n_people: int = 35_000,
    seed: int = 0,
    *,
    years: int = 8,
    end: str | pd.Timestamp = "2024-01-01",
    biased: bool = True,
    spec: WorldSpec | None = None,
) -> SyntheticWorld:
    """Make a world of dated reports, with the truth that made them beside them.

    Each person offends by a Poisson process of their own: a gamma-distributed rate, an
    age-crime curve, an onset, a desistance, and a share of serious offences that grows for a
    declared share of people. Offences fall on a few known victims again and again, or on
    strangers; some are joined by others of a small crew. Then records come about: reporting by
    the victim's group, recording and police-generated records by the suspect's, lags, evidence
    that changes, custody that interrupts, and a few allegations of what never happened.

    Parameters
    ----------
    n_people : int
        Number of people, 50 to 200,000.
    seed : int
        The same seed and parameters give the same bits.
    years : int
        Whole years covered, 1 to 40.
    end : Timestamp or str
        Midnight at which the data ends; nothing recorded then or later is in the tables.
    biased : bool
        False turns the declared biases off and keeps all else: the same people, the same
        offences but for those that custody prevents, the same draws.
    spec : WorldSpec, optional
        Other parameters than the defaults.

    Returns
    -------
    SyntheticWorld

    Raises
    ------
    RiskModelError
        If an argument is out of its range: all at once.

    Examples
    --------
    >>> world = make_histories(n_people=50, seed=1)
    >>> sorted(world.tables)
    ['events', 'groups', 'people', 'spells', 'updates', 'victims']
    >>> len(world.truth.people), world.truth.spec.is_fair
    (50, False)
    """
    last = _check_arguments(n_people, seed, years, end)
    chosen = spec or WorldSpec()
    chosen = chosen if biased else chosen.fair()
    simulated, rngs = _simulate(chosen, n_people, seed, last - pd.DateOffset(years=years), last)
    sources = write.number_sources(simulated)
    events = write.events_table(simulated, sources, rngs["tables"])
    truth = truth_of(simulated, sources, events, simulated.people.span)
    tables = _cut(_tables(simulated, sources, events, rngs["gaps"]), last)
    return SyntheticWorld(tables=tables, truth=truth, start=simulated.start, end=last)


def _check_arguments(n_people: int, seed: int, years: int, end: str | pd.Timestamp) -> pd.Timestamp:
    last = pd.Timestamp(end)
    problems = []
    if not 50 <= n_people <= MOST_PEOPLE:
        problems.append(f"n_people: 50 to {MOST_PEOPLE} allowed, {n_people} given")
    if seed < 0:
        problems.append("seed: must be 0 or more")
    if not 1 <= years <= 40:
        problems.append(f"years: 1 to 40 allowed, {years} given")
    if last.tz is not None or last != last.normalize():
        problems.append("end: must be a midnight without time zone")
    if problems:
        raise RiskModelError("make_histories cannot start:\n  - " + "\n  - ".join(problems))
    return last


def _simulate(
    spec: WorldSpec, n: int, seed: int, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[write.Simulated, dict[str, np.random.Generator]]:
    """Run the stages; each has a generator of its own, so that no stage shifts another's."""
    rngs = {name: np.random.default_rng([seed, stage]) for stage, name in enumerate(_STAGES)}
    people = draw_population(spec, n, (end - start).total_seconds(), rngs["people"])
    known = draw_known_victims(spec, people, rngs["known"])
    rows, n_victims = draw_offences(spec, people, known, rngs["offences"])
    victims = draw_victim_traits(spec, people, known, n_victims, rngs["victims"])
    records = draw_records(spec, people, rows, victims, rngs["records"])
    free = at_large(rows, records.course.jail_start, records.course.jail_end)
    rows, records = rows.subset(free), records.subset(free)
    course = records.course
    jailed = course.jail_start < NEVER
    custody = rows.person[jailed], course.jail_start[jailed], course.jail_end[jailed]
    false = draw_false_allegations(spec, people, custody, known.start, rngs["false"])
    n_incidents = len(rows) + len(false.person)
    simulated = write.Simulated(
        spec=spec,
        start=start,
        people=people,
        known=known,
        victims=victims,
        rows=rows,
        records=records,
        false=false,
        victim_number=rngs["ids"].permutation(n_victims),
        incident_number=rngs["ids"].permutation(n_incidents),
    )
    return simulated, rngs


def _tables(
    world: write.Simulated,
    sources: write.Sources,
    events: pd.DataFrame,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """Write the tables as a user would have them, but for the cut at the end of the data."""
    people = write.people_table(world, rng)
    traits = write.trait_columns(world.people.traits, world.spec.groups, world.spec.missing, rng)
    return {
        "events": events,
        "people": people,
        "updates": write.updates_table(world, sources),
        "spells": write.spells_table(world),
        "victims": write.victims_table(world, rng),
        "groups": pd.DataFrame({"person_id": people["person_id"], **traits}),
    }


def _cut(tables: dict[str, pd.DataFrame], end: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Drop what is recorded at the end or later, and the victims then not heard of."""
    known = dict(tables)
    for name in ("events", "updates", "spells"):
        table = tables[name]
        known[name] = table[table["recorded_time"] < end].reset_index(drop=True)
    # Arrow's own: Series.isin goes through Python's strings, which takes most of the run.
    victims, mentioned = (pa.array(known[name]["victim_id"]) for name in ("victims", "events"))
    heard = pc.is_in(victims, value_set=mentioned.drop_null()).to_numpy(zero_copy_only=False)
    known["victims"] = tables["victims"][heard].reset_index(drop=True)
    return known
