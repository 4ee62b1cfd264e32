"""The weights of a text tower out of the file that ships, so that a training can go on from it.

Names of the graph's own matrices tell nothing; each is known by the bias that is added after it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from tools.embedded_model.languages.four_bits import unpacked

Floats = NDArray[np.float32]
TABLE = "table.weight"


def state_of(path: Path) -> dict[str, Floats]:
    """What `Pupil.load_state_dict` wants, columns of the table as wide as at a training's start."""
    graph = onnx.load(path).graph
    constants = {one.name: one for one in graph.initializer}
    state = {
        name: numpy_helper.to_array(one)
        for name, one in constants.items()
        if one.data_type == onnx.TensorProto.FLOAT and _learned(name)
    }
    for node in graph.node:
        if node.op_type == "DynamicQuantizeMatMul":
            matrix = _widened(constants, node.input[1].removesuffix("_quantized"))
            state[_weight_of(node, constants)] = matrix.T
    state["inside"] = _widened(constants, "inside")
    state[TABLE] = _table(constants)
    wide = state[TABLE].std(0)
    state[TABLE] /= wide
    state["inside"] /= wide
    state["widen.weight"] *= wide
    return {name: np.array(weight, np.float32) for name, weight in state.items()}


def _learned(name: str) -> bool:
    return not name.startswith(("onnx::", "inside_", TABLE)) and not name.endswith(
        ("_scale", "_zero_point")
    )


def _weight_of(node: onnx.NodeProto, constants: dict[str, onnx.TensorProto]) -> str:
    """The name of the layer's weight: its bias has the same but for the ending; the one without a
    bias in its node weighs the pieces.
    """
    bias = node.input[4] if len(node.input) > 4 else ""
    return bias.removesuffix("bias") + "weight" if bias in constants else "weigh.weight"


def _widened(constants: dict[str, onnx.TensorProto], name: str) -> Floats:
    """A constant of 8 bits (a scale for all, or for each column) in floats."""
    numbers, scale, zero = (
        numpy_helper.to_array(constants[f"{name}_{part}"]).astype(np.float32)
        for part in ("quantized", "scale", "zero_point")
    )
    made: Floats = (numbers - zero) * scale
    return made


def _table(constants: dict[str, onnx.TensorProto]) -> Floats:
    four = constants.get(f"{TABLE}_four_bits")
    if four is None:
        return _widened(constants, TABLE)
    scale = numpy_helper.to_array(constants[f"{TABLE}_scale"])
    numbers: Floats = unpacked(four.raw_data, int(four.dims[1])) * scale
    return numbers
