"""replay(): the scores in a log once more, from the models as stored and the tables as they are.

What is recorded at or after a date changes no score as of it, so a score that now comes out
another way means that older records, or the model, were changed.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import RiskModelError, RiskModelWarning
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.log.chain import Head
from riskmodel.scoring.log.models import ByDigest, bundles_in
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.scoring.scores import UNKNOWN_PERSON, score
from riskmodel.scoring.who_answers import FALLBACK, LACKING, Missing

SAME = "same"
DIFFERS = "differs"
NO_MODEL = "model not available"
REFUSED = "cannot be recomputed"
NOBODY = "not in these tables"
OTHER_KEY = "written with another key"

NUMBERS = ("margin", "probability")
TOLERANCE = 1e-12
_KEPT = 4
"""Models, and tables of scores, that are kept for the next entries."""

_SAID = ("entry", "time", "who", "use", "model", "version", "digest", "as_of", "missing")
_COUNTS = ("people", "same", "differ", "not_in_tables")
_FOUND = ("result", *_COUNTS, "largest_difference", "reason")
_THEN_AND_NOW = [f"{name}_{when}" for name in (*NUMBERS, "status") for when in ("then", "now")]
_DIFFERENCE = ["entry", "person_id", *_THEN_AND_NOW]

Models: TypeAlias = str | Path | Mapping[str, RiskModel] | ByDigest


class Replay(NamedTuple):
    """What came of a replay.

    Attributes
    ----------
    entries : DataFrame
        One row an entry: what it says, and the `result`: ``same``; ``differs``; ``model not
        available`` and ``cannot be recomputed``, with the reason; ``not in these tables`` where
        that is so of everyone in it; ``written with another key``. Of its `people`, how many came
        out the same, how many differ, how many are not in the tables (any more, or ever: a score
        of a single person may rest on records that were sent along). `largest_difference` is that
        of margins and probabilities; infinite where only one of the two scores is a number.
    differences : DataFrame
        One row for each score that differs: entry, person_id, then and now.
    """

    entries: pd.DataFrame
    differences: pd.DataFrame

    @property
    def reproduced(self) -> bool:
        """Whether all that is in the tables came out the same."""
        return bool(self.entries["result"].isin([SAME, NOBODY]).all())


def replay(
    log: ScoreLog,
    histories: EventHistories,
    *,
    models: Models,
    groups: pd.DataFrame | None = None,
    head: Head | None = None,
    tolerance: float = TOLERANCE,
) -> Replay:
    """Recompute every score in a log, and compare.

    Parameters
    ----------
    log : ScoreLog
        With its key: people in the tables are found by their pseudonyms.
    histories : EventHistories
        The tables as they are now, with all that was known then.
    models : path, mapping or callable
        The models by digest: a folder with bundles in it, or what returns a model or None for a
        digest. A model may be past its expiry now; it must not have been on the day of the entry.
    groups : DataFrame, optional
        As for `score`.
    head : Head, optional
        As for `ScoreLog.verify`.
    tolerance : float
        Margins and probabilities that differ by no more are the same; 0 asks for every bit.

    Returns
    -------
    Replay

    Raises
    ------
    ModelIntegrityError
        The log is not intact.
    RiskModelError
        No key, or none of the entries was written with it.

    Examples
    --------
    After a list of the past was logged::

        log = ScoreLog("scores.jsonl", key=secret)
        found = replay(log, histories, models="bundles")
        found.entries[["entry", "result", "differ", "not_in_tables"]]
    """
    people = {log.key.pseudonym(person): person for person in histories.persons.tolist()}
    anew = _Anew(histories, _by_digest(models), groups)
    entries, differing, keys = [], [], set()
    for entry in log.entries(head):
        keys.add(entry["key_id"])
        ours = entry["key_id"] == log.key.id
        found = _replayed(entry, people, anew, tolerance) if ours else _unable(entry, OTHER_KEY)
        entries.append({name: entry[name] for name in _SAID} | found.said)
        differing += [] if found.differing.empty else [found.differing]
    if keys and log.key.id not in keys:
        raise RiskModelError("replay: no entry was written with this key; give the log's own")
    table = pd.DataFrame(entries, columns=[*_SAID, *_FOUND])
    return Replay(
        table.astype(dict.fromkeys(_COUNTS, "Int64")),
        pd.concat(differing, ignore_index=True) if differing else _no_difference(),
    )


class _Found(NamedTuple):
    """What came of one entry: the values of _FOUND, and the rows that differ."""

    said: dict[str, Any]
    differing: pd.DataFrame


class _Anew:
    """Scores everyone in the tables; many entries of one model and date cost as much as one."""

    def __init__(
        self, histories: EventHistories, model: ByDigest, groups: pd.DataFrame | None
    ) -> None:
        self._histories, self._groups = histories, groups
        self.model = lru_cache(maxsize=_KEPT)(model)
        self._scores = lru_cache(maxsize=_KEPT)(self._score)

    def scores(self, model: RiskModel, entry: dict[str, Any]) -> pd.DataFrame:
        """Return the scores of everyone, by person_id, if the model permits what was asked."""
        model.check_use(entry["use"], datetime.fromisoformat(entry["time"]).date())
        return self._scores(model, entry["as_of"], _missing(entry))

    def _score(self, model: RiskModel, as_of: str, missing: Missing) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RiskModelWarning)  # said when the scores were made
            scores = score(
                self._histories,
                model,
                as_of=as_of,
                use=model.permitted_uses[0],
                groups=self._groups,
                today=model.expires,
                missing=missing,
            )
        return scores.set_index("person_id")[[*NUMBERS, "status"]]


def _missing(entry: dict[str, Any]) -> Missing:
    """Return what was done about people who lack something; without a word, as it shows."""
    shows = any(row["status"] == LACKING for row in entry["rows"])
    return (
        "refuse" if entry["missing"] == "refuse" or (shows and not entry["missing"]) else FALLBACK
    )


def _by_digest(models: Models) -> ByDigest:
    if isinstance(models, str | Path):
        return bundles_in(models)
    return models.get if isinstance(models, Mapping) else models


def _replayed(
    entry: dict[str, Any], people: dict[str, str], anew: _Anew, tolerance: float
) -> _Found:
    rows = pd.DataFrame(entry["rows"], columns=["person", *NUMBERS, "status"])
    rows.insert(0, "person_id", rows.pop("person").map(people))
    known = rows["person_id"].notna()
    then = rows[known].reset_index(drop=True)
    lost = int((rows.loc[~known, "status"] != UNKNOWN_PERSON).sum())
    if then.empty:
        return _Found(_said(rows, lost, then, 0.0), _no_difference())
    try:
        model = anew.model(entry["digest"])
    except RiskModelError as error:
        return _unable(entry, NO_MODEL, str(error))
    if model is None or model.digest != entry["digest"]:
        return _unable(entry, NO_MODEL, "none of this digest was given")
    try:
        now = anew.scores(model, entry).loc[then["person_id"]].reset_index(drop=True)
    except RiskModelError as error:
        return _unable(entry, REFUSED, str(error))
    gap = _gaps(then, now)
    unknown = (then["status"] == UNKNOWN_PERSON) & now["margin"].isna()
    alike = (then["status"] == now["status"]) | unknown
    other = ~alike.to_numpy() | np.any(gap > tolerance, axis=1)
    sides = [then.add_suffix("_then"), now.add_suffix("_now")]
    both = pd.concat(sides, axis=1)[other].rename(columns={"person_id_then": "person_id"})
    both = both.assign(entry=entry["entry"])
    return _Found(_said(rows, lost, both, float(gap.max())), both[_DIFFERENCE])


def _gaps(then: pd.DataFrame, now: pd.DataFrame) -> NDArray[np.float64]:
    """Return absolute differences (n, 2): 0 between two missing, infinite beside a number."""
    before, after = (table[list(NUMBERS)].to_numpy(dtype=np.float64) for table in (then, now))
    gap: NDArray[np.float64] = np.abs(before - after)
    gap[np.isnan(gap)] = np.inf
    gap[np.isnan(before) & np.isnan(after)] = 0.0
    return gap


def _said(rows: pd.DataFrame, lost: int, differing: pd.DataFrame, largest: float) -> dict[str, Any]:
    same = len(rows) - lost - len(differing)
    result = DIFFERS if len(differing) else NOBODY if lost and not same else SAME
    return dict(
        zip(_FOUND, (result, len(rows), same, len(differing), lost, largest, ""), strict=True)
    )


def _unable(entry: dict[str, Any], result: str, reason: str = "") -> _Found:
    said = (result, len(entry["rows"]), None, None, None, np.nan, reason)
    return _Found(dict(zip(_FOUND, said, strict=True)), _no_difference())


def _no_difference() -> pd.DataFrame:
    return pd.DataFrame(columns=_DIFFERENCE)
