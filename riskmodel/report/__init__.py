"""Pages for people who read no Python."""
