"""Past scores out of a score log, where the tables themselves were not kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.scoring.log.score_log import ScoreLog

COLUMNS = ("person_id", "as_of", "status", "probability", "margin", "rank", "digest")


def scores_of_log(log: ScoreLog, person_ids: Iterable[str]) -> pd.DataFrame:
    """Return the tables of scores that a log holds, one for each date.

    Of several entries for a date the one with the most people counts, and of equals the last;
    answers about single people are no list.

    Parameters
    ----------
    log : ScoreLog
        With its key, by which people are found again.
    person_ids : iterable of str
        Everyone known, such as ``histories.persons``. Whoever is not among them stays in the
        table under the pseudonym, with an outcome that nobody knows.

    Returns
    -------
    DataFrame
        person_id, as_of, status, probability, margin, rank (missing where it was not logged),
        digest: what `riskmodel.monitoring.monitor.monitor` reads.

    Raises
    ------
    ModelIntegrityError
        The log is not intact.
    RiskModelError
        No key was given, or no table of scores was logged under it.

    Examples
    --------
    >>> import tempfile
    >>> log = ScoreLog(tempfile.mkdtemp() + "/scores.jsonl", key=b"a secret of the force")
    >>> scores = pd.DataFrame({"person_id": ["a", "b"], "margin": [-2.2, 0.1], "status": "scored",
    ...     "probability": [0.1, 0.5], "model": "m", "version": "1", "digest": "0" * 64,
    ...     "as_of": pd.Timestamp("2012-01-01")})
    >>> _ = log.append(scores, use="prioritise", who="analyst 7")
    >>> scores_of_log(log, ["a", "b"])[["person_id", "probability"]].values.tolist()
    [['a', 0.1], ['b', 0.5]]
    """
    people = {log.key.pseudonym(str(person)): str(person) for person in person_ids}
    largest: dict[pd.Timestamp, dict[str, Any]] = {}
    for entry in log.entries():
        if entry["key_id"] != log.key.id or len(entry["rows"]) < 2:
            continue
        date = pd.Timestamp(entry["as_of"])
        if date not in largest or len(entry["rows"]) >= len(largest[date]["rows"]):
            largest[date] = entry
    if not largest:
        raise RiskModelError(
            "the log holds no table of scores under this key: answers about single people are no "
            "list. Give the tables that riskmodel score wrote"
        )
    return pd.concat(
        [_table(date, entry, people) for date, entry in sorted(largest.items())], ignore_index=True
    )


def _table(date: pd.Timestamp, entry: dict[str, Any], people: dict[str, str]) -> pd.DataFrame:
    rows = pd.DataFrame(entry["rows"])
    said = rows.assign(
        person_id=[people.get(person, person) for person in rows["person"]],
        as_of=date,
        digest=entry["digest"],
    )
    table = said.reindex(columns=list(COLUMNS))
    return table.astype({"probability": "float64", "margin": "float64", "rank": "Int64"})
