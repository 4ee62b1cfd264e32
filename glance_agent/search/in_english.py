"""What labels in English call a thing that is asked for in another language: “Schnee” is “snow”."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

IN_ENGLISH: Final = Path(__file__).with_name("in_english.txt")
"""A folded word, and what it is in English, in a line each; `tools/label_words.py` makes it."""


def in_english(word: str) -> tuple[str, ...]:
    """What a folded word of another language is in English; nothing where that is not known."""
    return _known().get(word, ())


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Read when first asked for."""
    lines = (line.split() for line in IN_ENGLISH.read_text(encoding="utf-8").splitlines())
    return {word: tuple(meant) for word, *meant in lines}
