"""How a picture looks, in so few bits that copies of it can be told by them.

A look is two 64-bit difference hashes (Krawetz 2013), one of rows and one of columns: scaling,
compressing and brightening a picture change few of the 128 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glance_agent.domain.items import Look

if TYPE_CHECKING:
    from PIL import Image

LEAST_DETAIL = 2.0
"""Mean difference of neighbouring greys (0-255) below which a look says nothing."""


def look_of(image: Image.Image, ratio: float | None = None) -> Look | None:
    """The look of a picture; None where it is nearly of one colour and could be any other.

    `ratio` is its width by its height, where it has been squashed since.
    """
    factor = max(1, min(image.size) // 72)
    small = (image.reduce(factor) if factor > 1 else image).convert("L")
    across, down = _greys(small, 9, 8), _greys(small, 8, 9)
    rows, columns = np.diff(across, axis=1), np.diff(down, axis=0)
    if (np.abs(rows).mean() + np.abs(columns).mean()) / 2 < LEAST_DETAIL:
        return None
    bits = np.packbits(np.concatenate([(rows > 0).ravel(), (columns > 0).ravel()]))
    return Look(bits.tobytes(), ratio or image.width / image.height)


def turned(look: Look) -> list[Look]:
    """The looks of the same picture turned and mirrored in the seven other ways.

    Where a difference changes its sign, what was no difference counts as one: few bits.
    """
    rows, columns = np.unpackbits(np.frombuffer(look.bits, np.uint8)).reshape(2, 8, 8)
    found = []
    for across, down, ratio in (
        (rows, columns, look.ratio),
        (columns.T, rows.T, 1 / look.ratio),
    ):
        for flipped in ((across, down), (1 - across[:, ::-1], down[:, ::-1])):
            for one, other in (flipped, (flipped[0][::-1], 1 - flipped[1][::-1])):
                bits = np.packbits(np.concatenate([one.ravel(), other.ravel()]))
                found.append(Look(bits.tobytes(), ratio))
    return found[1:]


def _greys(
    image: Image.Image, width: int, height: int
) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    from PIL import Image  # whoever only compares looks decodes nothing

    return np.asarray(image.resize((width, height), Image.Resampling.BOX), dtype=np.int16)
