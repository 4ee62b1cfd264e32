"""What pages ask: works in lists, one work, displays, tastes, sources; looked up, never changed."""
