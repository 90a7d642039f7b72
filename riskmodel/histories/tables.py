"""What snapshots read of histories: whole ones, or those of some persons at a time."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.histories.arrays import EventArrays


class HistoryTables(Protocol):
    """Events as arrays, and the tables around them, in the order of `persons`."""

    @property
    def arrays(self) -> EventArrays:
        """The named events."""

    @property
    def persons(self) -> npt.NDArray[np.str_]:
        """Ids, rising."""

    @property
    def people(self) -> pd.DataFrame:
        """One row a person."""

    @property
    def spells(self) -> pd.DataFrame:
        """Custody and other absences."""

    @property
    def data_start(self) -> pd.Timestamp:
        """From when the data are complete."""
