"""Ranking, resampling and calibration measures on plain arrays."""
