"""Tables as CSV files, whole or absent."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskmodel.files import atomic_write_text


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table so that a reader sees all of it or none; missing is empty.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "scores.csv"
    >>> write_csv(pd.DataFrame({"person_id": ["a"], "probability": [None]}), path)
    >>> print(path.read_text().strip())
    person_id,probability
    a,
    """
    atomic_write_text(path, table.to_csv(index=False))
