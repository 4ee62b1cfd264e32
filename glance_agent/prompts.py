"""How words are put to a model: short wishes inside a few sentences about art, averaged."""

from __future__ import annotations

import re

SHORT_WORDS = 3
TEMPLATES = ("{}", "a painting of {}", "art of {}")
RAW = ("{}",)

_SENTENCE = re.compile(r"\b(?:a|an|the)\b", re.IGNORECASE)
_WANTS_TEMPLATES = ("clip-vit",)
"""Models of these names gain from sentences around short words; the others read them raw.

OpenAI's models were published with such sentences (https://arxiv.org/abs/2103.00020).
"""


def normalised(words: str) -> str:
    """The words as the key of a cache: case and white space do not matter to any model here."""
    return " ".join(words.casefold().split())


def prompts_for(space: str, words: str) -> tuple[str, ...]:
    """The sentences whose mean vector stands for the words, in the space of a model."""
    said = normalised(words)
    short = len(said.split()) <= SHORT_WORDS and not _SENTENCE.search(said)
    templates = TEMPLATES if short and space.startswith(_WANTS_TEMPLATES) else RAW
    return tuple(template.format(said) for template in templates)
