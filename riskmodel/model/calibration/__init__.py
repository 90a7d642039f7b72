"""From margins to probabilities: curves that never fall and know their own error."""
