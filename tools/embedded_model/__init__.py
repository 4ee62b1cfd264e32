"""How the model inside the package was made. Never needed at run time."""

import glance_agent  # noqa: F401  (keeps ONNX Runtime from writing to its maker)
