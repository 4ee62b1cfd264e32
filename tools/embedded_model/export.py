"""From a checkpoint to the files that ship, in 8 bits; the same in floats beside them."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer
from torch import nn

from tools.embedded_model.augment import DEVIATION, MEAN, normalised
from tools.embedded_model.backbone import load_imagenet
from tools.embedded_model.features import enlarged
from tools.embedded_model.frozen import write_onnx
from tools.embedded_model.prepare import open_images
from tools.embedded_model.slim import slim
from tools.embedded_model.towers import DIMENSION, LONGEST_TEXT, ImageTower, TextTower
from tools.embedded_model.workplace import EMBEDDED, arguments

SIZE_PX = 128
CALIBRATION_PICTURES = 320
CALIBRATION_BATCH = 8
KEPT_IN_FLOATS = (
    "/backbone/stem",
    "/backbone/blocks/blocks.0/",
    "/head/colour",
    "/head/norm",
    "/head/out",
    "/shrink",
)
LARGEST_BATCH = 16
TOKENIZER = "tokenizer.txt"
PROBES = {  # inputs that differ in every free dimension
    "image.onnx": [{"pixel_values": np.zeros((n, 3, SIZE_PX, SIZE_PX), "f4")} for n in (1, 2)],
    "text.onnx": [{"input_ids": np.ones((n, 2 * n + 3), np.int64)} for n in (1, 2, 3)],
}
TITLE = "Glance mini, in the package: mood, colour, style and genre"
LICENCE = "MIT; begun from EfficientNet-Lite0, taught by MiniLM and MobileNetV2 (Apache-2.0)"


class Pictures(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime ships no types
    """Batches of training pictures, squashed and normalised as at run time."""

    def __init__(self, images: NDArray[np.uint8], size_px: int) -> None:
        chosen = np.random.default_rng(3).choice(len(images), CALIBRATION_PICTURES, replace=False)
        self._left = [
            sorted(part)
            for part in np.array_split(chosen, CALIBRATION_PICTURES // CALIBRATION_BATCH)
        ]
        self._images, self._size_px = images, size_px

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next batch, or None after the last."""
        if not self._left:
            return None
        pictures = [enlarged(self._images[number], self._size_px) for number in self._left.pop()]
        return {"pixel_values": normalised(np.stack(pictures))}


def export_image(
    tower: ImageTower, images: NDArray[np.uint8], folder: Path, floats: Path, size_px: int
) -> None:
    """Write image.onnx in 8 bits into `folder` and in floats into `floats`."""
    example = torch.zeros(1, 3, size_px, size_px)
    axes = {"pixel_values": {0: "n"}, "image_embeds": {0: "n"}}
    write_onnx(
        tower,
        example,
        floats / "image.onnx",
        names=("pixel_values", "image_embeds"),
        free_axes=axes,
    )
    prepared = floats / "image-prepared.onnx"
    quant_pre_process(floats / "image.onnx", prepared)
    names = [node.name for node in onnx.load(prepared).graph.node]
    quantize_static(
        prepared,
        folder / "image.onnx",
        Pictures(images, size_px),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Gemm", "MatMul", "Clip", "Relu"],
        nodes_to_exclude=[name for name in names if name.startswith(KEPT_IN_FLOATS)],
        per_channel=True,
        reduce_range=True,  # 7-bit weights: AVX2 without VNNI saturates on sums of full ones
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
    )


def export_text(tower: nn.Module, folder: Path, floats: Path) -> None:
    """Write text.onnx in 8 bits into `folder` and in floats into `floats`."""
    axes = {"input_ids": {0: "n", 1: "length"}, "text_embeds": {0: "n"}}
    example = torch.zeros(1, 5, dtype=torch.long)
    write_onnx(
        tower, example, floats / "text.onnx", names=("input_ids", "text_embeds"), free_axes=axes
    )
    prepared = floats / "text-prepared.onnx"
    quant_pre_process(floats / "text.onnx", prepared, skip_symbolic_shape=True)
    quantize_dynamic(
        prepared,
        folder / "text.onnx",
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )


def entry(folder: Path, *, tokenizer: str, title: str, licence: str) -> str:
    """The catalogue entry, as TOML; its revision is a digest of the weights."""
    names = (*PROBES, TOKENIZER)
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    revision = hashlib.sha256("".join(digests.values()).encode()).hexdigest()[:12]
    lines = [
        "# The model inside the package. Written by tools/embedded_model/export.py.",
        'name = "glance-mini"',
        f'title = "{title}"',
        f'revision = "{revision}"',
        f"dimension = {DIMENSION}",
        f"image_size_px = {SIZE_PX}",
        'fit = "squash"',
        'resample = "bicubic"',
        f"mean = {list(MEAN)}",
        f"std = {list(DEVIATION)}",
        'image_input = "pixel_values"',
        'image_output = "image_embeds"',
        'text_input = "input_ids"',
        'text_output = "text_embeds"',
        f'tokenizer = "{tokenizer}"',
        "text_threads = 1",
        f"context_length = {LONGEST_TEXT}",
        'pad_rule = "none"',
        f"max_batch = {LARGEST_BATCH}",
        f'licence = "{licence}"',
    ]
    for name in names:
        bytes_ = (folder / name).stat().st_size
        lines += ["", f'[files."{name}"]', f'sha256 = "{digests[name]}"', f"bytes = {bytes_}"]
        if name.endswith(".onnx"):
            lines.append("quantised = true")
    return "\n".join(lines) + "\n"


def towers(options: argparse.Namespace, size_px: int) -> tuple[ImageTower, TextTower]:
    """Both towers: from train.pt, else (--provisional) the published backbone with
    what `teach` learnt.
    """
    work: Path = options.work
    image = ImageTower(size_px=size_px)
    text = TextTower(torch.load(work / "table.pt", weights_only=True))
    taught = torch.load(
        work / ("teach.pt" if options.provisional else options.checkpoint), weights_only=True
    )
    if options.provisional:
        load_imagenet(image.backbone, options.weights)
        image.head.load_state_dict(_under(taught, "lean."))
    else:
        image.load_state_dict(_under(taught, "image."))
    text.load_state_dict(_under(taught, "text."))
    return image, text


def _under(state: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {
        key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)
    }


def main(options: argparse.Namespace) -> None:
    """Write everything."""
    folder: Path = options.out
    floats: Path = options.work / "fp32"
    for place in (folder, floats):
        place.mkdir(parents=True, exist_ok=True)
    image, text = towers(options, SIZE_PX)
    export_image(image, open_images(options.work), folder, floats, SIZE_PX)
    export_text(text, folder, floats)
    pieces = Tokenizer.from_file(str(options.work / "tokenizer.json")).get_vocab()
    for place in (folder, floats):
        finish(place, pieces)


def finish(folder: Path, pieces: dict[str, int]) -> None:
    """Slim the graphs of a folder and write its word pieces, one a line, and its entry."""
    for name, probes in PROBES.items():
        slim(folder / name, probes)
    lines = sorted(pieces, key=pieces.__getitem__)
    (folder / TOKENIZER).write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = entry(folder, tokenizer="letters", title=TITLE, licence=LICENCE)
    (folder / "entry.toml").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    parser = arguments("write the files that ship")
    parser.add_argument("--out", type=Path, default=EMBEDDED, help="folder of the shipped files")
    parser.add_argument("--checkpoint", default="train.pt", help="file in the work folder")
    parser.add_argument("--provisional", action="store_true", help="export the result of `teach`")
    parser.add_argument(
        "--weights", type=Path, help="efficientnet-lite0-57934424.pth, for --provisional"
    )
    main(parser.parse_args())
