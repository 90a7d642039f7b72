"""Drawn features: every measure and every filter, alone and in pairs."""

from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots.features import COUNTED, SCALARS, WINDOWED, Feature
from riskmodel.snapshots.pairs import Difference, Ratio
from tests.snapshots.drawn import OFFENCES, WINDOWS

LEVELS = EVIDENCE[:-1]
FROM_PEOPLE = (
    Feature("age", justification="for the test"),
    Feature("days_since_date", column="joined"),
    Feature("covariate", column="points"),
)
FILTERS = {
    "group": OFFENCES.groups,
    "evidence": (*LEVELS, ("allegation", "arrest"), ("charge", "conviction", "no_action")),
    "serious": (True, False),
    "victim": (True, False),
    "place": (True, False, "bar", ("home", "park"), ("park", "nowhere")),
    "origin": ORIGINS,
}
STANDINGS = (LEVELS, LEVELS, LEVELS, LEVELS[:3], ("charge",))
"""Levels of evidence that a task's features may count."""


def make_leaf(choose):
    """Return a feature over records."""
    measure = choose((*WINDOWED, *SCALARS))
    names = {choose(tuple(FILTERS)) for _ in range(choose((0, 0, 0, 1, 1, 2, 4)))}
    parts = {name: choose(FILTERS[name]) for name in sorted(names)}
    if measure in WINDOWED:
        parts["window_days"] = choose(
            WINDOWS[:-1] if measure.startswith("trend") else (*WINDOWS, None)
        )
    if measure in COUNTED:
        parts["per_year_at_risk"] = choose((False, False, True))
    return Feature(measure, **parts)


def make_feature(choose):
    """Return a feature of any kind."""
    kind = choose((None, None, None, None, Ratio, Difference, FROM_PEOPLE))
    if kind is FROM_PEOPLE:
        return choose(FROM_PEOPLE)
    return make_leaf(choose) if kind is None else kind(make_leaf(choose), make_leaf(choose))


def make_features(choose, sizes=(1, 4, 12, 20)):
    """Return features of different names."""
    made = [make_feature(choose) for _ in range(choose(sizes))]
    return list({feature.name: feature for feature in made}.values())


def every_measure_with_every_filter():
    """Return each measure over several windows, and over one with each filter."""
    features = []
    for measure in (*WINDOWED, *SCALARS):
        windows = [days for days in (365, 730, None) if days or not measure.startswith("trend")]
        windows = windows if measure in WINDOWED else [None]
        features += [Feature(measure, days) for days in windows]
        if measure in COUNTED:
            features += [Feature(measure, days, per_year_at_risk=True) for days in windows]
        for number, (name, options) in enumerate(FILTERS.items()):
            days = windows[number % len(windows)]
            features += [Feature(measure, days, **{name: option}) for option in options]
    return [*features, *FROM_PEOPLE]
