"""The terminal: one file per group of verbs; the only print and the only exit code."""
