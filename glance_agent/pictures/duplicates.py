"""The same work twice: told by how a picture looks and what it means together, never by one alone.

A look is two 64-bit difference hashes (Krawetz 2013), one of rows and one of columns: scaling,
compressing and brightening a picture change few of the 128 bits. A work joins the group of the
one work that represents it, never that of another member, so that groups cannot grow by chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from glance_agent.domain.items import Look
from glance_agent.domain.vectors import Matrix, Vector

ALIKE = 0.9
"""The least cosine of the vectors of two pictures of one work."""
MOST_BITS = 16
"""How many of the 128 bits of their looks may differ."""
MOST_STRETCH = 1.08
"""How much their proportions may differ."""
LEAST_DETAIL = 2.0
"""Mean difference of neighbouring greys (0-255) below which a look says nothing."""


def look_of(image: Image.Image) -> Look | None:
    """The look of a picture; None where it is nearly of one colour and could be any other."""
    small = image.reduce(max(1, min(image.size) // 72)).convert("L")
    across, down = _greys(small, 9, 8), _greys(small, 8, 9)
    rows, columns = np.diff(across, axis=1), np.diff(down, axis=0)
    if (np.abs(rows).mean() + np.abs(columns).mean()) / 2 < LEAST_DETAIL:
        return None
    bits = np.packbits(np.concatenate([(rows > 0).ravel(), (columns > 0).ravel()]))
    return Look(bits.tobytes(), image.width / image.height)


def candidates(vector: Vector, ids: Sequence[str], matrix: Matrix, but: str) -> list[str]:
    """The ids whose vectors (m, d) mean nearly the same as this one (d,), the nearest first."""
    if not ids:
        return []
    cosines = matrix @ vector
    near = np.flatnonzero(cosines >= ALIKE)
    return [ids[row] for row in near[np.argsort(-cosines[near])] if ids[row] != but]


def duplicate_of(look: Look, others: Mapping[str, Look]) -> str | None:
    """Which of these works is the same as the one that looks so; the most alike, or None."""
    found = [(distance(look, other), name) for name, other in others.items()]
    alike = [(bits, name) for bits, name in found if bits <= MOST_BITS]
    return min(alike)[1] if alike else None


def distance(one: Look, other: Look) -> int:
    """How many bits two looks differ by; all of them where their proportions differ."""
    stretch = one.ratio / other.ratio
    if not 1 / MOST_STRETCH <= stretch <= MOST_STRETCH:
        return 8 * len(one.bits)
    return (int.from_bytes(one.bits) ^ int.from_bytes(other.bits)).bit_count()


def _greys(
    image: Image.Image, width: int, height: int
) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), dtype=np.int16)
