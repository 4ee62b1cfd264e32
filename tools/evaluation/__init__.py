"""Figures instead of adjectives: how well search finds and taste learns, on labelled pictures."""
