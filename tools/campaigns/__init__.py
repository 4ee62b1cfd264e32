"""Attempts to break the agent, each a script with one command and a table at its end."""
