"""The fourteen parts of the report."""
