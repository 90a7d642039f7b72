"""Groups, intersections and bands: each count is that of its people, and every sum is entered."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.rates import RATE_COLUMNS
from riskmodel.audit.disclosure.group_counts import ALL, add_bands_up, enter_rates, key_of
from riskmodel.audit.disclosure.ledger import Ledger
from riskmodel.audit.disclosure.measures import KINDS, LIST_MEASURES, VICTIM_MEASURES
from tests.audit.disclosure.attacker import QUANTITIES
from tests.audit.disclosure.ledgers import guarded, sums_of

NAMES = ("people", "listed", "observed", "outcome", "clear", "listed_observed", "listed_outcome",
         "listed_clear", "missed")  # fmt: skip


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(7)
    table = pd.DataFrame({
        "y": rng.choice([0.0, 1.0, np.nan], 300, p=[0.6, 0.3, 0.1]),
        "listed": rng.random(300) < 0.3, "sex": rng.choice(["f", "m"], 300),
        "race": rng.choice(["a", "b", "c"], 300, p=[0.6, 0.35, 0.05]),
    })  # fmt: skip
    return table.assign(**{"sex x race": table["sex"] + " x " + table["race"]})


@pytest.fixture(scope="module")
def ledger(reader, people):
    found = Ledger()
    enter_rates(found, "list", reader.world_of(people).listed, LIST_MEASURES)
    return found


def tally(people, quantity):
    """Count the people of a kind, from the people themselves."""
    what = people["y"].map({0.0: "clear", 1.0: "later 0"}).fillna("unknown")
    pairs = zip(people["listed"], what, strict=True)
    return sum(bool(QUANTITIES[quantity](*each)) for each in pairs)


def test_each_count_is_that_of_its_people(people, ledger):
    assert not ledger.contradicted
    for quantity in NAMES:
        assert ledger.value(key_of("list", ALL, ALL, quantity)) == tally(people, quantity)
        for name in ("sex", "race", "sex x race"):
            for group, mine in people.groupby(name):
                key = key_of("list", name, str(group), quantity)
                assert ledger.value(key) == tally(mine, quantity), key


def test_every_small_count_and_small_remainder_is_guarded(people, ledger):
    checked = 0
    for group, mine in people.groupby("sex x race"):
        left_over = {"not_listed": (~mine["listed"]).sum(), "not_observed": mine["y"].isna().sum()}
        counts = {name: tally(mine, name) for name in NAMES} | left_over
        for quantity, count in counts.items():
            key = key_of("list", "sex x race", str(group), quantity)
            assert (key in guarded(ledger)) == (1 <= count <= 7), key
            checked += 1 <= count <= 7
    assert checked > 5


def test_groups_add_up_to_everyone_and_intersections_to_their_sides(ledger):
    sums = sums_of(ledger)
    groups = {"sex": "fm", "race": "abc", "sex x race": [f"{s} x {r}" for s in "fm" for r in "abc"]}
    for quantity in ("people", "listed", "outcome", "clear", "missed"):
        for name, mine in groups.items():
            parts = frozenset(key_of("list", name, group, quantity) for group in mine)
            assert (key_of("list", ALL, ALL, quantity), parts) in sums
        for sex in "fm":
            parts = frozenset(key_of("list", "sex x race", f"{sex} x {r}", quantity) for r in "abc")
            assert (key_of("list", "sex", sex, quantity), parts) in sums
        for race in "abc":
            parts = frozenset(key_of("list", "sex x race", f"{s} x {race}", quantity) for s in "fm")
            assert (key_of("list", "race", race, quantity), parts) in sums


def test_nothing_adds_up_to_the_sides_of_an_intersection_that_are_not_there(reader, people):
    found = Ledger()
    enter_rates(found, "list", reader.world_of(people[["y", "listed", "sex x race"]]).listed,
                LIST_MEASURES)  # fmt: skip
    assert {whole[1] for whole, _ in sums_of(found)} == {ALL, "sex x race"}


def rows(*rates, **columns):
    table = pd.DataFrame(
        [
            ("sex", group, metric, top / of, 0.0, 1.0, top, of, False, people)
            for group, metric, top, of, people in rates
        ],
        columns=list(RATE_COLUMNS),
    )
    return table.assign(**columns)


def test_many_offences_of_few_people_are_guarded_and_their_total_is_the_last_to_go():
    ledger = Ledger()
    enter_rates(ledger, "victims", rows(("f", "coverage", 20, 90, 4), ("m", "coverage", 30, 90, 25),
                                        ("f", "share_of_offences", 90, 180, 60),
                                        ("m", "share_of_offences", 90, 180, 60)),
                VICTIM_MEASURES)  # fmt: skip
    assert guarded(ledger) == {key_of("victims", "sex", "f", "offences_listed")}
    last = {name for name, i in ledger.ids.items() if ledger.last[i]}
    assert last == {key_of("victims", ALL, ALL, name) for name in ("offences", "offences_listed")}


def test_that_few_did_not_go_on_says_why_few_people_are_behind_a_rate():
    """Of 100, 95 went on: the 5 are the few, and the 95 are no secret of their own."""
    ledger = Ledger()
    enter_rates(ledger, "list", rows(("f", "precision", 95, 100, 5)), LIST_MEASURES)
    of_f = {key for key in guarded(ledger) if key[1:3] == ("sex", "f")}
    assert of_f == {key_of("list", "sex", "f", "listed_clear")}


def test_means_and_days_are_no_counts():
    ledger = Ledger()
    metrics = ("brier", "share_of_harm_days", "new_metric")
    enter_rates(ledger, "list", rows(*(("f", name, 3, 40, 9) for name in metrics)), LIST_MEASURES)
    assert not ledger.ids
    enter_rates(ledger, "list", rows(), LIST_MEASURES)
    assert not ledger.ids


def test_bands_add_up_to_their_group():
    of_list = rows(("f", "selection_rate", 20, 60, 9), ("f", "outcome_rate", 24, 50, 9))
    bands = pd.concat(
        [
            rows(("f", "share_of_group", n, 60, n), ("f", "outcome_rate", hit, seen, 9), band=band)
            for band, n, seen, hit in (("low", 40, 33, 10), ("high", 20, 17, 14))
        ]
    )
    ledger = Ledger()
    enter_rates(ledger, "list", of_list, LIST_MEASURES)
    enter_rates(ledger, "band", bands, KINDS["bands"].measures, ("band",))
    add_bands_up(ledger, bands)
    sums = sums_of(ledger)
    for quantity in ("people", "observed", "outcome"):
        inner = frozenset(key_of("band", "sex", "f", quantity, (b,)) for b in ("low", "high"))
        assert (key_of("list", "sex", "f", quantity), inner) in sums
    of_group = key_of("band", "sex", "f", "of_group", ("low",))
    assert (of_group, frozenset({key_of("list", "sex", "f", "people")})) in sums
    add_bands_up(ledger, bands.iloc[:0])
    assert sums_of(ledger) == sums
