import json

import pytest

from riskmodel.errors import SchemaError
from riskmodel.snapshots.cohort import Cohort


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SchemaError, match="2 problems"):
        Cohort(lookback_days=0, min_incidents=0)


@pytest.mark.parametrize("refresh", ["monthly", "weekly"])
@pytest.mark.parametrize("more_than_one", [True, False])
@pytest.mark.parametrize("men_only", [True, False])
def test_published_variants_survive_json(refresh, more_than_one, men_only):
    cohort = Cohort.v100(refresh=refresh, accused_of_more_than_one=more_than_one, men_only=men_only)
    assert cohort.lookback_days == 365
    assert Cohort.from_dict(json.loads(json.dumps(cohort.to_dict()))) == cohort


def test_an_unknown_refresh_names_the_allowed_ones():
    with pytest.raises(SchemaError, match="monthly or weekly"):
        Cohort.v100(refresh="daily")
