"""One web client for all sources: turns, budgets, what is known already, whom not to ask."""
