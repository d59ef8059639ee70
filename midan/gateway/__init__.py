"""The API for machines and the people behind them."""
