"""Home Assistant discovery as data: what makes it show what the agent has."""
