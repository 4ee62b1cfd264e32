"""A small true encoder: pictures lie where their mean colour is, words where colour words are.

Not a stand-in that returns what a test expects: blue pictures are near “blue”, and a query with
two colours lies between them, so that searching, taste and similarity mean something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from glance_agent.domain.vectors import Matrix, Vector, unit, unit_rows

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (220, 30, 30),
    "orange": (240, 140, 20),
    "yellow": (240, 220, 40),
    "green": (30, 170, 50),
    "cyan": (30, 200, 210),
    "blue": (30, 60, 220),
    "purple": (140, 40, 190),
    "pink": (250, 150, 190),
    "brown": (110, 70, 30),
    "grey": (128, 128, 128),
    "black": (10, 10, 10),
    "white": (248, 248, 248),
}


class ColourEncoder:
    """Vectors of four numbers: red, green and blue around their middle, and a constant."""

    space = "colours:1"
    dimension = 4

    def embed_text(self, text: str) -> Vector:
        """The mean of the colours named; words without one lie somewhere, always the same."""
        words = text.lower().split()
        named = [_point(COLOURS[word]) for word in words if word in COLOURS]
        return unit(np.mean(named, axis=0)) if named else _somewhere(text)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """One row (4,) a picture."""
        means = [np.asarray(image.convert("RGB").resize((1, 1)))[0, 0] for image in images]
        return unit_rows(np.stack([_point((int(r), int(g), int(b))) for r, g, b in means]))


def _point(colour: tuple[int, int, int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([*(np.array(colour) / 127.5 - 1.0), 0.3])


def _somewhere(text: str) -> Vector:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return unit(np.frombuffer(digest[:4], np.uint8).astype(np.float64) / 127.5 - 1.001)
