"""What labels in English call a thing that is asked for in another language: “Schnee” is “snow”."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

IN_ENGLISH: Final = Path(__file__).with_name("in_english.txt")
"""A folded word, and what it is in English, in a line each; words that mean it together are joined
by a low line, on either side. `tools/label_words.py` makes it."""
MOST_JOINED = 3
"""So many words may mean something together."""
Meanings = tuple[tuple[str, ...], ...]
"""What is meant, each in its words, the likeliest first."""


def in_english(*words: str) -> Meanings:
    """What folded words of another language are in English, taken together; nothing where that is
    not known."""
    return tuple(tuple(each.split("_")) for each in _known().get("_".join(words), ()))


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Read when first asked for."""
    lines = (line.split() for line in IN_ENGLISH.read_text(encoding="utf-8").splitlines())
    return {word: tuple(meant) for word, *meant in lines}
