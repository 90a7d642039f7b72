"""Both sides of bias: the people listed and the victims left unprotected."""
