"""Words that people write: of English, and of all languages that the package's model reads."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from glance_agent.embedding.folded_pieces import FoldedPieces
from glance_agent.embedding.models.catalogue import EMBEDDED

_ENGLISH = Path(__file__).with_name("english_words.txt")
_SHORTEST = 3


@lru_cache(maxsize=1024)
def is_word(word: str) -> bool:
    """Whether a folded word is one that people write, so that it is not misspelt.

    It is one of English, or the model has it in one piece, be it with ae for ä.
    """
    if len(word) < _SHORTEST or not (word.isascii() and word.isalpha()):
        return False
    in_english = _read(_ENGLISH).number(word) is not None
    return in_english or len(_read(EMBEDDED / "tokenizer.txt").ids(word, 2)) == 1


@cache
def _read(path: Path) -> FoldedPieces:
    """Read when first asked for."""
    return FoldedPieces.read(path)
