"""The processes in which strangers' pictures are decoded, confined, and the one they come of."""
