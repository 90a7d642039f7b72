"""One person's score from plain records, without tables."""
