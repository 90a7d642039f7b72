import math

import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.unmapped import Unmapped, unmapped_error


@pytest.mark.parametrize("harm", [-1, math.nan, math.inf])
def test_harm_is_a_number_of_days(harm):
    with pytest.raises(SchemaError, match="0 or more"):
        Unmapped(harm=harm, group="other")


def test_the_group_is_one_of_the_tables():
    unmapped = Unmapped(harm=0, group="theft")
    assert unmapped.code_among(("other", "theft"), "ours") == 1
    with pytest.raises(SchemaError, match="not a group of edition ours; allowed are other"):
        unmapped.code_among(("other",), "ours")


def test_the_error_tells_what_is_absent_from_what_has_no_value():
    error = unmapped_error("ours", ["b", "a", "a"], ["c"])
    assert error.problems == [
        "offences: edition ours does not hold a, b",
        "offences: edition ours publishes no value for c",
    ]
    assert "unmapped=Unmapped" in str(error)
    assert len(unmapped_error("ours", [], ["c"]).problems) == 1
