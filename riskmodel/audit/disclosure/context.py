"""What is known while an audit is made fit to be published: its counts, and which are withheld."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from riskmodel.audit.disclosure.ledger import Key, Ledger
from riskmodel.audit.disclosure.measures import WORKED
from riskmodel.audit.disclosure.rounding import ROUNDED_TO, round_amounts
from riskmodel.audit.result import FairnessAudit
from riskmodel.statistics.arrays import FloatArray

SMALLEST_SHOWN = 2.0 * ROUNDED_TO
"""What 8 is printed as; a difference of rounded counts may come to less."""


@dataclass(frozen=True, eq=False)
class Context:
    """An audit with exact counts, the ledger of them, the keys withheld, and tables made so far."""

    audit: FairnessAudit
    ledger: Ledger
    withheld: frozenset[Key]
    made: dict[str, pd.DataFrame] = field(default_factory=dict)

    def printed(self, key: Key) -> float:
        """Return a count as it is printed; NaN where it is withheld, or not known."""
        if key in self.withheld or key not in self.ledger.ids:
            return float("nan")
        exact = self.ledger.value(key)
        if (key[0], key[-1]) not in WORKED or exact == 0:
            return float(round_amounts(exact))
        whole, part = (self.printed((*key[:-1], name)) for name in WORKED[key[0], key[-1]])
        return float(np.maximum(whole - part, SMALLEST_SHOWN))

    def print_all(self, keys: Iterable[Key]) -> FloatArray:
        """Return counts as they are printed, shape (keys,)."""
        return np.array([self.printed(key) for key in keys], dtype=float)

    def is_guarded(self, key: Key) -> bool:
        """Return whether a count, shown or not, must not be worked out."""
        return key in self.ledger.ids and self.ledger.need[self.ledger.ids[key]] is not None
