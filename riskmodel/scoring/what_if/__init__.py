"""How far an estimate rests on each record."""
