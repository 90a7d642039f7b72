"""How good a score is: lists and probabilities, with intervals and paired differences."""
