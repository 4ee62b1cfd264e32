"""The model: what pictures and words mean, as unit vectors of one space.

Nothing is imported here, so that a program that never embeds never pays for ONNX Runtime.
"""
