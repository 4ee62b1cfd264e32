"""Tables in four bits: rows as near as half a step, gathered by the runtime itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from tools.embedded_model.languages.four_bits import (
    gather_in_four_bits,
    packed,
    rounded,
    unpacked,
)
from tools.embedded_model.slim import slim

Floats = NDArray[np.float32]
IDS = np.array([[0, 7, 2], [63, 1, 1]])


@pytest.fixture
def rows() -> Floats:
    table = np.random.default_rng(8).normal(size=(64, 80)).astype(np.float32)
    table[2] = 0
    return table


@pytest.fixture
def eight_bits(tmp_path: Path, rows: Floats) -> Path:
    """A graph that gathers rows and adds one, its table in 8 bits, as the exporter leaves it."""
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["row"], "gather"),
            helper.make_node("Add", ["row", "one"], ["y"], "add"),
        ],
        "gathering",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "length"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(rows, "table"),
            numpy_helper.from_array(np.ones(1, np.float32), "one"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    floats, path = tmp_path / "floats.onnx", tmp_path / "text.onnx"
    onnx.save(model, floats)
    quantize_dynamic(floats, path, op_types_to_quantize=["Gather"], weight_type=QuantType.QInt8)
    return path


def gathered(path: Path) -> Floats:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"ids": IDS})[0])


def test_a_number_is_off_by_half_a_step_of_its_row_at_most(rows: Floats) -> None:
    numbers, scale = rounded(rows)
    assert np.abs(numbers).max() <= 7
    assert (np.abs(numbers * scale - rows) <= scale / 2 + 1e-6).all()


def test_two_numbers_share_a_byte_the_first_in_its_lower_half() -> None:
    assert packed(np.array([[1, -1], [-7, 7]], np.int8)) == bytes([0xF1, 0x79])


def test_what_is_packed_can_be_unpacked(rows: Floats) -> None:
    numbers, _ = rounded(rows)
    assert np.array_equal(unpacked(packed(numbers), rows.shape[1]), numbers)


def test_the_runtime_gathers_what_was_rounded(eight_bits: Path, rows: Floats) -> None:
    gather_in_four_bits(eight_bits, "table", rows)
    numbers, scale = rounded(rows)
    assert np.allclose(gathered(eight_bits), (numbers * scale)[IDS] + 1, atol=1e-6)


def test_nothing_is_left_of_the_table_in_eight_bits(eight_bits: Path, rows: Floats) -> None:
    before = eight_bits.stat().st_size
    gather_in_four_bits(eight_bits, "table", rows)
    assert eight_bits.stat().st_size < before - rows.size * 3 // 8


def test_slimming_keeps_the_four_bits(eight_bits: Path, rows: Floats) -> None:
    gather_in_four_bits(eight_bits, "table", rows)
    whole = gathered(eight_bits)
    slim(eight_bits, [{"ids": np.ones((n, 2 * n), np.int64)} for n in (1, 2, 3)])
    assert [n.op_type for n in onnx.load(eight_bits).graph.node] == ["GatherBlockQuantized", "Add"]
    assert np.array_equal(gathered(eight_bits), whole)


def test_a_graph_without_such_a_table_is_refused(eight_bits: Path, rows: Floats) -> None:
    with pytest.raises(ValueError, match="0 times from places"):
        gather_in_four_bits(eight_bits, "places", rows)
