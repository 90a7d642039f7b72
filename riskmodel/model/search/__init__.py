"""Settings chosen on inner temporal splits, with an interval for having looked."""
