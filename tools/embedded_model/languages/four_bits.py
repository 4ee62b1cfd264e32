"""A table of which rows are gathered, in four bits a number: twice as many rows in a file.

Each row has a scale of its own (ONNX Runtime's GatherBlockQuantized, in every version since 1.20,
one block to a row). So a row is off by a tenth of its length, which the layers after it even out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]
HIGHEST = 7
SMALLEST_BLOCK = 16  # of the operator; a block is a power of two


def rounded(rows: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Numbers from -7 to 7 (V, W) and the scale of each row (V, 1)."""
    scale = np.abs(rows).max(1, keepdims=True) / HIGHEST
    scale[scale == 0] = 1.0
    return np.rint(rows / scale).astype(np.int8), scale.astype(np.float32)


def packed(numbers: NDArray[np.int8]) -> bytes:
    """Two numbers to a byte, the first in the lower half; rows of an even width."""
    halves = numbers.astype(np.uint8) & 0xF
    return (halves[:, ::2] | halves[:, 1::2] << 4).tobytes()


def unpacked(content: bytes, width: int) -> Floats:
    """The numbers (V, W) that were packed."""
    halves = np.frombuffer(content, np.uint8).reshape(-1, width // 2)
    numbers = np.stack([halves & 0xF, halves >> 4], axis=-1).reshape(-1, width).astype(np.float32)
    return np.where(numbers > HIGHEST, numbers - 16, numbers)


def gather_in_four_bits(path: Path, table: str, rows: Floats) -> None:
    """Rewrite the file: what it gathers from the table of this name, in 8 bits, it gathers from
    `rows` (V, W) in four. Raises ValueError where it gathers nothing from it.
    """
    model = onnx.load(path)
    graph = model.graph
    gathered = [n for n in graph.node if n.op_type == "Gather" and n.input[0].startswith(table)]
    if len(gathered) != 1:
        raise ValueError(f"{path} gathers {len(gathered)} times from {table}, not once.")
    (gather,) = gathered
    (widened,) = (n for n in graph.node if gather.output[0] in n.input)
    place = list(graph.node).index(gather)
    instead = _node(gather.input[1], widened.output[0], table, rows.shape[1])
    for node in (gather, widened):
        graph.node.remove(node)
    graph.node.insert(place, instead)
    for constant in [c for c in graph.initializer if c.name.startswith(table)]:
        graph.initializer.remove(constant)
    graph.initializer.extend(_constants(table, rows))
    if all(used.domain != instead.domain for used in model.opset_import):
        model.opset_import.append(helper.make_opsetid(instead.domain, 1))
    onnx.save(model, path)


def _node(ids: str, output: str, table: str, width: int) -> Any:
    block = max(SMALLEST_BLOCK, 1 << (width - 1).bit_length())
    return helper.make_node(
        "GatherBlockQuantized",
        [f"{table}_four_bits", ids, f"{table}_scale"],
        [output],
        domain="com.microsoft",
        gather_axis=0,
        quantize_axis=1,
        block_size=block,
    )


def _constants(table: str, rows: Floats) -> list[Any]:
    numbers, scale = rounded(rows)
    four = helper.make_tensor(
        f"{table}_four_bits", TensorProto.INT4, numbers.shape, packed(numbers), raw=True
    )
    return [four, numpy_helper.from_array(scale, f"{table}_scale")]
