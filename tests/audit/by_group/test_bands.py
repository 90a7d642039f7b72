"""Bands by group: shares of the group, and calibration."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.bands import band_table
from riskmodel.audit.by_group.rates import Settings


def table(**options):
    rng = np.random.default_rng(0)
    n = 2000
    chance = rng.uniform(0.02, 0.4, n)
    group = pd.DataFrame({"sex": rng.choice(["f", "m"], n)})
    # the estimates are right for one group and half of the truth for the other
    truth = np.where(group["sex"] == "f", chance, np.minimum(2 * chance, 1))
    y = (rng.random(n) < truth).astype(float)
    band = np.where(chance < 0.2, "lower", "higher")
    found = band_table(
        y, chance, band, group, person=np.arange(n), order=["lower", "higher"],
        settings=Settings(n_replicates=200), **options,
    )  # fmt: skip
    return found, chance, group["sex"], band


def test_shares_of_a_group_add_up_to_1():
    found, *_ = table()
    shares = found[found["metric"] == "share_of_group"].groupby("group")["value"].sum()
    np.testing.assert_allclose(shares, 1)


def test_planted_underestimation_of_one_group_is_found_and_not_of_the_other():
    found, *_ = table()
    ratio = found[found["metric"] == "observed_over_expected"].set_index(["group", "band"])
    for band in ("lower", "higher"):
        assert ratio.loc[("f", band), "low"] < 1 < ratio.loc[("f", band), "high"]
        assert ratio.loc[("m", band), "low"] > 1.5


def test_bands_stand_in_their_own_order_and_means_are_plain():
    found, chance, sex, band = table()
    means = found[found["metric"] == "mean_probability"]
    assert means["band"].tolist() == ["lower", "higher"] * 2
    for row in means.itertuples():
        assert row.value == pytest.approx(chance[(sex == row.group) & (band == row.band)].mean())
