"""Versions in MLflow, and the gates before them."""
