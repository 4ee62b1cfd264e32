"""The same numbers by fewer steps: what the exporter leaves for every run to do is done once here.

Works on finished files, in 8 bits or in floats. Shapes that do not depend on the input become
constants, paddings go into their convolutions, and ONNX Runtime's own rewriting that is the same
on every processor is kept in the file rather than repeated at each start.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import numpy_helper

Feed = dict[str, NDArray[Any]]
Node = onnx.NodeProto
SAME_AS_INPUT = 0  # in the target of a Reshape


def slim(path: Path, probes: Sequence[Feed]) -> None:
    """Rewrite the file. The probes are inputs that differ in every free dimension: what is equal
    in all of them is taken for constant.
    """
    model = onnx.load(path)
    _fix_targets(model, probes)
    _pad_in_convolutions(model)
    _drop_unused(model)
    onnx.save(model, path)
    _optimise(path)


def _fix_targets(model: onnx.ModelProto, probes: Sequence[Feed]) -> None:
    """Constants for what Reshape and Slice are told by a chain of small nodes."""
    known = {constant.name for constant in model.graph.initializer}
    nodes = [node for node in model.graph.node if node.op_type in ("Reshape", "Slice")]
    wanted = [name for node in nodes for name in node.input if name and name not in known]
    seen = _values(model, sorted(set(wanted)), probes)
    for node in nodes:
        for place, name in list(enumerate(node.input))[1:]:
            values = seen.get(name, [])
            shapes = [value.shape for value in seen.get(node.input[0], [])]
            fixed = _reshape(values, shapes) if node.op_type == "Reshape" else _equal(values)
            if fixed is not None:
                constant = numpy_helper.from_array(fixed, f"{node.name}_input_{place}")
                model.graph.initializer.append(constant)
                node.input[place] = constant.name


def _values(
    model: onnx.ModelProto, names: Sequence[str], probes: Sequence[Feed]
) -> dict[str, list[NDArray[Any]]]:
    """What these inner values are for each probe."""
    open_model = onnx.ModelProto()
    open_model.CopyFrom(model)
    given = {value.name for value in model.graph.output}
    for name in names:
        if name not in given:
            open_model.graph.output.append(onnx.ValueInfoProto(name=name))
    session = onnxruntime.InferenceSession(
        open_model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    runs = [session.run(list(names), dict(probe)) for probe in probes]
    return {name: [run[place] for run in runs] for place, name in enumerate(names)}


def _equal(values: Sequence[NDArray[Any]]) -> NDArray[Any] | None:
    same = bool(values) and all(np.array_equal(values[0], value) for value in values)
    return values[0] if same else None


def _reshape(
    targets: Sequence[NDArray[Any]], shapes: Sequence[tuple[int, ...]]
) -> NDArray[np.int64] | None:
    """One target for all: each number constant, or the input's own in the same place."""
    found = []
    for place in range(len(targets[0]) if targets else 0):
        numbers = [int(target[place]) for target in targets]
        own = [shape[place] if place < len(shape) else None for shape in shapes]
        if len(set(numbers)) > 1 and numbers != own:
            return None
        found.append(numbers[0] if len(set(numbers)) == 1 else SAME_AS_INPUT)
    return np.array(found, np.int64) if found else None


def _pad_in_convolutions(model: onnx.ModelProto) -> None:
    """Zeros around a picture are a property of the convolution; no copy is needed for them."""
    graph = model.graph
    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        pad = _padding(node, makers, constants) if node.op_type == "Conv" else None
        if pad is None:
            continue
        around = constants[pad.input[1]].reshape(2, -1)[:, 2:].ravel()
        (pads,) = (attribute for attribute in node.attribute if attribute.name == "pads")
        pads.ints[:] = [int(own + more) for own, more in zip(pads.ints, around, strict=True)]
        node.input[0] = pad.input[0]


def _padding(
    conv: Node, makers: dict[str, Node], constants: dict[str, NDArray[Any]]
) -> Node | None:
    """The Pad with zeros before this convolution: straight, or with rounding to 8 bits between
    that rounds what is already rounded in the same way.
    """
    chain = [conv.input[0]]
    for kind in ("DequantizeLinear", "QuantizeLinear", "Pad"):
        made = makers.get(chain[-1])
        if made is not None and made.op_type == kind:
            chain.append(made.input[0])
    passed = [makers[name] for name in chain[:-1]]
    if not passed or passed[-1].op_type != "Pad" or not _with_zeros(passed[-1], constants):
        return None
    before = makers.get(chain[-1])
    rounded = [node for node in passed if node.op_type != "Pad"]
    if rounded and (before is None or before.op_type != "DequantizeLinear"):
        return None
    same = all(_alike(node, before, constants) for node in rounded if before is not None)
    return passed[-1] if same else None


def _with_zeros(pad: Node, constants: dict[str, NDArray[Any]]) -> bool:
    if pad.input[1] not in constants:
        return False  # sides that the graph works out
    around = constants[pad.input[1]].reshape(2, -1)
    value = pad.input[2] if len(pad.input) > 2 else ""
    return not around[:, :2].any() and not (value and constants[value].any())


def _alike(one: Node, other: Node, constants: dict[str, NDArray[Any]]) -> bool:
    """Whether two nodes round with the same scale and zero."""
    pairs = zip(one.input[1:], other.input[1:], strict=True)
    return all(np.array_equal(constants[a], constants[b]) for a, b in pairs)


def _drop_unused(model: onnx.ModelProto) -> None:
    """Without the nodes and constants that no output needs."""
    needed = {value.name for value in model.graph.output}
    kept: list[Node] = []
    for node in reversed(model.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            kept.append(node)
    constants = [one for one in model.graph.initializer if one.name in needed]
    del model.graph.node[:], model.graph.initializer[:], model.graph.value_info[:]
    model.graph.node.extend(reversed(kept))
    model.graph.initializer.extend(constants)


def _optimise(path: Path) -> None:
    """Keep ONNX Runtime's fusions. Extended ones are the same on every processor; the layouts of
    the level above are not.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    model = onnx.load(path)
    _drop_unused(model)
    used = {node.domain for node in model.graph.node}
    sets = [one for one in model.opset_import if one.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(sets)
    onnx.save(model, path)
