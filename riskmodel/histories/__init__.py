"""Dated records, checked once."""
