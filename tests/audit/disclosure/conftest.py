"""Worlds to be published, and what of them a reader who subtracts would be after."""

from types import SimpleNamespace

import numpy as np
import pytest

from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.disclosure import published
from riskmodel.audit.disclosure.publish import context_of
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.result import FairnessAudit
from tests.audit.disclosure.attacker import BAND_ROWS, LIST_ROWS, STANDINGS, Attacker


def small_counts(audit):
    """Every count of 1 to 7 that the tables of an audit hold or that two of them differ by."""
    bands = tuple(dict.fromkeys(audit.bands.get("band", ()))) or ("",)
    found = {}
    for table, rows in ((audit.listed, LIST_ROWS), (audit.bands, BAND_ROWS)):
        for row in table.to_dict("records"):
            if row["metric"] not in rows:
                continue
            top, bottom = rows[row["metric"]]
            inside = (row["band"],) if "band" in row else bands
            whose = (row["characteristic"], row["group"])
            counts = [(row["numerator"], [top], [])]
            if bottom:
                counts.append((row["denominator"], [bottom], []))
                counts.append((row["denominator"] - row["numerator"], [bottom], [top]))
            for count, plus, minus in counts:
                if 1 <= count <= 7:
                    found[whose, inside, *plus, *minus] = (whose, inside, plus, minus)
    readings = list(dict.fromkeys(audit.label_groups.get("reading", ())))
    for row in audit.label_groups.to_dict("records"):
        if row["metric"] == "outcome_rate" and 1 <= row["numerator"] <= 7:
            quantity = f"outcome {readings.index(row['reading'])}"
            whose = (row["characteristic"], row["group"])
            found[whose, bands, quantity] = (whose, bands, [quantity], [])
    return list(found.values())


def cells_of(attack, small):
    whose, bands, plus, minus = small
    inside = [set(attack.cells(*whose, name, bands)) for name in (*plus, *minus)]
    return inside[0] - inside[1] if minus else inside[0]


def small_offences(audit):
    rows = audit.victims[audit.victims["metric"].isin(STANDINGS)].to_dict("records")
    return [
        (row["characteristic"], row["group"], STANDINGS[row["metric"]])
        for row in rows
        if 1 <= row["numerator"] <= 7
    ]


def world_of(people, k=None):
    """An audit of a table of people: columns y, listed, and one per characteristic."""
    characteristics = [name for name in people if name not in {"y", "listed"}]
    settings = Settings(n_replicates=4)
    tables = group_table(
        people["y"], people["listed"], np.full(len(people), 0.3), people[characteristics],
        settings=settings, warn=False,
    )  # fmt: skip
    y, listed = people["y"].to_numpy(), people["listed"].to_numpy(dtype=bool)
    later, seen = y == 1, ~np.isnan(y)
    summary = {
        "k": int(listed.sum()) if k is None else k, "n_dates": 1, "as_of": ["2020-01-01"],
        "entries_scored": len(people), "entries_listed": int(listed.sum()),
        "people_scored": len(people), "people_listed": int(listed.sum()),
        "listed_observed": int((listed & seen).sum()), "observed": int(seen.sum()),
        "listed_later_serious": int((listed & later).sum()),
        "listed_no_later_serious": int((listed & seen & ~later).sum()),
        "later_serious": int(later.sum()),
        "later_serious_not_listed": int((later & ~listed).sum()),
    }  # fmt: skip
    return FairnessAudit(
        model_digest="0" * 64, model={}, policy=Policy.default(), summary=summary, verdicts=(),
        measured={"listed": tables.rates, "gaps": tables.gaps}, settings=settings,
    )  # fmt: skip


def small_bins(audit):
    """The bins of a group, and those of them who went on, that are counts of 1 to 7."""
    return [
        (row, column)
        for row in audit.group_calibration.to_dict("records")
        for column in ("n", "positives")
        if 1 <= row[column] <= 7
    ]


@pytest.fixture(scope="session")
def reader():
    return SimpleNamespace(
        attack=Attacker, small_counts=small_counts, cells_of=cells_of,
        small_offences=small_offences, small_bins=small_bins, world_of=world_of,
    )  # fmt: skip


@pytest.fixture(scope="session")
def context(audited):
    return context_of(audited)


@pytest.fixture(scope="session")
def shown(context):
    return published(context.audit)
