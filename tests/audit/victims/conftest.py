"""The five later offences of the hand-made world, under four lists."""

import numpy as np
import pytest

from riskmodel.audit.victims.offences import later_offences


def listed_people(rows, *people):
    return rows.person_id.isin(people).to_numpy()


@pytest.fixture(scope="module")
def found(tiny, tiny_rows, task):
    lists = {
        "p2": listed_people(tiny_rows, "p2"),
        "nobody": np.zeros(len(tiny_rows), dtype=bool),
        "p2 p3": listed_people(tiny_rows, "p2", "p3"),
        "p4": listed_people(tiny_rows, "p4"),
    }
    return later_offences(tiny_rows, tiny, task, lists)
