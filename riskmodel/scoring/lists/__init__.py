"""Two lists beside each other: who entered, who left, and why."""
