"""Pictures as the image tower was trained to see them: fitted, resampled, normalised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glance_agent.embedding.models.catalogue import CatalogueModel
from glance_agent.pictures.fitting import SquareFit, fitted


class Pixels:
    """Turns pictures into the input of one model's image tower."""

    def __init__(self, entry: CatalogueModel) -> None:
        self.fitting = SquareFit(entry.image_size_px, entry.fit, entry.fill, entry.resample)
        mean, std = np.asarray(entry.mean, np.float32), np.asarray(entry.std, np.float32)
        scale, shift = (1.0 / (255.0 * std)).astype(np.float32), (mean / std).astype(np.float32)
        levels = np.arange(256, dtype=np.float32)[:, None]
        self._levels = np.ascontiguousarray((levels * scale - shift).T)
        """What becomes of each of the 256 levels of each channel, (3, 256)."""

    def batch(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, 3, S, S), C-contiguous: (RGB / 255 - mean) / std."""
        size = self.fitting.size_px
        rows = np.empty((len(images), 3, size, size), np.float32)
        for row, image in zip(rows, images, strict=True):
            square = np.asarray(self.square(image))
            for channel, levels in enumerate(self._levels):
                row[channel] = levels[square[:, :, channel]]
        return rows

    def square(self, image: Image.Image) -> Image.Image:
        """The picture as an RGB square of the tower's size."""
        return fitted(image, self.fitting)
