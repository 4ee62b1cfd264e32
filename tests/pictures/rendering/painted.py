"""Pictures that tests render."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from glance_agent.domain.frame import Frame
from glance_agent.sources.starter import folder


def pixels(frame: Frame) -> Image.Image:
    return Image.open(BytesIO(frame.data)).convert("RGB")


def starter(name: str) -> Image.Image:
    """A picture of the starter gallery."""
    return Image.open(folder() / f"{name}.webp").convert("RGB")


def noise(size: tuple[int, int], seed: int = 0) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


def near(pixel: object, colour: tuple[int, int, int], off: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= off for a, b in zip(pixel, colour, strict=True))


def sunset(size: tuple[int, int] = (120, 90)) -> Image.Image:
    """A bright sky over dark water, with a sun on the left."""
    width, height = size
    ramp = Image.linear_gradient("L").resize((width, height * 2 // 3))
    warm = [ramp.point(lambda v, high=high: v * high // 255) for high in (250, 170, 80)]
    image = Image.new("RGB", size, (30, 22, 48))
    image.paste(Image.merge("RGB", warm), (0, 0))
    draw = ImageDraw.Draw(image)
    sun = height // 8
    draw.ellipse((width // 4 - sun, height // 2 - sun, width // 4 + sun, height // 2 + sun),
                 fill=(255, 244, 214))  # fmt: skip
    return image


def drawing(size: tuple[int, int] = (90, 120)) -> Image.Image:
    """A few dark lines on light paper."""
    image = Image.new("RGB", size, (232, 226, 210))
    draw = ImageDraw.Draw(image)
    for number in range(5):
        at = size[0] * (number + 1) // 6
        draw.line((at, size[1] // 4, size[0] - at, size[1] * 3 // 4), fill=(60, 50, 46), width=3)
    return image


def colours_of(image: Image.Image) -> set[object]:
    """Every colour that occurs."""
    return {colour for _, colour in image.getcolors(image.width * image.height) or ()}
