import math

import pytest

from riskmodel.snapshots.features import COLUMNS, SCALARS, WINDOWED, Feature, default_features
from riskmodel.snapshots.wording import tell

GROWTH = "than the yearly mean of the four years before"


@pytest.mark.parametrize(
    ("feature", "value", "sentence"),
    [
        (Feature("count", 365), 0, "no reported offences in the last year"),
        (Feature("count", 365), 1, "1 reported offence in the last year"),
        (Feature("count", 90), 1200, "1,200 reported offences in the last 90 days"),
        (Feature("count", 400, group="sexual_offences"), 2,
         "2 reported offences of sexual offences in the last 400 days"),
        (Feature("count", evidence="no_action"), 1,
         "1 reported offence standing as no action ever recorded"),
        (Feature("incidents", 1825), 1, "1 separate incident in the last five years"),
        (Feature("serious", 730), 3, "3 separate serious incidents in the last two years"),
        (Feature("victims"), 2, "2 different victims ever recorded"),
        (Feature("co_accused", 365), 1,
         "1 other person named in the same incidents in the last year"),
        (Feature("co_accused"), 4, "4 other people named in the same incidents ever recorded"),
        (Feature("repeat_victims"), 1, "1 victim named in two or more incidents"),
        (Feature("harm_sum", 365), 1825.0,
         "1,825 days of harm summed over the reported offences in the last year"),
        (Feature("harm_sum", 365), 1.0,
         "1 day of harm summed over the reported offences in the last year"),
        (Feature("harm_max", 90), 18.25,
         "18.2 days of harm for the gravest reported offence in the last 90 days"),
        (Feature("days_since_last"), 14.9, "14 days since the latest reported offence"),
        (Feature("days_since_last"), 0.5, "less than 1 day since the latest reported offence"),
        (Feature("days_since_first"), 1.0, "1 day since the first reported offence"),
        (Feature("days_since_last_serious"), 800,
         "800 days since the latest serious reported offence"),
        (Feature("escalation_harm"), 365.0, f"365 days more harm in the last year {GROWTH}"),
        (Feature("escalation_harm"), -1.0, f"1 day less harm in the last year {GROWTH}"),
        (Feature("escalation_count"), -2.5,
         f"2.5 fewer reported offences in the last year {GROWTH}"),
        (Feature("escalation_count"), 1.0, f"1 more reported offence in the last year {GROWTH}"),
        (Feature("escalation_count"), 0.0,
         "as many reported offences in the last year as the yearly mean of the four years before"),
        (Feature("escalation_harm"), 0.0,
         "as much harm in the last year as the yearly mean of the four years before"),
        (Feature("age", justification="x"), 34.9, "34 years of age"),
        (Feature("days_since_date", column="joined_on"), 400, "400 days since joined on"),
        (Feature("covariate", column="prior_contacts"), 2.5, "prior contacts: 2.5"),
    ],
)  # fmt: skip
def test_sentences(feature, value, sentence):
    assert tell(feature, value) == sentence


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        (Feature("days_since_last_serious"), "no serious reported offence on record"),
        (Feature("age", justification="x"), "not known: age in years"),
        (Feature("count", 1825),
         "not known: reported offences in the last five years "
         "(the records do not reach back that far)"),
        (Feature("escalation_count"),
         f"not known: {Feature('escalation_count').sentence} "
         "(the records do not reach back that far)"),
        (Feature("covariate", column="prior_contacts"), "not known: prior contacts"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_to_be(feature, sentence):
    assert tell(feature, math.nan) == sentence


def test_every_measure_can_be_told_with_every_kind_of_value():
    parts = [
        *(part for feature in default_features() for part in feature.expand(["violence"])),
        Feature("covariate", column="prior_contacts"),
        Feature("days_since_date", column="joined_on"),
    ]
    assert {part.measure for part in parts} == {*WINDOWED, *SCALARS, *COLUMNS}
    for value in (0.0, 1.0, 2.0, 0.25, 1e6, math.nan):
        sentences = [tell(part, value) for part in parts]
        assert len(set(sentences)) == len(parts)
        assert not any("  " in text or "_" in text or "nan" in text for text in sentences)
