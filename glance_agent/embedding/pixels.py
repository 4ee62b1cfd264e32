"""Pictures as the image tower was trained to see them: fitted, resampled, normalised.

Pillow's bicubic and bilinear are antialiased, as are the references'. Sizes and offsets follow
open_clip and torchvision: the long side is cut down with int() when cropping, rounded when
padding; the centre offset is rounded. Pictures arrive upright, in RGB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glance_agent.embedding.models.catalogue import CatalogueModel, Resample

_FILTERS: Final[dict[Resample, Image.Resampling]] = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS,
}


class Pixels:
    """Turns pictures into the input of one model's image tower."""

    def __init__(self, entry: CatalogueModel) -> None:
        self._size = entry.image_size_px
        self._fit = entry.fit
        self._fill = entry.fill
        self._filter = _FILTERS[entry.resample]
        mean, std = np.asarray(entry.mean, np.float32), np.asarray(entry.std, np.float32)
        scale, shift = (1.0 / (255.0 * std)).astype(np.float32), (mean / std).astype(np.float32)
        levels = np.arange(256, dtype=np.float32)[:, None]
        self._levels = np.ascontiguousarray((levels * scale - shift).T)
        """What becomes of each of the 256 levels of each channel, (3, 256)."""

    def batch(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, 3, S, S), C-contiguous: (RGB / 255 - mean) / std."""
        rows = np.empty((len(images), 3, self._size, self._size), np.float32)
        for row, image in zip(rows, images, strict=True):
            square = np.asarray(self.square(image))
            for channel, levels in enumerate(self._levels):
                row[channel] = levels[square[:, :, channel]]
        return rows

    def square(self, image: Image.Image) -> Image.Image:
        """The picture as an RGB square of the tower's size."""
        image = image if image.mode == "RGB" else image.convert("RGB")
        if self._fit == "squash":
            return self._resized(image, self._size, self._size)
        return self._cropped(image) if self._fit == "crop" else self._padded(image)

    def _padded(self, image: Image.Image) -> Image.Image:
        """All of the picture, its long side filling the square, the fill colour around it."""
        longest = max(image.size)
        width, height = (max(1, round(s * self._size / longest)) for s in image.size)
        if width == height:
            return self._resized(image, width, height)
        canvas = Image.new("RGB", (self._size, self._size), self._fill)
        corner = ((self._size - width) // 2, (self._size - height) // 2)
        canvas.paste(self._resized(image, width, height), corner)
        return canvas

    def _cropped(self, image: Image.Image) -> Image.Image:
        """The middle of the picture, its short side filling the square.

        Only the part that stays is resampled, the same numbers as cutting afterwards: a strip
        of 1 to 4000 would else become a picture of two hundred million pixels on the way.
        """
        shortest, size = min(image.size), self._size
        spans = []
        for side in image.size:
            scaled = max(size, int(side * size / shortest))
            first = round((scaled - size) / 2.0)
            spans.append((first * side / scaled, min(side, (first + size) * side / scaled)))
        (left, right), (top, bottom) = spans
        return image.resize((size, size), self._filter, box=(left, top, right, bottom))

    def _resized(self, image: Image.Image, width: int, height: int) -> Image.Image:
        size = (width, height)
        return image if image.size == size else image.resize(size, self._filter)
