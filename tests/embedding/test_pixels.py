"""Pictures as arrays, against an antialiased resampling that is written out here in numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from glance_agent.embedding.models.catalogue import CatalogueModel, find
from glance_agent.embedding.pixels import Pixels

Array = NDArray[np.float64]
ORDERS = ("across first", "down first")  # newer Pillows take the cheaper one
SIZES = [(640, 480), (301, 777), (50, 40), (33, 500), (224, 224)]


def cubic(x: Array) -> Array:
    """Keys' kernel with a = -0.5."""
    x = np.abs(x)
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def triangle(x: Array) -> Array:
    return np.maximum(0.0, 1.0 - np.abs(x))


def resampling(source: int, target: int, kind: str) -> Array:
    """The (target, source) matrix of one pass; the kernel widens where the picture shrinks."""
    kernel, reach = (cubic, 2.0) if kind == "bicubic" else (triangle, 1.0)
    step = source / target
    width = max(step, 1.0)
    columns, centres = np.arange(source)[None], (np.arange(target)[:, None] + 0.5) * step
    inside = (columns >= np.trunc(centres - reach * width + 0.5)) & (
        columns < np.trunc(centres + reach * width + 0.5)
    )
    weights = np.where(inside, kernel((columns - centres + 0.5) / width), 0.0)
    normal: Array = weights / weights.sum(axis=1, keepdims=True)
    return normal


def levels(pixels: Array) -> Array:
    return np.clip(np.floor(pixels + 0.5), 0, 255)


def resized(pixels: Array, width: int, height: int, kind: str, order: str) -> Array:
    """(height, width, 3), rounded to whole levels after each pass."""
    across = resampling(pixels.shape[1], width, kind)
    down = resampling(pixels.shape[0], height, kind)
    planes = pixels.transpose(2, 0, 1)
    if order == "across first":
        done = levels(down @ levels(planes @ across.T))
    else:
        done = levels(levels(down @ planes) @ across.T)
    return done.transpose(1, 2, 0)


def expected(picture: Image.Image, entry: CatalogueModel, order: str) -> Array:
    """float (3, S, S): fitted, resampled and normalised as the references do."""
    size, (width, height) = entry.image_size_px, picture.size
    pixels = np.asarray(picture, np.float64)
    if entry.fit == "squash":
        square = resized(pixels, size, size, entry.resample, order)
    elif entry.fit == "crop":
        ratio = size / min(width, height)
        wide, high = max(size, int(width * ratio)), max(size, int(height * ratio))
        left, top = round((wide - size) / 2), round((high - size) / 2)
        scaled = resized(pixels, wide, high, entry.resample, order)
        square = scaled[top : top + size, left : left + size]
    else:
        ratio = size / max(width, height)
        wide, high = max(1, round(width * ratio)), max(1, round(height * ratio))
        square = np.tile(np.array(entry.fill, np.float64), (size, size, 1))
        left, top = (size - wide) // 2, (size - high) // 2
        scaled = resized(pixels, wide, high, entry.resample, order)
        square[top : top + high, left : left + wide] = scaled
    seen: Array = ((square / 255.0 - np.array(entry.mean)) / np.array(entry.std)).transpose(2, 0, 1)
    return seen


def noise(size: tuple[int, int]) -> Image.Image:
    """A picture with smooth areas, edges and grain."""
    chance = np.random.default_rng(size[0])
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    waves = 127 + 90 * np.sin(x / 17)[..., None] * np.cos(y / 11)[..., None]
    grain = chance.integers(-30, 30, (size[1], size[0], 3))
    edge = np.where((x > size[0] // 2)[..., None], 40, 0)
    return Image.fromarray(np.clip(waves + grain + edge, 0, 255).astype(np.uint8))


def entry(**changes: Any) -> CatalogueModel:
    return CatalogueModel.model_validate({**find("clip-vit-b32").model_dump(), **changes})


def difference(
    found: NDArray[np.float32], wanted: Array, model: CatalogueModel
) -> tuple[float, float]:
    """The mean and the largest difference, in levels of 255."""
    off = np.abs(found - wanted) * np.array(model.std)[:, None, None] * 255.0
    return float(off.mean()), float(off.max())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fit", ["pad", "squash", "crop"])
@pytest.mark.parametrize("resample", ["bicubic", "bilinear"])
def test_pixels_match_the_reference(size: tuple[int, int], fit: str, resample: str) -> None:
    model, picture = entry(fit=fit, resample=resample), noise(size)
    found = Pixels(model).batch([picture])[0]
    mean, largest = min(
        difference(found, expected(picture, model, order), model) for order in ORDERS
    )
    assert mean < 0.02
    assert largest < 1.01  # Pillow's fixed-point weights may round a level otherwise


@pytest.mark.parametrize("size", SIZES)
def test_normalisation_is_exact(size: tuple[int, int]) -> None:
    model, picture = entry(fit="squash"), noise(size)
    square = np.asarray(Pixels(model).square(picture), np.float64)
    wanted = (square / 255.0 - np.array(model.mean)) / np.array(model.std)
    found = Pixels(model).batch([picture])[0].transpose(1, 2, 0)
    np.testing.assert_allclose(found, wanted, atol=2e-6)


def test_batches_are_contiguous_float32() -> None:
    rows = Pixels(find("siglip-b16")).batch([noise((40, 30))] * 3)
    assert rows.dtype == np.float32
    assert rows.shape == (3, 3, 224, 224)
    assert rows.flags.c_contiguous
    assert rows.min() >= -1.0
    assert rows.max() <= 1.0


@pytest.mark.parametrize("size", [(1, 4000), (4000, 1), (1, 1), (3, 2)])
@pytest.mark.parametrize("fit", ["pad", "squash", "crop"])
def test_the_thinnest_pictures_have_pixels(size: tuple[int, int], fit: str) -> None:
    rows = Pixels(entry(fit=fit)).batch([Image.new("RGB", size, (200, 100, 50))])
    assert rows.shape == (1, 3, 224, 224)
    assert np.isfinite(rows).all()


def test_padding_keeps_the_whole_picture_in_the_middle() -> None:
    square = Pixels(entry(fill=(1, 2, 3))).square(Image.new("RGB", (100, 50), (200, 100, 50)))
    assert square.getpixel((0, 0)) == (1, 2, 3)
    assert square.getpixel((112, 55)) == (1, 2, 3)
    assert square.getpixel((0, 56)) == (200, 100, 50)
    assert square.getpixel((223, 167)) == (200, 100, 50)
    assert square.getpixel((112, 168)) == (1, 2, 3)


def test_other_modes_are_read_as_rgb() -> None:
    grey = Pixels(entry()).square(Image.new("L", (300, 300), 128))
    assert grey.mode == "RGB"
    assert math.prod(grey.size) == 224 * 224
