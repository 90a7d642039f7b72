"""The words and paths that every environment needs; nothing is imported that one may lack."""

from __future__ import annotations

from pathlib import Path

EVIDENCE = (
    "allegation",
    "arrest",
    "charge",
    "caution",
    "conviction",
    "acquitted",
    "no_action",
    "support_withdrawn",
    "cancelled",
)
GROUPS = (
    "arson", "burglary", "criminal_damage", "drugs", "fraud", "other", "public_order", "robbery",
    "sexual", "theft", "violence", "weapons",
)  # fmt: skip
WINDOWS = (30, 90, 180, 365, 730, 1825, None)
LONG_WINDOWS = (365, 1825, None)
DAY_US = 86_400_000_000


def coded_path(folder: Path, name: str) -> Path:
    """Return where a coded table is."""
    return Path(folder) / f"coded_{name}.parquet"
