"""Why there are gaps, and what the labels do to them."""
