"""How the world asks, and how it is told."""
