"""Two releases beside each other: what their difference gives away is named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure import published
from riskmodel.audit.disclosure.releases import (
    FEW_APART,
    REVEALED,
    WITHHELD_TOO_LATE,
    check_releases,
)
from riskmodel.errors import RiskModelError


def listed(numerators, denominator=100.0):
    return pd.DataFrame(
        {
            "characteristic": "sex", "group": ["f", "m", "x"], "metric": "precision",
            "value": 0.5, "numerator": numerators, "denominator": denominator,
        }
    )  # fmt: skip


def found(new, old):
    return {
        (one.row["group"], one.column): one.what
        for one in check_releases({"listed": new}, [{"listed": old}])
    }


def test_what_is_revealed_withheld_too_late_or_few_apart_is_named():
    problems = found(listed([20.0, 25.0, np.nan]), listed([np.nan, 20.0, 30.0]))
    assert problems == {
        ("f", "numerator"): REVEALED,
        ("m", "numerator"): FEW_APART,
        ("x", "numerator"): WITHHELD_TOO_LATE,
    }


@pytest.mark.parametrize(("apart", "few"), [(0, False), (5, True), (10, True), (15, False)])
def test_printed_5_or_10_apart_may_be_1_to_7(apart, few):
    assert bool(found(listed([20.0 + apart] * 3), listed([20.0] * 3))) is few


def test_the_same_release_twice_says_nothing_new():
    assert not found(listed([20.0, np.nan, 30.0]), listed([20.0, np.nan, 30.0]))


def test_releases_of_other_dates_are_not_compared():
    dated = [pd.DataFrame({"as_of": [date], "standing": ["on the list"], "offences": [20.0]})
             for date in ("2020-01-01", "2021-01-01")]  # fmt: skip
    new, old = (
        {"listed": listed([n] * 3), "coverage": table}
        for n, table in zip((20.0, 25.0), dated, strict=True)
    )
    assert check_releases(new, [old]) == ()
    assert check_releases(new, [old | {"coverage": dated[0]}])


def test_a_problem_reads_as_a_sentence():
    (problem,) = check_releases({"listed": listed([20.0, 25.0, 30.0])},
                                [{"listed": listed([20.0, 20.0, 30.0])}])  # fmt: skip
    assert str(problem) == (
        "listed (characteristic sex, group m, metric precision), numerator: the two releases "
        "differ by a count that may be of 1 to 7"
    )
    assert problem.withhold


def test_a_folder_of_a_report_is_a_release(tmp_path):
    folder = tmp_path / "fairness_tables"
    folder.mkdir()
    listed([20.0, np.nan, 30.0]).to_csv(folder / "listed.csv", index=False)
    problems = check_releases({"listed": listed([20.0, 40.0, 30.0])}, [folder])
    assert [one.what for one in problems] == [REVEALED]
    assert check_releases(folder, [folder]) == ()
    with pytest.raises(RiskModelError, match="holds no tables"):
        check_releases({}, [tmp_path / "elsewhere"])


def test_exact_counts_are_no_release(audited):
    with pytest.raises(RiskModelError, match="exact counts"):
        check_releases(audited, [])


def test_a_published_audit_beside_itself_is_silent_and_page_one_is_compared(shown):
    assert check_releases(shown, [shown]) == ()
    counts = shown.summary | {"entries_scored": shown.summary["entries_scored"] + 5}
    problems = check_releases(replace(shown, summary=counts), [shown])
    assert [(one.table, one.row) for one in problems] == [("summary", {"count": "entries_scored"})]


def test_what_published_withholds_for_an_earlier_release_is_not_found_again(reader):
    """Five women then and forty now: those now would tell, beside everyone then and now."""
    rng = np.random.default_rng(4)
    people = pd.DataFrame({
        "y": (rng.random(200) < 0.3) * 1.0, "listed": rng.random(200) < 0.3,
        "sex": ["f"] * 5 + ["m"] * 195,
    })  # fmt: skip
    old = reader.world_of(people, k=10_000)
    new = reader.world_of(people.assign(sex=["f"] * 40 + ["m"] * 160), k=10_000)

    def revealed(release):
        return [one for one in check_releases(release, [published(old)]) if one.what == REVEALED]

    assert revealed(published(new))
    assert not revealed(published(new, earlier=[old]))
