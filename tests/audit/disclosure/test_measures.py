"""Every metric has its measure, and what lies between two counts is what people make it."""

import pytest

from riskmodel.audit.by_group.group_metrics import MEASURES
from riskmodel.audit.disclosure.measures import (
    BAND_MEASURES,
    KINDS,
    LIST_MEASURES,
    NO_PEOPLE,
    RATE,
    REPORTING_MEASURES,
    SPLITS,
    SUSPECT_MEASURES,
    VICTIM_MEASURES,
    WORKED,
)
from riskmodel.audit.victims.coverage import VICTIM_RATES
from riskmodel.audit.victims.reporting import LAG_QUANTILES, REPORTING_RATES
from riskmodel.audit.victims.suspect_coverage import SUSPECT_RATES
from tests.audit.disclosure.attacker import ATOMS, LATER, QUANTITIES

WHO = QUANTITIES | {
    "not_listed": lambda listed, what: not listed,
    "not_observed": lambda listed, what: what == "unknown",
    "listed_not_observed": lambda listed, what: listed and what == "unknown",
    "others_not_observed": lambda listed, what: not listed and what == "unknown",
    "clear_not_listed": lambda listed, what: not listed and what == "clear",
}


def people(quantity):
    return {atom for atom in ATOMS if WHO[quantity](*atom)}


def test_every_metric_of_the_audit_is_known():
    assert {measure.name for measure in MEASURES} <= set(LIST_MEASURES)
    assert {rate.name for rate in VICTIM_RATES} == set(VICTIM_MEASURES)
    assert {rate.name for rate in SUSPECT_RATES} == set(SUSPECT_MEASURES)
    assert {rate.name for rate in REPORTING_RATES} | set(LAG_QUANTILES) == set(REPORTING_MEASURES)


def test_every_metric_of_a_real_audit_is_known(audited):
    for name, kind in KINDS.items():
        assert set(audited.measured[name]["metric"]) <= set(kind.measures), name
    assert set(audited.bands["metric"]) == set(BAND_MEASURES)


def test_every_kind_says_what_lies_between_its_counts():
    roots = {kind.root for kind in KINDS.values()}
    assert set(SPLITS) == set(NO_PEOPLE) == roots


@pytest.mark.parametrize("name", KINDS)
def test_what_a_rate_leaves_over_lies_between_its_two_counts(name):
    kind = KINDS[name]
    between = {(whole, frozenset(parts)) for whole, *parts in SPLITS[kind.root]}
    for metric, one in kind.measures.items():
        if one.kind == RATE:
            assert (one.bottom, frozenset((one.top, one.rest))) in between, metric


def test_each_split_of_a_list_divides_its_people_in_two():
    for whole, part, rest in SPLITS["list"]:
        assert people(part) | people(rest) == people(whole), (whole, part)
        assert not people(part) & people(rest), (whole, part)


def test_a_count_printed_as_a_difference_is_one():
    for (root, quantity), (whole, part) in WORKED.items():
        assert root == "list"
        assert people(part) < people(whole)
        assert people(quantity) == people(whole) - people(part)


def test_those_who_went_on_are_among_those_followed():
    assert people("outcome") == {atom for atom in ATOMS if atom[1] in LATER}
    for one in LIST_MEASURES.values():
        if one.kind == RATE:
            assert people(one.top) < people(one.bottom)
