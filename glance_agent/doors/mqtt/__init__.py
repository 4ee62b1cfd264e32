"""MQTT: commands come in by it, and everything that is told goes out by it."""
