"""The same recipe at date after date, and the base rate stated in advance."""
