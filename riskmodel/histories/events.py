"""EventHistories: dated events and the tables around them, checked once, here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories import readers, summaries
from riskmodel.histories.arrays import EventArrays, build_arrays
from riskmodel.histories.assembly import Parts, assemble, known_before
from riskmodel.histories.cross_checks import HISTORY_TABLES, check_histories, raise_or_set_aside
from riskmodel.histories.moments import to_timestamp
from riskmodel.histories.readers import PathLike


class EventHistories:
    """Dated histories of offending, checked when made and never changed after.

    Every fact has the time when it happened and ``recorded_time``, when it became known; it is
    known at t if it was recorded before t. Times are held naive, in UTC, to the microsecond.
    Ids may come as text or whole numbers and are held as text.

    Parameters
    ----------
    events : DataFrame or pyarrow.Table
        One row an event and suspect: source_id (unique), person_id (empty where no suspect is
        named), event_time, recorded_time, offence; and, if known, victim_id, incident_id
        (missing: an incident of its own), place, evidence (as first recorded; missing: an
        allegation), origin (missing: reported).
    people : DataFrame, optional
        person_id, birth_date or birth_year (held as its 1 July), death_date, left_date,
        recordable_from (since when records of the person could exist: a tenth birthday, the day
        of joining; missing: birth), and static covariates; protected characteristics are refused.
    updates : DataFrame, optional
        source_id, recorded_time, evidence: what became of a record. Of two at one time, the later
        in `riskmodel.schema.EVIDENCE` counts.
    spells : DataFrame, optional
        person_id, start, recorded_time, end (missing: still open), kind (missing: custody).
    victims : DataFrame, optional
        victim_id, person_id (of a victim who is a suspect too), and any characteristics.
    actions : DataFrame, optional
        person_id, start, recorded_time, end, kind, list_version, rank: who was worked, when.
    data_start, data_end : optional
        From when, and until before when, the data are complete: by default the earliest
        recorded_time of an event, and the midnight after the latest of any table. State data_end
        where events were extracted earlier than the other tables: outcome windows that close
        before it count as observed. NaT where nothing is recorded.
    recorded_time : {"event_time"}, optional
        Said when events have no such column: each is then known from its own time on.
    dates_only : bool
        Must be said when every event_time is a midnight.
    on_invalid : {"raise", "set_aside"}
        What to do with rows that cannot be. A mistake of a table's structure always raises.

    Attributes
    ----------
    events, unnamed : DataFrame
        Events with a named person, and without (``person_code`` -1); by person, time, time
        recorded, source_id.
    persons : ndarray of str
        Sorted ids over events and people; ``person_code`` is an index in it.
    people : DataFrame, indexed by person_id
        One row a person, in the order of `persons`.
    updates, spells, victims, actions : DataFrame
    set_aside : dict of str to DataFrame
        Rows set aside as they came, with a column `problem`.
    data_start, data_end : Timestamp

    Raises
    ------
    SchemaError
        Every mistake in every table at once: columns, rules and counts of rows, never a value.

    Examples
    --------
    >>> events = pd.DataFrame(
    ...     {
    ...         "source_id": ["r1", "r2"],
    ...         "person_id": ["p1", None],
    ...         "event_time": ["2011-03-01", "2011-04-01"],
    ...         "recorded_time": ["2011-03-05", "2011-04-01"],
    ...         "offence": ["105A", "8Q"],
    ...     }
    ... )
    >>> histories = EventHistories(events, dates_only=True)
    >>> len(histories.events), len(histories.unnamed), histories.data_end
    (1, 1, Timestamp('2011-04-02 00:00:00'))
    """

    def __init__(
        self,
        events: Any,
        people: Any = None,
        *,
        updates: Any = None,
        spells: Any = None,
        victims: Any = None,
        actions: Any = None,
        data_start: Any = None,
        data_end: Any = None,
        recorded_time: str | None = None,
        dates_only: bool = False,
        on_invalid: Literal["raise", "set_aside"] = "raise",
    ) -> None:
        if on_invalid not in ("raise", "set_aside"):
            raise SchemaError('on_invalid: give "raise" or "set_aside"')
        given = (people, events, updates, spells, victims, actions)
        end = None if data_end is None else to_timestamp(data_end, "data_end")
        start = None if data_start is None else to_timestamp(data_start, "data_start")
        set_aside = on_invalid == "set_aside"
        checked = check_histories(
            dict(zip(HISTORY_TABLES, given, strict=True)),
            recorded_time=recorded_time,
            dates_only=dates_only,
            data_end=end,
            cascade=set_aside,
        )
        aside = raise_or_set_aside(checked, set_aside=set_aside)
        parts = assemble({name: table.kept() for name, table in checked.items()})
        self._fill(parts, aside, start, end)

    def _fill(
        self,
        parts: Parts,
        set_aside: dict[str, pd.DataFrame],
        data_start: pd.Timestamp | None,
        data_end: pd.Timestamp | None,
    ) -> None:
        self._parts = parts
        self.set_aside = set_aside
        first, last = _recorded_span(parts)
        self.data_start: pd.Timestamp = first if data_start is None else data_start
        self.data_end: pd.Timestamp = last if data_end is None else data_end
        if self.data_end <= self.data_start:
            raise SchemaError("data_end: not after data_start")

    @property
    def events(self) -> pd.DataFrame:
        """Events with a named person, by person, time, time recorded, source_id."""
        return self._parts.events.copy(deep=False)

    @property
    def unnamed(self) -> pd.DataFrame:
        """Events where no suspect is named; ``person_code`` is -1."""
        return self._parts.unnamed.copy(deep=False)

    @property
    def persons(self) -> npt.NDArray[np.str_]:
        """Sorted ids of everyone in events or people."""
        return self._parts.persons

    @property
    def people(self) -> pd.DataFrame:
        """One row a person in the order of `persons`: dates of life, covariates."""
        return self._parts.people.copy(deep=False)

    @property
    def updates(self) -> pd.DataFrame:
        """What became of records, by source_id and time."""
        return self._parts.updates.copy(deep=False)

    @property
    def spells(self) -> pd.DataFrame:
        """Custody and other absences, by person and start."""
        return self._parts.spells.copy(deep=False)

    @property
    def victims(self) -> pd.DataFrame:
        """Victims and their characteristics, by victim_id."""
        return self._parts.victims.copy(deep=False)

    @property
    def actions(self) -> pd.DataFrame:
        """Who was worked because of a list, by person and start."""
        return self._parts.actions.copy(deep=False)

    @cached_property
    def arrays(self) -> EventArrays:
        """The named events as flat numpy arrays."""
        offences = pd.concat([self.events["offence"], self.unnamed["offence"]])
        codes = sorted(offences.drop_duplicates().tolist())
        return build_arrays(self.events, self.updates, len(self.persons), codes)

    def before(self, t: Any) -> EventHistories:
        """Return the histories as they were known at `t`: what was recorded before it.

        Deaths, departures and ends of spells at or after `t` are unknown; `data_end` is at most
        `t`. Nothing recorded at or after `t` leaves a trace.
        """
        moment = to_timestamp(t, "t")
        past = self.revised(lambda parts: known_before(parts, moment))
        past.set_aside = {name: table.iloc[:0] for name, table in self.set_aside.items()}
        past.data_start = min(moment, self.data_start)
        past.data_end = min(moment, self.data_end)
        return past

    def revised(self, change: Callable[[Parts], Parts]) -> EventHistories:
        """Return these histories with the checked tables changed; for this package's own use."""
        other = object.__new__(EventHistories)
        other._parts, other.set_aside = change(self._parts), dict(self.set_aside)
        other.data_start, other.data_end = self.data_start, self.data_end
        return other

    def digest(self) -> str:
        """Return the SHA-256 of the content, the same whatever the order of rows or columns."""
        return summaries.digest(self._parts, self.data_start, self.data_end)

    def summary(self) -> pd.DataFrame:
        """Return one row a table: rows, rows set aside, and the share of its values missing."""
        return summaries.summary(self._parts, self.set_aside)

    def duplicates(self) -> pd.DataFrame:
        """Count likely duplicates by kind: nothing is removed for being alike."""
        return summaries.duplicates(self._parts)

    def reporting_lag(self, offences: Iterable[str] | None = None) -> pd.DataFrame:
        """Return quantiles of recorded_time less event_time in days.

        Parameters
        ----------
        offences : iterable of str, optional
            Codes to show beside the row ``all``.
        """
        return summaries.reporting_lag(self._parts, offences)

    @classmethod
    def from_csv(
        cls,
        folder: PathLike | None = None,
        *,
        paths: Mapping[str, PathLike] | None = None,
        **options: Any,
    ) -> EventHistories:
        """Read ``events.csv`` (or ``.csv.gz``), ``people.csv`` ... from a folder.

        Parameters
        ----------
        folder : path, optional
        paths : mapping of table to path, optional
            Files elsewhere or under other names.
        **options
            ``data_end=``, ``dates_only=``, ``on_invalid=`` ... as for the class.

        Raises
        ------
        SchemaError
            If a file cannot be read, or the tables break a rule.
        """
        return cls(**readers.read_csv_tables(folder, paths or {}), **options)

    @classmethod
    def from_parquet(
        cls,
        folder: PathLike | None = None,
        *,
        paths: Mapping[str, PathLike] | None = None,
        **options: Any,
    ) -> EventHistories:
        """Read ``events.parquet``, ``people.parquet`` ... from a folder; see `from_csv`."""
        return cls(**readers.read_parquet_tables(folder, paths or {}), **options)

    @classmethod
    def from_sql(
        cls, url: Any, *, queries: Mapping[str, str] | None = None, **options: Any
    ) -> EventHistories:
        """Read the tables from any database that SQLAlchemy reaches.

        Parameters
        ----------
        url : str, sqlalchemy.URL or sqlalchemy.Engine
        queries : mapping of table to str, optional
            For each table of ours the name of theirs, or a SELECT; by default the tables and
            views that are named like ours.
        **options
            As for the class.

        Raises
        ------
        SchemaError
            If the database cannot be read (no password is shown), or the tables break a rule.
        """
        return cls(**readers.read_sql_tables(url, queries or {}), **options)

    def __len__(self) -> int:
        return len(self.events) + len(self.unnamed)

    def __repr__(self) -> str:
        counts = f"{len(self):,} events, {len(self.persons):,} persons"
        if pd.isna(self.data_start) or pd.isna(self.data_end):  # nothing is recorded
            return f"EventHistories({counts})"
        return f"EventHistories({counts}, {self.data_start:%Y-%m-%d} to {self.data_end:%Y-%m-%d})"


def _recorded_span(parts: Parts) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first recording of an event, and the midnight after the last of anything."""
    tables = (parts.events, parts.unnamed, parts.updates, parts.spells, parts.actions)
    times = [table["recorded_time"] for table in tables]
    last_day = pd.concat(times).dt.normalize().max()
    return pd.concat(times[:2]).min(), last_day + pd.Timedelta(days=1)
