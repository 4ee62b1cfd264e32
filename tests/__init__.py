import glance_agent  # noqa: F401  (keeps ONNX Runtime from writing to its maker)
