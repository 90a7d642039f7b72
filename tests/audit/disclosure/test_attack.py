"""Whoever subtracts finds nothing: every count of 1 to 7 stays possible at 1 and at 7."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.audit.disclosure import published
from riskmodel.audit.disclosure.rounding import round_counts

MOST_ASKED = 25


def exposed(reader, audit, attack, *, whole=False, most=MOST_ASKED):
    small = reader.small_counts(audit)
    chosen = np.random.default_rng(0).permutation(len(small))[:most]
    found = []
    for i in chosen:
        low, high = attack.range_of(reader.cells_of(attack, small[i]), whole=whole)
        if low > 1 + 1e-6 or high < 7 - 1e-6:
            found.append((small[i], low, high))
    return found


def people_of(rng, n, groups, share_later, share_listed):
    later = (rng.random(n) < share_later).astype(float)
    later[rng.random(n) < 0.05] = np.nan
    sex = rng.choice(["f", "m", "Not recorded"], n, p=[0.2, 0.7, 0.1])
    race = rng.choice(list("abcdef")[:groups], n, p=rng.dirichlet(np.ones(groups)))
    listed = rng.random(n) < share_listed
    people = pd.DataFrame({"y": later, "listed": listed, "sex": sex, "race": race})
    people["sex x race"] = people["sex"] + " x " + people["race"]
    return people


@given(
    seed=st.integers(0, 10**6), n=st.integers(40, 400), groups=st.integers(2, 6),
    share_later=st.floats(0.05, 0.6), share_listed=st.floats(0.05, 0.5),
)  # fmt: skip
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_small_count_of_a_random_world_can_be_worked_out(
    reader, seed, n, groups, share_later, share_listed
):
    people = people_of(np.random.default_rng(seed), n, groups, share_later, share_listed)
    audit = reader.world_of(people, k=10_000)
    assert exposed(reader, audit, reader.attack(published(audit)), most=20) == []


@pytest.mark.parametrize("seed", range(4))
def test_nor_in_whole_numbers(reader, seed):
    people = people_of(np.random.default_rng(seed), 150, 3, 0.3, 0.2)
    audit = reader.world_of(people, k=10_000)
    assert exposed(reader, audit, reader.attack(published(audit)), whole=True, most=15) == []


@pytest.fixture(scope="module")
def attack(reader, shown):
    return reader.attack(shown)


def test_no_small_count_of_a_real_audit_can_be_worked_out(reader, audited, attack):
    assert len(reader.small_counts(audited)) > MOST_ASKED
    assert exposed(reader, audited, attack) == []


def test_no_small_count_of_offences_can_be_worked_out(reader, audited, attack):
    small = reader.small_offences(audited)
    assert small
    for name in small[:: max(1, len(small) // 15)]:
        low, high = attack.range_of([attack.place("offences", *name)])
        assert low <= 1 + 1e-6 <= 7 - 1e-6 <= high, name


def test_no_small_count_of_a_calibration_curve_can_be_worked_out(reader, audited, attack):
    small = reader.small_bins(audited)
    assert small
    for row, column in small[:: max(1, len(small) // 15)]:
        low, high = attack.range_of([attack.bin_of(row, column)])
        assert low <= 1 + 1e-6 <= 7 - 1e-6 <= high, (row, column)


def test_the_reader_finds_what_primary_suppression_alone_gives_away(reader):
    """Without the second pass the attack must succeed: else it would prove nothing."""
    rng = np.random.default_rng(1)
    audit = reader.world_of(people_of(rng, 150, 3, 0.3, 0.2), k=10_000)
    naive = audit.listed.assign(
        numerator=round_counts(audit.listed["numerator"]),
        denominator=round_counts(audit.listed["denominator"]),
    )
    summary = {
        name: value if name in {"k", "n_dates", "as_of"} else float(round_counts(value))
        for name, value in audit.summary.items()
    }
    shown = replace(audit.with_tables(listed=naive), summary=summary)
    assert exposed(reader, audit, reader.attack(shown))
