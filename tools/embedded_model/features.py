"""Features of every picture from the published backbone: the quick stage learns from them."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from tools.embedded_model.augment import normalised, random_view
from tools.embedded_model.backbone import Backbone, load_imagenet
from tools.embedded_model.frozen import Frozen
from tools.embedded_model.prepare import open_images
from tools.embedded_model.progress import Progress
from tools.embedded_model.workplace import arguments

BATCH = 32
CROPS = 2


class Pooled(nn.Module):
    """Backbone, then the mean over places: (N, 3, S, S) to (N, 1280)."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, x: Tensor) -> Tensor:
        return self.backbone(x).mean((2, 3))  # type: ignore[no-any-return]  # nn.Module.__call__ is untyped


def enlarged(pixels: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
    """The whole picture (H, W, 3), squashed to a square of that side as the program does it."""
    return np.asarray(Image.fromarray(pixels).resize((size_px, size_px), Image.Resampling.BICUBIC))


def view(
    pixels: NDArray[np.uint8], kind: str, chance: np.random.Generator, size_px: int
) -> NDArray[np.uint8]:
    """The picture as it is ("plain"), mirrored ("flip") or a random view of it (anything else)."""
    if kind == "plain":
        return enlarged(pixels, size_px)
    if kind == "flip":
        return enlarged(pixels, size_px)[:, ::-1]
    return random_view(pixels, chance, size_px)


def extract(
    images: NDArray[np.uint8], network: Frozen, kind: str, size_px: int
) -> NDArray[np.float16]:
    """Features (N, 1280) of one view of every picture."""
    chance = np.random.default_rng([size_px, *kind.encode()])
    done = np.zeros((len(images), 1280), np.float16)
    progress = Progress(f"features {kind} {size_px} px", len(images))
    for start in range(0, len(images), BATCH):
        batch = np.stack([view(p, kind, chance, size_px) for p in images[start : start + BATCH]])
        done[start : start + BATCH] = network.run(normalised(batch))
        progress.show(min(start + BATCH, len(images)))
    return done


def main(options: argparse.Namespace) -> None:
    """Write features-<size>-<view>.npy for every view asked for."""
    backbone = Backbone()
    load_imagenet(backbone, options.weights)
    work: Path = options.work
    images = open_images(work)
    for size_px, kind in (spec.split(":") for spec in options.views):
        side = int(size_px)
        network = Frozen(
            Pooled(backbone), torch.zeros(1, 3, side, side), work / f"frozen-{side}.onnx"
        )
        np.save(work / f"features-{side}-{kind}.npy", extract(images, network, kind, side))


if __name__ == "__main__":
    parser = arguments("features of the published backbone")
    parser.add_argument(
        "--weights", type=Path, required=True, help="efficientnet-lite0-57934424.pth"
    )
    views = ["128:plain", "128:flip", "128:crop1", "128:crop2"]
    parser.add_argument(
        "--views", nargs="+", default=views, help="size:view, view one of plain, flip, crop<n>"
    )
    main(parser.parse_args())
