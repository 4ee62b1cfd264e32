"""Builds every part, opens them in order, runs the doors together, closes in reverse."""
