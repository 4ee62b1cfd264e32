"""Which pieces the pupil reads, and how words are cut into them."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable

from glance_agent.embedding.folded_pieces import FoldedPieces, table_of, words_of

FRAGMENT_LETTERS = range(2, 7)


def chosen_pieces(
    first: Iterable[str], frequent: Iterable[str], *, words: int, fragments: int
) -> list[str]:
    """Letters, every word of the texts `first`, the most frequent others up to `words`, and the
    fragments that the words left out hold most; sorted.
    """
    pieces = dict.fromkeys(string.ascii_lowercase)
    for text in first:
        pieces.update(dict.fromkeys(words_of(text)))
    left_out: list[str] = []
    for text in frequent:
        parts = words_of(text)
        if len(pieces) < words:
            pieces.update(dict.fromkeys(parts))
        else:
            left_out += [part for part in parts if part not in pieces]
    held: Counter[str] = Counter()
    for word in left_out:
        held.update(
            word[start : start + size]
            for size in FRAGMENT_LETTERS
            for start in range(len(word) - size + 1)
        )
    ranked = sorted(held, key=lambda part: -held[part] * (len(part) - 1))
    pieces.update(dict.fromkeys([part for part in ranked if part not in pieces][:fragments]))
    return sorted(pieces)


def reader(pieces: list[str]) -> FoldedPieces:
    """What cuts texts into the numbers of these pieces, as the product does."""
    return FoldedPieces(table_of("".join(f"{piece}\n" for piece in pieces).encode()))
