"""Texts that name each style and genre, for telling classes apart by their names."""

from __future__ import annotations

from tools.embedded_model.records import GENRES, STYLES
from tools.embedded_model.words import GENRE_WORDS, STYLE_WORDS

FORMS = ("{} painting", "{}", "a {} picture")


def _prompts(classes: tuple[str, ...], words: dict[str, tuple[str, ...]]) -> list[list[str]]:
    """The two commonest names of each class in three forms."""
    return [[form.format(word) for word in words[name][:2] for form in FORMS] for name in classes]


STYLE_PROMPTS = _prompts(STYLES, STYLE_WORDS)
GENRE_PROMPTS = _prompts(GENRES, GENRE_WORDS)
