"""Rates, gaps and their intervals by group: the arithmetic of the audit."""
