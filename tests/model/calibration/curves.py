"""Held-out margins with a planted curve, for the tests of all kinds of calibration."""

import numpy as np
from scipy.special import expit


def drawn(curve, seed=0, n=20_000, centre=-1.0, spread=1.2):
    """Margins, and outcomes that happen with probability ``curve(margin)``."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(centre, spread, size=n)
    return margin, (rng.random(n) < curve(margin)).astype(float)


def bent(margin):
    """Flat, then steep, then flat at 0.6: neither a logistic nor a beta curve."""
    return 0.05 + 0.55 * expit(4 * (margin + 0.5))
