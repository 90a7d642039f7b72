"""Links and local numbers against loops that say the same thing slowly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as some

from riskmodel.errors import SchemaError
from riskmodel.histories import links as module
from riskmodel.histories.links import Records, link, local_codes, no_links, starts_of

CODES = st.integers(-1, 4)


def records(n):
    empty = np.zeros(n, dtype=np.int64)
    return Records(empty, empty, empty.astype(np.int8), starts_of(empty[:0], n), empty[:0],
                   empty[:0].astype(np.int8))  # fmt: skip


@st.composite
def owned(draw):
    n = draw(st.integers(0, 30))
    owner = np.sort(draw(some.arrays(np.int64, n, elements=st.integers(0, 5))))
    return owner, draw(some.arrays(np.int64, n, elements=CODES))


@given(owned())
def test_local_codes_number_each_owners_items_as_they_appear(drawn):
    owner, item = drawn
    found = local_codes(owner, item, 5)
    for one in np.unique(owner):
        numbers = {}
        for row in np.flatnonzero(owner == one):
            expected = -1 if item[row] < 0 else numbers.setdefault(item[row], len(numbers))
            assert found[row] == expected


@given(owned())
def test_links_join_all_that_share_and_nothing_else(drawn):
    person, shared = drawn
    links = link(person, shared, records(person.size), "incident_id")
    for event in range(person.size):
        rows = slice(links.start[event], links.start[event + 1])
        expected = (shared == shared[event]) & (shared[event] >= 0) & (person != person[event])
        assert links.event[rows].tolist() == np.flatnonzero(expected).tolist()


def test_no_links_join_nothing():
    links = no_links(3, records(3))
    assert links.start.tolist() == [0, 0, 0, 0]
    assert links.event.size == links.person.size == 0


def test_a_value_that_joins_too_many_is_refused_and_not_shown(monkeypatch):
    monkeypatch.setattr(module, "LARGEST_LINK_TABLE", 3)
    with pytest.raises(SchemaError, match=r"events\.place: one value joins 2 events, 4 pairs"):
        link(np.array([0, 1]), np.array([7, 7]), records(2), "place")
