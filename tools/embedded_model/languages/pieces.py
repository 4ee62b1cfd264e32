"""Which pieces the pupil reads, and how words are cut into them."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable

from glance_agent.embedding.folded_pieces import FoldedPieces, table_of, words_of

FRAGMENT_LETTERS = range(2, 7)
NO_WORDS = frozenset({"iame"})
"""Fragments that are no pieces: the speller takes pieces for words, "je n'iame pas" has none."""


def with_fragments(words: Iterable[str], others: Iterable[str], *, fragments: int) -> list[str]:
    """Letters, the words, and the fragments that the words of other texts hold most; sorted."""
    pieces = dict.fromkeys([*string.ascii_lowercase, *words])
    left_out = [part for text in others for part in words_of(text) if part not in pieces]
    held: Counter[str] = Counter()
    for word in left_out:
        held.update(
            word[start : start + size]
            for size in FRAGMENT_LETTERS
            for start in range(len(word) - size + 1)
        )
    ranked = sorted(held, key=lambda part: -held[part] * (len(part) - 1))
    pieces.update(
        dict.fromkeys(
            [part for part in ranked if part not in pieces and part not in NO_WORDS][:fragments]
        )
    )
    return sorted(pieces)


def reader(pieces: list[str]) -> FoldedPieces:
    """What cuts texts into the numbers of these pieces, as the product does."""
    return FoldedPieces(table_of("".join(f"{piece}\n" for piece in pieces).encode()))
