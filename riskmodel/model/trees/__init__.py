"""Boosted trees as text: checked, scored and explained without importing LightGBM."""
