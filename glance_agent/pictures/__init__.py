"""Strangers' bytes -> upright sRGB; fitted, matted, encoded; colours, hashes and duplicates."""
