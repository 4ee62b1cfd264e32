"""A full-size CLIP ViT-B/32 with random weights as two ONNX files: the stand-in for real ones.

It costs what the real towers cost, since size, layers and operators are theirs, and means nothing.
Names of inputs and outputs are those of the usual exports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAYERS = 12
JOINT = 512
PATCH_PX = 32
IMAGE_PX = 224
VISION_WIDTH = 768
TEXT_WIDTH = 512
VOCABULARY = 49_408
CONTEXT = 77


@dataclass
class Graph:
    """An ONNX graph in the making; every method gives the name of what it adds."""

    chance: np.random.Generator
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def op(self, kind: str, *inputs: str, **about: Any) -> str:
        name = f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **about))
        return name

    def constant(self, value: NDArray[np.generic] | np.int64 | list[int] | float) -> str:
        array = np.asarray(value)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def random(self, *shape: int) -> str:
        return self.constant(0.02 * self.chance.standard_normal(shape, np.float32))

    def linear(self, x: str, wide: int, out: int) -> str:
        return self.op("Add", self.op("MatMul", x, self.random(wide, out)), self.random(out))

    def norm(self, x: str, width: int) -> str:
        ones, zeros = self.constant(np.ones(width)), self.constant(np.zeros(width))
        return self.op("LayerNormalization", x, ones, zeros, axis=-1, epsilon=1e-5)

    def heads(self, x: str, width: int, order: list[int]) -> str:
        """(n, l, w) as (n, heads, l, 64), the last axes in this order."""
        split = self.op("Reshape", x, self.constant([0, 0, width // 64, 64]))
        return self.op("Transpose", split, perm=order)

    def attention(self, x: str, width: int, mask: str | None) -> str:
        q, k, v = (self.linear(x, width, width) for _ in range(3))
        scores = self.op(
            "MatMul", self.heads(q, width, [0, 2, 1, 3]), self.heads(k, width, [0, 2, 3, 1])
        )
        scores = self.op("Mul", scores, self.constant(0.125))
        if mask is not None:
            scores = self.op("Add", scores, mask)
        seen = self.op(
            "MatMul", self.op("Softmax", scores, axis=-1), self.heads(v, width, [0, 2, 1, 3])
        )
        joined = self.op("Transpose", seen, perm=[0, 2, 1, 3])
        joined = self.op("Reshape", joined, self.constant([0, 0, width]))
        return self.linear(joined, width, width)

    def block(self, x: str, width: int, mask: str | None) -> str:
        """One layer of a transformer, with CLIP's QuickGELU."""
        x = self.op("Add", x, self.attention(self.norm(x, width), width, mask))
        inner = self.linear(self.norm(x, width), width, 4 * width)
        gate = self.op("Sigmoid", self.op("Mul", inner, self.constant(1.702)))
        return self.op("Add", x, self.linear(self.op("Mul", inner, gate), 4 * width, width))

    def save(
        self, path: Path, given: onnx.ValueInfoProto, wanted: tuple[str, str, list[str | int]]
    ) -> None:
        """Write the graph; `wanted` is what is computed, its public name and its shape."""
        found, name, shape = wanted
        self.nodes.append(helper.make_node("Identity", [found], [name]))
        result = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, name, [given], [result], self.weights)
        opset = [helper.make_opsetid("", 18)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))


def write_vision(
    path: Path,
    side_px: int = IMAGE_PX,
    names: tuple[str, str] = ("pixel_values", "image_embeds"),
) -> None:
    """The image tower: pixel_values (n, 3, S, S) to image_embeds (n, 512), by these names."""
    g, width = Graph(np.random.default_rng(1)), VISION_WIDTH
    side = side_px // PATCH_PX
    kernel = g.random(width, 3, PATCH_PX, PATCH_PX)
    x = g.op("Conv", names[0], kernel, strides=[PATCH_PX, PATCH_PX])
    x = g.op("Transpose", g.op("Reshape", x, g.constant([0, width, side**2])), perm=[0, 2, 1])
    count = g.op("Slice", g.op("Shape", x), g.constant([0]), g.constant([1]))
    shape = g.op("Concat", count, g.constant([1, width]), axis=0)
    x = g.op("Concat", g.op("Expand", g.random(1, 1, width), shape), x, axis=1)
    x = g.norm(g.op("Add", x, g.random(side**2 + 1, width)), width)
    for _ in range(LAYERS):
        x = g.block(x, width, None)
    first = g.op("Gather", x, g.constant(np.int64(0)), axis=1)
    found = g.op("MatMul", g.norm(first, width), g.random(width, JOINT))
    sizes: list[str | int] = ["n", 3, side_px, side_px]
    given = helper.make_tensor_value_info(names[0], TensorProto.FLOAT, sizes)
    g.save(path, given, (found, names[1], ["n", JOINT]))


def write_text(path: Path, names: tuple[str, str] = ("input_ids", "text_embeds")) -> None:
    """The text tower: input_ids (n, l), l up to 77, to text_embeds (n, 512), by these names;
    causal."""
    g, width = Graph(np.random.default_rng(2)), TEXT_WIDTH
    zero = g.constant([0])
    length = g.op("Slice", g.op("Shape", names[0]), g.constant([1]), g.constant([2]))
    places = g.op("Slice", g.random(CONTEXT, width), zero, length, g.constant([0]))
    x = g.op("Add", g.op("Gather", g.random(VOCABULARY, width), names[0]), places)
    causal = g.constant(np.triu(np.full((CONTEXT, CONTEXT), -1e9, np.float32), 1))
    mask = g.op("Slice", causal, zero, length, g.constant([0]))
    mask = g.op("Slice", mask, zero, length, g.constant([1]))
    for _ in range(LAYERS):
        x = g.block(x, width, mask)
    end = g.op("ArgMax", names[0], axis=1, keepdims=1)
    scalar = g.op("Squeeze", length, zero)
    numbers = g.op("Range", g.constant(np.int64(0)), scalar, g.constant(np.int64(1)))
    chosen = g.op("Cast", g.op("Equal", end, numbers), to=TensorProto.FLOAT)
    chosen = g.op("Unsqueeze", chosen, g.constant([1]))
    last = g.op("Squeeze", g.op("MatMul", chosen, g.norm(x, width)), g.constant([1]))
    found = g.op("MatMul", last, g.random(width, JOINT))
    given = helper.make_tensor_value_info(names[0], TensorProto.INT64, ["n", "l"])
    g.save(path, given, (found, names[1], ["n", JOINT]))
