"""Scores, ranks and the reasons behind them."""
