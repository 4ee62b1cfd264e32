"""Random views of a picture: crops, some stretching, mirror images, mild changes of colour."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

MEAN = (0.5, 0.5, 0.5)
DEVIATION = (0.5, 0.5, 0.5)
SMALLEST_AREA = 0.5
STRETCH = (
    1.45  # the program squashes whole pictures to a square; training sees crops stretched likewise
)
Floats = NDArray[np.float32]


def normalised(pixels: NDArray[np.uint8]) -> Floats:
    """uint8 (..., H, W, 3) to float32 (..., 3, H, W) as the network wants it."""
    mean, deviation = np.asarray(MEAN, np.float32), np.asarray(DEVIATION, np.float32)
    scaled = (pixels.astype(np.float32) / 255 - mean) / deviation
    return np.ascontiguousarray(np.moveaxis(scaled, -1, -3))


def random_view(
    pixels: NDArray[np.uint8], chance: np.random.Generator, size_px: int
) -> NDArray[np.uint8]:
    """A view (size_px, size_px, 3) of a picture (H, W, 3)."""
    view = _crop(Image.fromarray(pixels), chance, size_px)
    if chance.random() < 0.5:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    view = ImageEnhance.Brightness(view).enhance(chance.uniform(0.9, 1.1))
    view = ImageEnhance.Color(view).enhance(chance.uniform(0.85, 1.15))
    return np.asarray(view)


def _crop(picture: Image.Image, chance: np.random.Generator, size_px: int) -> Image.Image:
    area = chance.uniform(SMALLEST_AREA, 1.0)
    stretch = math.exp(chance.uniform(-math.log(STRETCH), math.log(STRETCH)))
    wide = min(1.0, math.sqrt(area * stretch)) * picture.width
    high = min(1.0, math.sqrt(area / stretch)) * picture.height
    left = chance.uniform(0, picture.width - wide)
    top = chance.uniform(0, picture.height - high)
    box = (left, top, left + wide, top + high)
    return picture.resize((size_px, size_px), Image.Resampling.BICUBIC, box=box)
