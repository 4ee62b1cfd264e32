"""Pictures as they should be: small PNG files, compared with what is made now.

With GLANCE_NEW_GOLDEN=1 they are written instead: look at them before they are committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parent / "golden"
OFF = 3.0
"""So much, of 255, may a picture be off on average: versions of Pillow round differently."""
LOCAL_OFF = 14.0
"""So much may any square of four pixels be off."""


def assert_golden(image: Image.Image, name: str) -> None:
    """The picture looks like the kept one of this name."""
    file = FOLDER / f"{name}.png"
    if os.environ.get("GLANCE_NEW_GOLDEN"):
        image.convert("RGB").quantize(128).save(file, optimize=True)
    with Image.open(file) as kept:
        expected, found = _values(kept), _values(image)
    assert found.shape == expected.shape
    off = np.abs(found - expected)
    assert off.mean() <= OFF, f"{name} is off by {off.mean():.1f} on average"
    squares = off[: off.shape[0] // 4 * 4, : off.shape[1] // 4 * 4]
    squares = squares.reshape(off.shape[0] // 4, 4, off.shape[1] // 4, 4, 3).mean(axis=(1, 3, 4))
    assert squares.max() <= LOCAL_OFF, f"{name} is off by {squares.max():.1f} somewhere"


def _values(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(image.convert("RGB"), dtype=np.float64)
