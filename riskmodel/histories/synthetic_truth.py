"""The truth of a synthetic world, and the world that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.histories.synthetic_offences import profile_column
from riskmodel.histories.synthetic_people import age_factor, serious_share
from riskmodel.histories.synthetic_spec import NEVER, PROFILES, TRAITS, YEAR, Floats, WorldSpec
from riskmodel.histories.synthetic_tables import (
    INCIDENT_DIGITS,
    PERSON_DIGITS,
    SOURCE_DIGITS,
    VICTIM_DIGITS,
    Simulated,
    Sources,
    id_strings,
    label_strings,
    times,
    trait_columns,
    victims_table,
)

if TYPE_CHECKING:
    from riskmodel.histories.events import EventHistories
    from riskmodel.histories.offences import OffenceTable


@dataclass(frozen=True)
class Truth:
    """What was planted, beside what the records show of it.

    Attributes
    ----------
    people : DataFrame
        One row a person: person_id; the five characteristics without gaps; birth_date,
        onset_time, desist_time, death_date, left_date; latent_rate (own offences a year at peak
        age), serious_share, serious_rate (their product), escalating, crew_id.
    victims : DataFrame
        victim_id, person_id where the victim is also one of the people, the characteristics.
    offences : DataFrame
        One row a person and offence that truly happened: person_id, event_time, offence,
        serious, victim_id, incident_id, joined (in another's incident), stranger, reported,
        police_generated, recorded (at any time), named, recorded_time, in_tables (recorded
        before the end), source_id where recorded.
    false_allegations : DataFrame
        source_id, person_id, in_tables: records of what never happened.
    spec : WorldSpec
        The declared parameters.
    """

    people: pd.DataFrame
    victims: pd.DataFrame
    offences: pd.DataFrame
    false_allegations: pd.DataFrame
    spec: WorldSpec

    def rates_at(self, time: str | pd.Timestamp) -> pd.DataFrame:
        """Return the latent rates at a time: what an oracle would rank by.

        Parameters
        ----------
        time : Timestamp or str

        Returns
        -------
        DataFrame
            Indexed by person_id: ``rate`` and ``serious_rate``, own offences a year with age and
            escalation counted; 0 before onset and after desistance, death or leaving. Custody and
            what people join are left out.

        Examples
        --------
        >>> from riskmodel.histories.synthetic import make_histories
        >>> rates = make_histories(50).truth.rates_at("2022-01-01")
        >>> bool((rates["serious_rate"] <= rates["rate"]).all())
        True
        """
        people, at = self.people, pd.Timestamp(time)
        age = _years_before(at, people["birth_date"])
        career = _years_before(at, people["onset_time"])
        over = (people[["desist_time", "death_date", "left_date"]] <= at).any(axis=1).to_numpy()
        rate = people["latent_rate"].to_numpy() * age_factor(age)
        rate = np.where(over | (career < 0), 0.0, rate)
        shares = people["serious_share"].to_numpy(), people["escalating"].to_numpy()
        serious = rate * serious_share(self.spec, *shares, career)
        index = pd.Index(people["person_id"])
        return pd.DataFrame({"rate": rate, "serious_rate": serious}, index=index)


@dataclass(frozen=True)
class SyntheticWorld:
    """Tables as a user would have them, with the truth that made them.

    Attributes
    ----------
    tables : dict of DataFrame
        events, people, updates, spells, victims, groups: the columns of the design's tables.
    truth : Truth
        What was planted, and what truly happened.
    start, end : Timestamp
        The records cover [start, end); nothing recorded at ``end`` or later is in the tables.
    """

    tables: dict[str, pd.DataFrame]
    truth: Truth
    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def groups(self) -> pd.DataFrame:
        """The people's protected characteristics, with gaps: for the audit only."""
        return self.tables["groups"]

    @cached_property
    def histories(self) -> EventHistories:
        """The tables, checked."""
        from riskmodel.histories.events import EventHistories  # noqa: PLC0415

        return EventHistories(
            self.tables["events"],
            self.tables["people"],
            updates=self.tables["updates"],
            spells=self.tables["spells"],
            victims=self.tables["victims"],
            data_start=self.start,
            data_end=self.end,
        )

    @cached_property
    def offences(self) -> OffenceTable:
        """The harm table that the offence codes belong to."""
        from riskmodel.histories.offences import OffenceTable  # noqa: PLC0415

        return OffenceTable.cambridge("ashby-2017")

    @cached_property
    def victims_share(self) -> pd.DataFrame:
        """Whose serious harm comes on record: true and recorded, by the victim's group.

        Indexed by (characteristic, group): ``happened`` and ``recorded`` count incidents,
        ``share_happened`` and ``share_recorded`` are the group's shares of them, and
        ``recorded_rate`` is the one count by the other. True groups, without gaps.
        """
        rows = self.truth.offences
        rows = rows[rows["serious"] & rows["victim_id"].notna()]
        rows = rows.groupby("incident_id", sort=False).agg(
            victim_id=("victim_id", "first"), recorded=("in_tables", "any")
        )
        traits = rows.merge(self.truth.victims, on="victim_id")
        return pd.concat({name: _shares(traits, name) for name in TRAITS}, names=["characteristic"])


def _years_before(at: pd.Timestamp, times: pd.Series) -> Floats:
    micros = at.to_datetime64().astype("datetime64[us]") - times.to_numpy("datetime64[us]")
    years: Floats = micros / np.timedelta64(1_000_000, "us") / YEAR
    return years


def _shares(traits: pd.DataFrame, name: str) -> pd.DataFrame:
    counts = traits.groupby(name)["recorded"].agg(["size", "sum"])
    counts.columns = pd.Index(["happened", "recorded"])
    counts.index.name = "group"
    totals = counts.sum()
    return counts.assign(
        share_happened=counts["happened"] / totals["happened"],
        share_recorded=counts["recorded"] / max(totals["recorded"], 1),
        recorded_rate=counts["recorded"] / counts["happened"],
    )


def truth_of(world: Simulated, sources: Sources, events: pd.DataFrame, span: float) -> Truth:
    """Write down what was planted and what happened; ``events`` before the cut at the end."""
    n_true = len(sources.true_rows)
    number = sources.number[n_true:]
    false = events.loc[number, ["source_id", "person_id"]].reset_index(drop=True)
    return Truth(
        people=_people(world),
        victims=victims_table(world, None),
        offences=_offences(world, sources, span),
        false_allegations=false.assign(in_tables=sources.recorded[n_true:] < span),
        spec=world.spec,
    )


def _people(world: Simulated) -> pd.DataFrame:
    people = world.people
    return pd.DataFrame(
        {
            "person_id": id_strings("P", np.arange(people.n), PERSON_DIGITS),
            **trait_columns(people.traits, world.spec.groups),
            "birth_date": times(world.start, people.birth),
            "onset_time": times(world.start, np.floor(people.onset)),
            "desist_time": times(world.start, np.floor(people.desist)),
            "death_date": times(world.start, people.death),
            "left_date": times(world.start, people.left),
            "latent_rate": people.rate,
            "serious_share": people.serious,
            "serious_rate": people.rate * people.serious,
            "escalating": people.escalating,
            "crew_id": id_strings("G", people.crew, PERSON_DIGITS, people.crew >= 0),
        }
    )


def _offences(world: Simulated, sources: Sources, span: float) -> pd.DataFrame:
    rows, records = world.rows, world.records
    number = np.full(len(rows), -1, dtype=np.int64)
    number[sources.true_rows] = sources.number[: len(sources.true_rows)]
    serious = profile_column("serious")[rows.profile] > 0
    victim = world.victim_number[rows.victim]
    return pd.DataFrame(
        {
            "person_id": id_strings("P", rows.person, PERSON_DIGITS),
            "event_time": times(world.start, rows.time),
            "offence": label_strings([p.code for p in PROFILES], rows.profile),
            "serious": serious,
            "victim_id": id_strings("V", victim, VICTIM_DIGITS, rows.victim >= 0),
            "incident_id": id_strings("I", world.incident_number[rows.first], INCIDENT_DIGITS),
            "joined": rows.first != np.arange(len(rows)),
            "stranger": rows.stranger,
            "reported": records.reported,
            "police_generated": records.police,
            "recorded": records.recorded,
            "named": records.recorded & records.named,
            "recorded_time": times(world.start, np.where(records.recorded, records.time, NEVER)),
            "in_tables": records.recorded & (records.time < span),
            "source_id": id_strings("E", number, SOURCE_DIGITS, number >= 0),
        }
    )
