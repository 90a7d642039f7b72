"""Point-in-time cohorts, features and outcomes."""
