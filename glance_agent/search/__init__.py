"""Words and pictures -> ranked works: query language, label match, scoring, variety."""
