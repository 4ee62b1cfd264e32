"""Art on the wall that understands you: a local agent for MQTT displays."""

from __future__ import annotations

__version__ = "0.1.0"
