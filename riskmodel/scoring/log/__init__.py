"""Who was scored, when, for what, by which model: append-only, chained."""
