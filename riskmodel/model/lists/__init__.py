"""Who is on a list: what it gains, how much of it stays, what it finds by stricter labels."""
