"""What one person's row costs from plain records, warm: microseconds, beside a row from tables.

Each person's records (and those of other people in the same incidents) come as dicts with
datetimes, as another system would hold them. Every row is held to the one that `features_at` makes,
bit for bit::

    python experiments/speed/person.py [--people 400] [--repeats 50]
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from columns import declare_columns
from data import as_of_dates, as_tables, draw_chunks, offence_table

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.person_row import PersonRows
from riskmodel.snapshots.task import Task

START, END = "2012-01-01", "2030-01-01"


def main() -> None:
    """Draw people, time each one's row and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=50)
    wanted = parser.parse_args()
    tables = [as_tables(c) for c in draw_chunks(wanted.people, 10 * wanted.people)]
    events, updates = (pa.concat_tables(parts).to_pandas() for parts in zip(*tables, strict=True))
    histories = EventHistories(events, updates=updates, data_start=START, data_end=END)
    offences = OffenceTable.from_frame(offence_table(), edition="generated", source="generated")
    task = Task(cohort=Cohort(lookback_days=None), offences=offences, features=declare_columns())
    print(json.dumps(measure(histories, task, wanted.repeats)))


def measure(histories: EventHistories, task: Task, repeats: int) -> dict[str, Any]:
    """Return microseconds a row over all persons, after a first call of each."""
    date = as_of_dates(1)[0]
    expected = features_at(histories, task, date)
    rows, took, lengths = PersonRows(task, data_start=START), [], []
    for at, person in enumerate(expected.person_id[expected.scored]):
        records, updates = records_of(histories, person)
        asked = {"as_of": date, "person_id": person, "updates": updates}
        made = rows.row(records, **asked).features
        assert made.tobytes() == expected.X.iloc[at].to_numpy().tobytes()
        began = time.perf_counter()
        for _ in range(repeats):
            rows.row(records, **asked)
        took.append((time.perf_counter() - began) / repeats * 1e6)
        lengths.append(len(records))
    began = time.perf_counter()
    features_at(histories, task, date)
    return {
        "method": "riskmodel, one person",
        "people": len(took),
        "mean_records": round(float(np.mean(lengths)), 1),
        "median_records": float(np.median(lengths)),
        "microseconds": round(float(np.median(took)), 1),
        "mean_microseconds": round(float(np.mean(took)), 1),
        "p99_microseconds": round(float(np.quantile(took, 0.99)), 1),
        "of_a_person_with_most_records": [max(lengths), round(took[int(np.argmax(lengths))], 1)],
    }


def records_of(histories: EventHistories, person: str) -> tuple[list[Any], list[Any]]:
    """Return a person's records, those of others in the same incidents, and their updates."""
    events, updates = histories.events, histories.updates
    own = events["person_id"] == person
    shown = events[events["incident_id"].isin(events.loc[own, "incident_id"])]
    became = updates[updates["source_id"].isin(shown["source_id"])]
    return plain(shown.drop(columns="person_code")), plain(became)


def plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dicts of text, numbers and datetimes; missing is None."""
    return [
        {
            name: None if pd.isna(v) else v.to_pydatetime() if isinstance(v, pd.Timestamp) else v
            for name, v in row.items()
        }
        for row in table.to_dict("records")
    ]


if __name__ == "__main__":
    main()
