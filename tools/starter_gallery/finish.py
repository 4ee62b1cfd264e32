"""The last steps: light on the relief, the ground's texture, and the file."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from .easel import Easel
from .noise import Array, blur, fbm

MAX_BYTES = 58_000


def _as_image(colour: Array) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(colour, 0, 1) * 255).astype(np.uint8))


def on_canvas(easel: Easel, depth: float = 0.5) -> Image.Image:
    """Oil: side light from the upper left on the paint's relief, over a woven ground."""
    soft = blur(easel.relief, 0.6)
    light = np.clip(_slope(soft) * depth, -0.11, 0.11)
    weave = _weave(easel) * 0.010
    return _as_image(easel.colour * (1 + light + weave)[..., None])


def _slope(relief: Array) -> Array:
    down, across = (np.asarray(part) for part in np.gradient(relief))
    slope: Array = -(down + across)
    return slope


def _weave(easel: Easel) -> Array:
    step = 2 * np.pi / 5.0
    rows = np.sin(np.arange(easel.height_px) * step)[:, None]
    columns = np.sin(np.arange(easel.width_px) * step)[None, :]
    weave: Array = rows * columns
    return weave


def on_paper(easel: Easel, grain: float = 0.03) -> Image.Image:
    """Watercolour or print: fine paper grain and slightly uneven pigment."""
    rng = np.random.default_rng(easel.seed + 1)
    across, down = easel.width_px / 6, easel.height_px / 6
    fibre = fbm(rng, easel.shape, (across, down), 2) - 0.5
    cloudy = fbm(rng, easel.shape, (7, 7), 4) - 0.5
    return _as_image(easel.colour * (1 + grain * fibre + 0.05 * cloudy)[..., None])


def encoded(picture: Image.Image, max_bytes: int = MAX_BYTES) -> bytes:
    """WebP bytes at the best quality (40..88) that stays within `max_bytes`."""
    low, high = 40, 88
    best = _webp(picture, low)
    while low < high:
        middle = (low + high + 1) // 2
        data = _webp(picture, middle)
        if len(data) <= max_bytes:
            low, best = middle, data
        else:
            high = middle - 1
    return best


def _webp(picture: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=quality, method=6)
    return stream.getvalue()
