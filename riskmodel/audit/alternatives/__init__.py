"""Models that are no worse and have smaller gaps."""
