"""The whole grammar of features, drawn: every measure, filter and window, and awkward words."""

import re
from dataclasses import replace

from hypothesis import strategies as st

from riskmodel.schema import EVIDENCE, ORIGINS, is_protected
from riskmodel.snapshots.features import COUNTED, LONGEST_DAYS, SCALARS, WINDOWED, Feature
from riskmodel.snapshots.pairs import Difference, Ratio

AWKWARD = (
    "violence", "sexual_offences", "sexual offences", "Violence", "violence_charge", "charge",
    "no_action", "serious", "less_serious", "with_victim", "with a named victim", "with_place",
    "at", "a", "b", "a_b", "a or b", "a_or_b", 'a" or "b', "reported", "police_generated", "per",
    "per_year", "per_count_1y", "1y", "ever", "each offence group", "each_offence_group", "last",
    "last_serious", "first", "first_contact", "count_1y", "days_since_last", "days_since_x",
    "the_first_reported_offence", "standing as charge", "0a1b2c3d", "x_0a1b2c3d", "High Street 7",
    '[{"a": 1}, 2]', "Zürich", "北京", "___", " ", "two  blanks", "a\nb", "a{window}",
    "prior_points", "y" * 41, "y" * 40 + "z",
)  # fmt: skip
"""A user's words that could be taken for words of the grammar, or that no name may hold."""

words = st.one_of(st.sampled_from(AWKWARD), st.text(min_size=1, max_size=12))
columns = words.filter(lambda word: not is_protected(word))
windows = st.one_of(
    st.sampled_from((1, 30, 90, 365, 366, 730, 1825, LONGEST_DAYS)), st.integers(1, LONGEST_DAYS)
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "group": words.filter(lambda word: word != "each"),
        "evidence": st.lists(st.sampled_from(EVIDENCE[:-1]), min_size=1, max_size=3),
        "serious": st.booleans(),
        "victim": st.booleans(),
        "place": st.one_of(st.booleans(), st.lists(words, min_size=1, max_size=3)),
        "origin": st.sampled_from(ORIGINS),
    },
)


@st.composite
def leaves(draw):
    """Draw one feature over records."""
    measure = draw(st.sampled_from((*WINDOWED, *SCALARS)))
    parts = draw(filters)
    if measure in WINDOWED:
        never_ever = measure.startswith("trend")
        parts["window_days"] = draw(windows if never_ever else st.none() | windows)
    if measure in COUNTED:
        parts["per_year_at_risk"] = draw(st.booleans())
    return Feature(measure, **parts)


features = st.one_of(
    leaves(),
    leaves(),
    st.builds(Feature, st.sampled_from(("covariate", "days_since_date")), column=columns),
    st.builds(Feature, st.just("age"), justification=st.just("for the test")),
    st.sampled_from((*WINDOWED, *SCALARS)).map(
        lambda measure: Feature(measure, 365 if measure in WINDOWED else None, group="each")
    ),
)
pairs = st.one_of(st.builds(Ratio, leaves(), leaves()), st.builds(Difference, leaves(), leaves()))
anything = st.one_of(features, features, pairs)


def meaning(feature):
    """Return a feature without what changes nothing in its values."""
    if isinstance(feature, Feature) and feature.measure != "age":
        return replace(feature, justification="")
    return "age" if feature.measure == "age" else feature


def bare(text):
    """Return a sentence without what is quoted in it."""
    return re.sub(r'"(?:[^"]|"")*"', "Q", text)
