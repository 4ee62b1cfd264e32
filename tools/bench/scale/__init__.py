"""What the agent costs as its library grows: to 100,000 works, and to a million."""
