"""What a deployment promises, and verdicts on it."""
