"""The settings: one TOML file and GLANCE_… variables in, a frozen tree out; faults as sentences."""
