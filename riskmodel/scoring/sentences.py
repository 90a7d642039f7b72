"""What has to be known before a number is used, in whole sentences; none holds personal data.

Moments are microseconds since 1970, so that one person's score needs no table library.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from riskmodel.histories.moments import to_microseconds
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.windows import DAY_US


def about_the_date(model: RiskModel, moment: int, data_start: int) -> Iterator[str]:
    """Yield what the model's training says against a date to score at."""
    label, start = model.provenance.get("label"), model.provenance.get("data_start")
    if label is not None and moment < to_microseconds(label["known_at"]):
        yield (
            f"as_of {day_of(moment)} lies before {label['known_at'][:10]}, up to which this model "
            "has learnt outcomes: it may know what a person did next. These are no estimates of "
            "that date; score later dates, or use a model that was trained before"
        )
    dates = model.provenance["data"]["as_of"]
    if start is None or not dates:
        return
    learnt = (to_microseconds(min(dates)) - to_microseconds(start)) // DAY_US
    reach = (moment - data_start) // DAY_US
    if reach < learnt:
        yield (
            f"the data reach back {reach:,} days from as_of {day_of(moment)}; the model learnt "
            f"from dates with at least {learnt:,}. Whatever it counts over all that is recorded is "
            "smaller here for want of records, and estimates are too low: give older records, or "
            "train on dates as close to the start of the data"
        )


def about_the_fallback(why: str) -> str:
    """Return what is said where the fallback answered."""
    return f"the fallback answered, a smaller model beside the full one: {why}"


def day_of(moment: int) -> str:
    """Return the day of a moment as people write it: 2012-01-01."""
    return str(np.datetime64(moment, "us"))[:10]
