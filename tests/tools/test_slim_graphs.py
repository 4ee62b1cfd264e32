"""Slim graphs: the numbers of the long ones, for every size of input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tools.embedded_model.slim import slim

Constants = dict[str, NDArray[Any]]
FLOAT = TensorProto.FLOAT


def write(
    path: Path, nodes: Sequence[onnx.NodeProto], constants: Constants, shape: Sequence[Any]
) -> bytes:
    """A graph from `x` of this shape to `y`."""
    graph = helper.make_graph(
        nodes,
        "long",
        [helper.make_tensor_value_info("x", FLOAT, shape)],
        [helper.make_tensor_value_info("y", FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path.read_bytes()


def run(model: bytes, x: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


def kinds(path: Path) -> list[str]:
    return [node.op_type for node in onnx.load(path).graph.node]


def noise(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(5).normal(size=shape).astype(np.float32)


def test_shapes_worked_out_at_every_run_become_constants(tmp_path: Path) -> None:
    path = tmp_path / "text.onnx"
    constants = {"heads": np.array([2, 3]), "zero": np.array([0]), "two": np.array([2])}
    nodes = [
        helper.make_node("Shape", ["x"], ["size"]),
        helper.make_node("Slice", ["size", "zero", "two"], ["ahead"], "ahead"),
        helper.make_node("Concat", ["ahead", "heads"], ["wanted"], axis=0),
        helper.make_node("Reshape", ["x", "wanted"], ["parted"], "parted"),
        helper.make_node("Transpose", ["parted"], ["y"], perm=[0, 2, 1, 3]),
    ]
    long = write(path, nodes, constants, ["n", "length", 6])
    slim(path, [{"x": noise(1, 4, 6)}, {"x": noise(2, 7, 6)}])
    assert kinds(path) == ["Reshape", "Transpose"]
    other = noise(3, 5, 6)
    np.testing.assert_array_equal(run(path.read_bytes(), other), run(long, other))


def test_a_shape_that_is_not_the_inputs_stays_worked_out(tmp_path: Path) -> None:
    path = tmp_path / "turned.onnx"
    constants = {"turned": np.array([1, 0])}
    nodes = [
        helper.make_node("Shape", ["x"], ["size"]),
        helper.make_node("Gather", ["size", "turned"], ["wanted"]),
        helper.make_node("Reshape", ["x", "wanted"], ["y"], "turn"),
    ]
    long = write(path, nodes, constants, ["a", "b"])
    slim(path, [{"x": noise(2, 3)}, {"x": noise(4, 7)}])
    assert "Gather" in kinds(path)
    np.testing.assert_array_equal(run(path.read_bytes(), noise(5, 2)), run(long, noise(5, 2)))


@pytest.mark.parametrize("around", [0.0, 1.0])
def test_only_zeros_around_go_into_the_convolution(tmp_path: Path, around: float) -> None:
    path = tmp_path / "image.onnx"
    constants: Constants = {
        "sides": np.array([0, 0, 0, 1, 0, 0, 2, 1]),
        "around": np.array(around, np.float32),
        "weights": noise(4, 3, 3, 3),
    }
    nodes = [
        helper.make_node("Pad", ["x", "sides", "around"], ["wide"]),
        helper.make_node("Conv", ["wide", "weights"], ["y"], pads=[0, 0, 0, 0]),
    ]
    long = write(path, nodes, constants, ["n", 3, 8, 8])
    slim(path, [{"x": noise(1, 3, 8, 8)}, {"x": noise(2, 3, 8, 8)}])
    assert ("Pad" in kinds(path)) == bool(around)
    other = noise(2, 3, 8, 8)
    np.testing.assert_allclose(run(path.read_bytes(), other), run(long, other), atol=1e-5)


@pytest.mark.parametrize("coarser", [1.0, 2.0])
def test_rounding_between_has_to_be_the_same_as_before(tmp_path: Path, coarser: float) -> None:
    path = tmp_path / "rounded.onnx"
    constants: Constants = {
        "step": np.array(0.05, np.float32),
        "step after": np.array(0.05 * coarser, np.float32),
        "zero": np.array(0, np.uint8),
        "sides": np.array([0, 0, 0, 0, 0, 0, 1, 1]),
        "weights": noise(2, 1, 3, 3),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "step", "zero"], ["small"]),
        helper.make_node("DequantizeLinear", ["small", "step", "zero"], ["again"]),
        helper.make_node("Pad", ["again", "sides"], ["wide"]),
        helper.make_node("QuantizeLinear", ["wide", "step after", "zero"], ["small after"]),
        helper.make_node("DequantizeLinear", ["small after", "step after", "zero"], ["ready"]),
        helper.make_node("Conv", ["ready", "weights"], ["y"], pads=[0, 0, 0, 0]),
    ]
    long = write(path, nodes, constants, ["n", 1, 6, 6])
    slim(path, [{"x": noise(1, 1, 6, 6)}, {"x": noise(2, 1, 6, 6)}])
    assert ("Pad" in kinds(path)) == (coarser != 1)
    other = np.abs(noise(2, 1, 6, 6))
    np.testing.assert_allclose(run(path.read_bytes(), other), run(long, other), atol=1e-5)


def test_sides_that_are_worked_out_stay(tmp_path: Path) -> None:
    path = tmp_path / "floats.onnx"
    constants: Constants = {"sides": np.ones(8, np.int32), "weights": noise(2, 1, 3, 3)}
    constants["sides"][[0, 1, 4, 5]] = 0
    nodes = [
        helper.make_node("Cast", ["sides"], ["wide sides"], to=TensorProto.INT64),
        helper.make_node("Pad", ["x", "wide sides"], ["wide"]),
        helper.make_node("Conv", ["wide", "weights"], ["y"], pads=[0, 0, 0, 0]),
    ]
    long = write(path, nodes, constants, ["n", 1, 6, 6])
    slim(path, [{"x": noise(1, 1, 6, 6)}, {"x": noise(2, 1, 6, 6)}])
    other = noise(2, 1, 6, 6)
    np.testing.assert_allclose(run(path.read_bytes(), other), run(long, other), atol=1e-5)
