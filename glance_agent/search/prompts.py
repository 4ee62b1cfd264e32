"""How words are put to a model: short wishes inside a few sentences about art, averaged."""

from __future__ import annotations

import re

SHORT_WORDS = 3
TEMPLATES = ("{}", "a painting of {}", "art of {}")
RAW = ("{}",)

_SENTENCE = re.compile(r"\b(?:a|an|the)\b", re.IGNORECASE)
_WANTS_TEMPLATES = ("clip-vit",)
"""Models of these names gain from sentences around short words; the others read them raw.

`python -m tools.evaluation --model NAME` measures both ways; `docs/search.md` has what it said of
the embedded model. Of models that were not measured, what their makers say holds: OpenAI's were
published with such sentences (https://arxiv.org/abs/2103.00020).
"""


def normalised(words: str) -> str:
    """The words as the key of a cache: case and white space do not matter to any model here."""
    return " ".join(words.casefold().split())


def is_short(words: str) -> bool:
    """Whether the words are a few key words rather than a sentence."""
    return len(words.split()) <= SHORT_WORDS and not _SENTENCE.search(words)


def prompts_for(space: str, words: str) -> tuple[str, ...]:
    """The sentences whose mean vector stands for the words, in the space of a model."""
    said = normalised(words)
    templates = TEMPLATES if is_short(said) and space.startswith(_WANTS_TEMPLATES) else RAW
    return tuple(template.format(said) for template in templates)
