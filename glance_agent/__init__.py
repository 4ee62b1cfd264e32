"""Art on the wall that understands you: a local agent for MQTT displays."""

from __future__ import annotations

import os

from glance_agent.domain.version import __version__ as __version__

# Builds of ONNX Runtime tell their maker about this machine unless they find this as they are
# loaded. No module of ours loads before this line, and every process that we start inherits it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
