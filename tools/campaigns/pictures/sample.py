"""One file of the corpus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True, slots=True)
class Sample:
    """A file: what is wrong with it in a word, its name, and what makes it."""

    kind: str
    name: str
    make: Callable[..., bytes]


def painting(size: tuple[int, int] = (160, 120), seed: int = 3) -> Image.Image:
    """A smooth picture of many colours."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
