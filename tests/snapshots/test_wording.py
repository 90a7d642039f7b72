import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.features import COLUMNS, SCALARS, WINDOWED, Feature
from riskmodel.snapshots.pairs import Difference, Ratio
from riskmodel.snapshots.wording import tell
from tests.snapshots.grammar import anything, bare

GROWTH = "than the yearly mean of the four years before"
SHORT = "the records, or the years in which the person could be recorded, do not reach back so far"
NOW, YEAR = Feature("count", 90), Feature("count", 365)
RISK = {"window_days": 730, "per_year_at_risk": True}


@pytest.mark.parametrize(
    ("feature", "value", "sentence"),
    [
        (Feature("count", 365), 0, "no reported offences in the last year"),
        (Feature("count", 365), 1, "1 reported offence in the last year"),
        (Feature("count", 90), 1200, "1,200 reported offences in the last 90 days"),
        (Feature("count", 1), 2, "2 reported offences in the last day"),
        (Feature("count", 400, group="sexual_offences"), 2,
         "2 reported offences of sexual offences in the last 400 days"),
        (Feature("count", evidence="no_action"), 1,
         "1 reported offence standing as no action ever recorded"),
        (Feature("count", 365, evidence=("charge", "conviction"), victim=True), 1,
         "1 reported offence standing as charge or conviction with a named victim "
         "in the last year"),
        (Feature("count", 365, place=("market", "High Street 7")), 3,
         '3 reported offences at "High Street 7" or market in the last year'),
        (Feature("count", 365, place=False, serious=False), 2,
         "2 less serious reported offences without a recorded place in the last year"),
        (Feature("count", 365, origin="police_generated"), 2,
         "2 recorded offences found by the police in the last year"),
        (Feature("incidents", 1825), 1, "1 separate incident in the last five years"),
        (Feature("incidents", 730, serious=True), 3,
         "3 separate serious incidents in the last two years"),
        (Feature("incidents", 365), 0, "no incidents in the last year"),
        (Feature("victims"), 2, "2 different victims ever recorded"),
        (Feature("victims", 365), 0, "no victims in the last year"),
        (Feature("victims", 730, serious=True), 3,
         "3 different victims of serious reported offences in the last two years"),
        (Feature("victims", serious=True, **RISK), 1.5,
         "1.5 different victims of serious reported offences in the last two years "
         "for each year at risk"),
        (Feature("count", **RISK), 1,
         "1 reported offence in the last two years for each year at risk"),
        (Feature("harm_sum", **RISK), 0.5,
         "0.5 days of harm summed over the reported offences in the last two years "
         "for each year at risk"),
        (Feature("places", 365), 1, "1 different place in the last year"),
        (Feature("co_accused", 365), 1,
         "1 other person named in the same incidents in the last year"),
        (Feature("co_accused"), 4, "4 other people named in the same incidents ever recorded"),
        (Feature("co_accused", 365, group="violence"), 2,
         "2 other people named in the incidents of reported offences of violence in the last year"),
        (Feature("neighbours", 365), 1,
         "1 other person recorded at the same places in the last year"),
        (Feature("repeat_victims"), 1, "1 victim named in two or more incidents"),
        (Feature("repeat_victims", 730), 2,
         "2 victims named in two or more incidents in the last two years"),
        (Feature("repeat_places", 365, serious=True), 1,
         "1 place of two or more incidents of serious reported offences in the last year"),
        (Feature("harm_sum", 365), 1825.0,
         "1,825 days of harm summed over the reported offences in the last year"),
        (Feature("harm_sum", 365), 1.0,
         "1 day of harm summed over the reported offences in the last year"),
        (Feature("harm_max", 90), 18.25,
         "18.2 days of harm for the gravest reported offence in the last 90 days"),
        (Feature("gap", 365), 45.5,
         "45.5 days on average between separate incidents in the last year"),
        (Feature("decayed", serious=True), 0.25,
         "0.25 separate serious incidents, halved with every two years past"),
        (Feature("decayed"), 0,
         "no separate incidents, halved with every two years past"),
        (Feature("days_since_last"), 14.9, "14 days since the latest reported offence"),
        (Feature("days_since_last"), 0.5, "less than 1 day since the latest reported offence"),
        (Feature("days_since_first"), 1.0, "1 day since the first reported offence"),
        (Feature("days_since_last", serious=True), 800,
         "800 days since the latest serious reported offence"),
        (Feature("trend_harm", 365), 365.0, f"365 days more harm in the last year {GROWTH}"),
        (Feature("trend_harm", 365), -1.0, f"1 day less harm in the last year {GROWTH}"),
        (Feature("trend_count", 365), -2.5,
         f"2.5 fewer reported offences in the last year {GROWTH}"),
        (Feature("trend_count", 365), 1.0, f"1 more reported offence in the last year {GROWTH}"),
        (Feature("trend_count", 365), 0.0,
         "as many reported offences in the last year as the yearly mean of the four years before"),
        (Feature("trend_harm", 365), 0.0,
         "as much harm in the last year as the yearly mean of the four years before"),
        (Feature("trend_count", 90, serious=True), 2,
         "2 more serious reported offences in the last 90 days "
         "than the mean of the four spans of 90 days before"),
        (Feature("age", justification="x"), 34.9, "34 years of age"),
        (Feature("days_since_date", column="joined_on"), 400, "400 days since joined on"),
        (Feature("covariate", column="prior_contacts"), 2.5, "prior contacts: 2.5"),
        (Feature("covariate", column="prior_contacts"), -0.02, "prior contacts: -0.02"),
        (Ratio(NOW, YEAR), 0.5,
         "a ratio of 0.5 of reported offences in the last 90 days "
         "to reported offences in the last year"),
        (Difference(YEAR, NOW), 3,
         "3 more for reported offences in the last year than for reported offences "
         "in the last 90 days"),
        (Difference(NOW, YEAR), -3,
         "3 less for reported offences in the last 90 days than for reported offences "
         "in the last year"),
        (Difference(NOW, YEAR), 0,
         "no difference between reported offences in the last 90 days and reported offences "
         "in the last year"),
    ],
)  # fmt: skip
def test_sentences(feature, value, sentence):
    assert tell(feature, value) == sentence


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        (Feature("days_since_last", serious=True), "no serious reported offence on record"),
        (Feature("days_since_first", group="theft"),
         "not known: days since the first reported offence of theft (there is none on record)"),
        (Feature("age", justification="x"), "not known: age in years"),
        (Feature("count", 1825),
         f"not known: reported offences in the last five years ({SHORT})"),
        (Feature("trend_count", 365),
         f"not known: {Feature('trend_count', 365).sentence} ({SHORT})"),
        (Feature("gap"), "not known: mean days between separate incidents ever recorded "
         "(there are fewer than two)"),
        (Feature("gap", 365), "not known: mean days between separate incidents in the last year "
         f"({SHORT}; or there are fewer than two)"),
        (Feature("count", per_year_at_risk=True),
         "not known: reported offences ever recorded, per year at risk "
         "(under 30 days at risk in that time)"),
        (Feature("count", **RISK),
         "not known: reported offences in the last two years, per year at risk "
         f"({SHORT}; or under 30 days at risk in that time)"),
        (Feature("covariate", column="prior_contacts"), "not known: prior contacts"),
        (Ratio(NOW, YEAR), "not known: ratio of reported offences in the last 90 days to reported "
         "offences in the last year (one of the two is not known, or the second is 0)"),
        (Difference(NOW, YEAR), "not known: reported offences in the last 90 days, less reported "
         "offences in the last year (one of the two is not known)"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_to_be_with_the_reason(feature, sentence):
    assert tell(feature, math.nan) == sentence


def test_every_default_feature_is_told_apart_with_every_kind_of_value():
    parts = [
        *(part for feature in default_features() for part in feature.expand(["violence"])),
        *(Feature(measure, 365) for measure in WINDOWED),
        *(Feature(measure) for measure in SCALARS),
        Feature("covariate", column="prior_contacts"),
        Feature("days_since_date", column="joined_on"),
    ]
    parts = list(dict.fromkeys(parts))
    assert {part.measure for part in parts} == {*WINDOWED, *SCALARS, *COLUMNS}
    for value in (0.0, 1.0, 2.0, 0.25, 1e6, math.nan):
        sentences = [tell(part, value) for part in parts]
        assert len(set(sentences)) == len(parts)


@given(anything, st.floats() | st.sampled_from([0.0, -0.0, 1.0, 2.0, math.nan, 1e308]))
def test_every_feature_can_be_told_with_any_number(feature, value):
    text = bare(tell(feature, value))
    assert text
    assert text == text.strip()
    assert text.isprintable()
    assert not any(sign in text for sign in ("_", "  ", "{", "}", "nan", "inf ", "-0 "))
    if not math.isfinite(value):
        assert text.startswith(("not known: ", "no "))


@given(st.floats(min_value=0.01, max_value=1e12))
def test_the_number_that_is_told_is_the_value(value):
    told = float(tell(Feature("covariate", column="x"), value).removeprefix("x: ").replace(",", ""))
    assert abs(told - value) <= max(0.05000001, 1e-9 * value)
    assert told > 0
