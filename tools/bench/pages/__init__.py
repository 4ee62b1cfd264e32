"""How quick and how small the pages are: the real agent, a real Mosquitto, a real Chromium."""
