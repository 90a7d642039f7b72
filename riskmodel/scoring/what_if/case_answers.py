"""What a model answers for several cases: their rows, and the estimates of all in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.histories.moments import to_datetime
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.what_if.person_case import PersonCase
from riskmodel.scoring.what_if.reply import Estimate
from riskmodel.scoring.who_answers import SCORED, Missing, answer_rows, number_or_none
from riskmodel.snapshots.cohort import STATUSES
from riskmodel.snapshots.passes import RULE_COLUMNS
from riskmodel.snapshots.person_row import PersonRow, PersonRows

NO_RECORD = STATUSES[1]


class CaseAnswers(NamedTuple):
    """What was answered for n cases.

    Attributes
    ----------
    features : float array of shape (n, p)
        NaN where no record names the person.
    status : object array of str, shape (n,)
    numbers : dict of float64 arrays of shape (n,)
        By name, as in a score; NaN without an estimate.
    warnings : tuple of str
        Each once.
    """

    features: NDArray[Any]
    status: NDArray[np.object_]
    numbers: dict[str, NDArray[np.float64]]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Answering:
    """How one model answers for cases.

    Attributes
    ----------
    model : RiskModel
        With a task.
    data_start : date-like
        From when the records are complete.
    missing : {"fallback", "refuse"}
    absent : tuple of str, optional
        Columns of the people table that the model reads and that are not there for anyone; None:
        what each case does not say.
    """

    model: RiskModel
    data_start: Any
    missing: Missing = "fallback"
    absent: tuple[str, ...] | None = None

    @property
    def shares(self) -> list[str]:
        """Columns by which other people's records count: their incidents, perhaps their places."""
        columns = self.model.required_task.columns
        measures = {leaf.measure for column in columns for leaf in column.leaves}
        return ["incident_id", "place"] if "neighbours" in measures else ["incident_id"]

    @cached_property
    def _rows(self) -> PersonRows:
        return PersonRows(self.model.required_task, data_start=self.data_start)

    def answers(
        self,
        cases: Sequence[PersonCase],
        as_of: int,
        *,
        having: Sequence[bool | None] | None = None,
        whoever: bool = False,
    ) -> CaseAnswers:
        """Answer for several cases as of one date (microseconds since 1970).

        Parameters
        ----------
        having : sequence of bool or None, optional
            Of each case, whether the person has what the cohort's rule asks for.
        whoever : bool
            Estimate for everyone of whom something is known, in the cohort or not; the status
            stays as it is.
        """
        has = [None] * len(cases) if having is None else having
        rows = [self._row(case, as_of, one) for case, one in zip(cases, has, strict=True)]
        status = np.array([NO_RECORD if row is None else row.status for row in rows], dtype=object)
        features = np.full((len(rows), len(self.model.feature_names)), np.nan, dtype=np.float32)
        rules = np.full((len(rows), len(RULE_COLUMNS)), np.nan)
        for place, row in enumerate(rows):
            if row is not None:
                features[place], rules[place] = row.features, row.rules
        asked = np.flatnonzero((status != NO_RECORD) if whoever else (status == SCORED))
        absent = (
            next((row.lacking for row in rows if row), ()) if self.absent is None else self.absent
        )
        answers = answer_rows(self.model, features[asked], rules[asked], absent, self.missing)
        status[asked] = np.where(status[asked] == SCORED, answers.status, status[asked])
        numbers = {name: np.full(len(rows), np.nan) for name in answers.numbers}
        for name, column in answers.numbers.items():
            numbers[name][asked] = column
        said = [text for row in rows if row for text in row.warnings] + list(answers.warnings)
        return CaseAnswers(features, status, numbers, tuple(dict.fromkeys(filter(None, said))))

    def _row(self, case: PersonCase, as_of: int, having: bool | None) -> PersonRow | None:
        if not case.own:
            return None
        return self._rows.row(
            case.records,
            as_of=to_datetime(as_of),
            person_id=case.person_id,
            person=case.person,
            updates=case.updates,
            spells=case.spells,
            having=having,
        )

    def estimate(self, answers: CaseAnswers, place: int) -> Estimate:
        """Return one of the answers as what a reply holds."""
        numbers = {name: number_or_none(column[place]) for name, column in answers.numbers.items()}
        chance = numbers["probability"]
        band = None if chance is None else self.model.thresholds.band_of(chance)
        return Estimate(status=answers.status[place], band=band, **numbers)
