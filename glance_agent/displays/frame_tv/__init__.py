"""A Samsung TV that shows art: its channel, what is asked there, and what we remember of it."""
