"""Hashes of ids that are the same in every process, so that what is found by them can be kept.

Eight bytes at a time are multiplied by a number of which every bit hangs on many others, the golden
section's (Knuth, “The Art of Computer Programming”, volume 3, 6.4), and folded. Many ids are
hashed at once by numpy, a single one without.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_FACTOR = 0x9E3779B97F4A7C15
_BYTES = 8
_BITS = 64
_MASK = (1 << _BITS) - 1


def hash_of(artwork_id: str) -> int:
    """The hash of one id, as a signed number of 64 bits."""
    letters = artwork_id.encode()
    found = len(letters) * _FACTOR & _MASK
    for start in range(0, len(letters), _BYTES):
        word = int.from_bytes(letters[start : start + _BYTES], "little")
        found = (found ^ word) * _FACTOR & _MASK
        found ^= found >> _BITS // 2
    return found - (1 << _BITS) if found >> _BITS - 1 else found


def hashes_of(ids: Sequence[str]) -> NDArray[np.int64]:
    """The hashes of many ids (m,)."""
    if not ids:
        return np.empty(0, np.int64)
    letters = [artwork.encode() for artwork in ids]
    lengths = np.fromiter(map(len, letters), np.int64, len(letters))
    words = max(1, -(-int(lengths.max()) // _BYTES))
    table = np.array(letters, f"S{words * _BYTES}").view("<u8").reshape(len(letters), words)
    factor, half = np.uint64(_FACTOR), np.uint64(_BITS // 2)
    found = lengths.astype(np.uint64) * factor
    for word in range(words):
        mixed = (found ^ table[:, word]) * factor
        mixed ^= mixed >> half
        found = np.where(lengths > word * _BYTES, mixed, found)
    return found.view(np.int64)
